//! Messages and frames of a relayed connection.

use std::{collections::BTreeMap, num::NonZeroU64, time::Duration};

use relay::{Command, Direction, EndCause, Event, Fragments, Frame, Kind, Side};
use session::State;
use workbench::{
    compose::{Draft, Form, Framing, Repetition},
    connect::Target,
    engine::{ComposerCommand, ConnectionCommand, LogCommand, NotSent, Output, Report, Snapshot},
    exchange::Format,
    log::{LogEvent, MAX_KEPT_ENTRIES, Query, RowContent, RowContent::Event as EventRow},
    relay::ControlKind,
};

use super::{FIRST, commands, control, ended, opened, ready, received, sent};
use crate::harness::{Bench, HOME, text};

#[test]
fn messages_and_control_frames_come_and_go() {
    let mut bench = Bench::relayed();
    bench.relays(&[
        received(1, Kind::Text, "안녕".as_bytes()),
        received(9, Kind::Binary, b"there?"),
        received(2, Kind::Binary, &[0, 255]),
    ]);
    let rows = bench.rows();
    assert!(
        matches!(
            &rows[2..],
            [
                RowContent::Message { size: 6, .. },
                EventRow(LogEvent::Control(frame)),
                RowContent::Message { size: 2, .. },
            ] if frame.kind == ControlKind::Ping && frame.payload == b"there?"
        ),
        "{rows:?}"
    );
    let calls = bench.command(ComposerCommand::Send(text("hi")));
    let message = relay::Message {
        kind: Kind::Text,
        compress: true,
        fragments: Fragments::NONE,
        payload: b"hi",
    };
    assert_eq!(commands(&calls), [Command::Message(message)]);
}

#[test]
fn control_frames_are_listed_or_not() {
    let mut bench = Bench::relayed();
    bench.relays(&[received(9, Kind::Binary, b"there?"), received(1, Kind::Text, b"hi")]);
    assert_eq!(bench.rows().len(), 4);
    let mut query = Query::default();
    query.which.frames = false;
    bench.command(LogCommand::Find(query.clone()));
    let rows = bench.rows();
    assert!(!rows.iter().any(|row| matches!(row, EventRow(LogEvent::Control(_)))), "{rows:?}");
    assert_eq!(rows.len(), 3);
    (query.which.frames, query.which.events) = (true, false);
    bench.command(LogCommand::Find(query));
    let rows = bench.rows();
    assert!(
        matches!(rows[..], [EventRow(LogEvent::Control(_)), RowContent::Message { .. }]),
        "{rows:?}"
    );
}

#[test]
fn frames_belong_to_their_messages() {
    let mut bench = Bench::relayed();
    for message in ["one", "two"] {
        bench.command(ComposerCommand::Send(text(message)));
    }
    bench.relays(&[sent(1, true), received(1, Kind::Text, b"1"), sent(1, false), sent(0, true)]);
    let opcodes: Vec<_> = bench.shows().rows.iter().map(|row| bench.frames(row.id)).collect();
    assert_eq!(opcodes[2..], [vec![1], vec![1, 0], vec![1]]);
}

#[test]
fn frames_of_a_sent_message_leave_the_next_snapshot_to_its_echo() {
    let mut bench = Bench::relayed();
    bench.command(ComposerCommand::Send(text("hi")));
    bench.shows();
    for (events, is_news) in [([sent(1, true)], false), ([received(1, Kind::Text, b"hi")], true)] {
        bench.snapshot = None;
        bench.relays(&events);
        assert_eq!(bench.snapshot.is_some(), is_news, "{events:?}");
    }
}

#[test]
fn frames_are_sent_as_a_person_asks() {
    let mut bench = Bench::relayed();
    let mut send = |form, text: &str, framing| {
        let calls = bench.command(ComposerCommand::SendFramed(Draft::new(form, text), framing));
        let sent = commands(&calls).first().map(|command| format!("{command:?}"));
        (sent, bench.rows().len())
    };
    let told = |command| Some(format!("{command:?}"));
    assert_eq!(send(Form::Text, "hi", Framing::Ping), (told(Command::Ping(b"hi")), 2));
    assert_eq!(send(Form::Hex, "ff 00", Framing::Pong), (told(Command::Pong(&[255, 0])), 2));
    // What is in no frame, the relay does not tell.
    assert_eq!(send(Form::Hex, "89 80", Framing::Raw), (told(Command::Raw(&[0x89, 0x80])), 3));
    let (kind, payload) = (Kind::Text, &b"hello"[..]);
    for (framing, fragments, rows) in [
        (Framing::FragmentBytes(2), Fragments::Bytes(2), 4),
        (Framing::FragmentCount(3), Fragments::Count(3), 5),
    ] {
        let message = relay::Message { kind, compress: true, fragments, payload };
        assert_eq!(send(Form::Text, "hello", framing), (told(Command::Message(message)), rows));
    }
    let message = relay::Message { kind, compress: false, fragments: Fragments::Count(2), payload };
    let told_of = (told(Command::Message(message)), 6);
    assert_eq!(send(Form::Text, "hello", Framing::Uncompressed(2)), told_of);
    assert_eq!(send(Form::Text, &"x".repeat(126), Framing::Ping), (None, 6));
    let close = Command::Close { code: Some(1005), reason: &[255] };
    assert_eq!(send(Form::Hex, "ff", Framing::Close(Some(1005))), (told(close), 6));
    assert_eq!(bench.connection().state, State::Closing(FIRST));
    let rows = bench.rows();
    assert!(
        matches!(&rows[2], EventRow(LogEvent::Control(frame)) if frame.kind == ControlKind::Raw
            && frame.payload == [0x89, 0x80]),
        "{rows:?}"
    );
    bench.relays(&[sent(1, false), sent(0, true)]);
    let id = bench.shows().rows[3].id;
    assert_eq!(bench.frames(id), [1, 0]);
}

#[test]
fn frames_are_for_a_connection_through_the_server() {
    let draft = Draft::new(Form::Text, "hi");
    let send = ComposerCommand::SendFramed(draft.clone(), Framing::Ping);
    let refused = Output::Report(Report::NotSent(NotSent::Draft(draft)));
    assert_eq!(Bench::open().command(send), [refused]);
}

#[test]
fn the_target_is_not_read_from_while_a_person_wants_nothing_of_it() {
    let read = ConnectionCommand::Read;
    let mut bench = Bench::greeted();
    assert_eq!((bench.command(read(false)), bench.connection().is_reading), (Vec::new(), None));
    bench.relays(&[ready(1 << 20), opened()]);
    assert_eq!(bench.connection().is_reading, Some(true));
    for (is_reading, command) in [(false, Command::Pause), (true, Command::Resume)] {
        let calls = bench.command(read(is_reading));
        assert_eq!(commands(&calls), [command]);
        assert_eq!(bench.connection().is_reading, Some(is_reading));
    }
    // The next connection begins by reading.
    bench.command(read(false));
    bench.relays(&[ended(Side::Target, EndCause::Lost, None, "")]);
    assert_eq!(bench.connection().is_reading, None);
    bench.retries(&[ready(1 << 20), opened()]);
    assert_eq!(bench.connection().is_reading, Some(true));
}

#[test]
fn the_server_is_told_of_what_was_taken() {
    let mut bench = Bench::greeted();
    assert_eq!(bench.relays(&[ready(4_000), opened()]), []);
    let payload = vec![b'x'; 2_000];
    let calls = bench.relays(&[received(1, Kind::Text, &payload)]);
    let commands = commands(&calls);
    assert!(matches!(commands[..], [Command::Taken(bytes)] if bytes > 2_000), "{commands:?}");
}

#[test]
fn a_frame_that_breaks_the_protocol_is_a_row_and_the_end_is_of_this_side() {
    let violation = || ended(Side::Relay, EndCause::Violation, Some(1002), "why");
    let broken = |opcode, fin| {
        let Event::Frame(frame) = received(opcode, Kind::Binary, b"") else { unreachable!() };
        Event::Frame(Frame { fin, wire_len: 2, payload: None, ..frame })
    };
    // A Close frame with a code that none may have, RSV2, a reserved opcode, a continuation of nothing.
    for (opcode, head) in [(8, 0x88), (0x21, 0xa1), (5, 0x85), (0, 0x80)] {
        let mut bench = Bench::relayed();
        bench.relays(&[broken(opcode, true), violation()]);
        let events = bench.events();
        let [.., LogEvent::Control(frame), LogEvent::Ended(ended)] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((frame.kind, &*frame.payload), (ControlKind::Raw, &[head, 2][..]));
        assert!(ended.is_own, "{ended:?}");
    }
    // Before the Close frame that answers it.
    let mut bench = Bench::relayed();
    let Event::Frame(frame) = received(8, Kind::Binary, b"\x03\xef") else { unreachable!() };
    let answer = Event::Frame(Frame { direction: relay::Direction::Sent, ..frame });
    bench.relays(&[broken(1, true), answer]);
    bench.relays(&[violation()]);
    let kinds = bench.events().into_iter().filter_map(|event| match event {
        LogEvent::Control(frame) => Some(frame.kind),
        _ => None,
    });
    assert_eq!(kinds.collect::<Vec<_>>(), [ControlKind::Raw, ControlKind::Close]);
    // A fragment before it is none.
    let mut bench = Bench::relayed();
    bench.relays(&[broken(1, false), broken(0x21, true), violation()]);
    let events = bench.events();
    let controls = events.iter().filter(|event| matches!(event, LogEvent::Control(_)));
    assert_eq!(controls.count(), 1, "{events:?}");
    // A fragment of a message that is cut off by the end is none.
    let mut bench = Bench::relayed();
    bench.relays(&[broken(1, false), ended(Side::Target, EndCause::Lost, None, "")]);
    let events = bench.events();
    let [.., LogEvent::Opened(_), LogEvent::Ended(ended)] = &events[..] else {
        panic!("{events:?}")
    };
    assert!(!ended.is_own, "{ended:?}");
}

#[test]
fn a_pong_has_the_round_trip_of_its_ping() {
    let mut bench = Bench::relayed();
    bench.relays(&[
        control(Direction::Sent, 9, b"a", 1_000),
        control(Direction::Sent, 9, b"b", 2_000),
        control(Direction::Received, 10, b"of nothing", 2_500),
        control(Direction::Received, 10, b"b", 5_000),
    ]);
    let shows = bench.shows();
    // Behind those of the opening.
    let round_trips: Vec<_> = shows.rows[2..].iter().map(|row| row.round_trip).collect();
    let millis = Some(Duration::from_millis(3));
    assert_eq!(round_trips, [None, None, None, millis]);
    let figures = shows.round_trips.expect("one");
    assert_eq!((figures.count, Some(figures.p50), Some(figures.p99)), (1, millis, millis));
    assert_eq!(shows.control_frames, 4);
    let lines = bench.exports(Format::JsonLines);
    let pong = r#""kind":"pong","base64":"Yg==","size":1,"round_trip_us":3000}"#;
    assert!(lines.contains(pong), "{lines}");
    let log = bench.exports(Format::TextLog);
    for line in ["--- Sent ping 1 B: a\n", "--- Received pong 1 B, answer after 3000 µs: b\n"] {
        assert!(log.contains(line), "{log}");
    }
}

fn repeats(bench: &mut Bench, text: &str, framing: Framing, times: u64) -> Vec<Output> {
    let repetition = Repetition::new(None, NonZeroU64::new(times));
    let draft = Draft::new(Form::Text, text);
    bench.command(ComposerCommand::Repeat(draft, Some(framing), repetition))
}

#[test]
fn pings_are_repeated_as_fast_as_they_are_answered() {
    let mut bench = Bench::relayed();
    let calls = repeats(&mut bench, "{{seq}}", Framing::Ping, 2);
    assert_eq!(commands(&calls), [Command::Ping(b"1")]);
    assert_eq!(bench.relays(&[control(Direction::Sent, 9, b"1", 10)]), []);
    let calls = bench.relays(&[control(Direction::Received, 10, b"1", 310)]);
    assert_eq!(commands(&calls), [Command::Ping(b"2")]);
    let repeating = bench.shows().repeating.expect("a repetition");
    assert!(repeating.is_over && repeating.progress.sent == 2, "{repeating:?}");

    // Nothing answers a pong. Both may be empty.
    let mut bench = Bench::relayed();
    let calls = repeats(&mut bench, "", Framing::Pong, 3);
    assert_eq!(commands(&calls), [Command::Pong(b""), Command::Pong(b""), Command::Pong(b"")]);
    let mut bench = Bench::relayed();
    let calls = repeats(&mut bench, "hey", Framing::FragmentBytes(2), 2);
    let fragmented = |command: &Command<'_>| matches!(command, Command::Message(message) if message.fragments == Fragments::Bytes(2));
    assert_eq!(commands(&calls).iter().filter(|it| fragmented(it)).count(), 2);
}

#[test]
fn frames_that_end_the_connection_are_not_repeated() {
    for framing in [Framing::Close(Some(1000)), Framing::Raw] {
        let mut bench = Bench::relayed();
        assert_eq!(commands(&repeats(&mut bench, "x", framing, 2)), []);
        assert!(bench.shows().repeating.is_none());
    }
    // One that is too long stops the repetition.
    let mut bench = Bench::relayed();
    assert_eq!(commands(&repeats(&mut bench, &"x".repeat(126), Framing::Ping, 2)), []);
    assert!(bench.shows().repeating.is_some_and(|it| it.is_over));
}

#[test]
fn a_flood_of_pings_leaves_the_messages_in_the_list() {
    let mut bench = Bench::relayed();
    bench.relays(&[received(1, Kind::Text, b"first")]);
    let flood: Vec<_> = (0..1_000).map(|_| control(Direction::Received, 9, b"", 0)).collect();
    for _ in 0..20 {
        bench.relays(&flood);
    }
    let Snapshot { held, folded, control_frames, evicted, .. } = bench.shows();
    assert_eq!((control_frames, evicted), (20_000, 0));
    assert!((2_500..2_600).contains(&held), "{held}");
    // The rest of the rows: opening, and the message.
    assert_eq!(held + folded, 20_000 + 3);
    // Nor does an hour of it push them out of what is stored.
    for _ in 0..360 {
        bench.now = bench.now.after(Duration::from_secs(10));
        bench.relays(&flood[..10]);
    }
    let held = bench.shows().held;
    const { assert!(3_000 < MAX_KEPT_ENTRIES) };
    assert!(held < 3_000, "{held}");
    // And a ping of the person has a row.
    bench.relays(&[control(Direction::Sent, 9, b"mine", 0)]);
    assert_eq!(bench.shows().held, held + 1);
    let folded = bench.shows().folded;
    bench.command(LogCommand::Clear);
    assert_eq!(bench.shows().folded, 0);
    bench.command(LogCommand::Unclear);
    assert_eq!(bench.shows().folded, folded);
    // The rows of both are taken.
    bench.relays(&[control(Direction::Received, 9, b"", 0)]);
    assert_eq!(bench.shows().folded, folded + 1);
}

#[test]
fn pings_on_both_sides_of_a_clear_are_restored_and_what_follows_is_stored() {
    let mut bench = Bench::relayed();
    let pings: Vec<_> = (0..2_500).map(|_| control(Direction::Received, 9, b"", 0)).collect();
    let mut store = BTreeMap::new();
    bench.relays(&pings);
    bench.command(LogCommand::Clear);
    bench.relays(&pings);
    bench.command(LogCommand::Unclear);
    let held = bench.shows().held;
    assert!(held > 5_000, "{held}");
    store.extend(bench.persists().expect("something is new").write);
    let chunks: Vec<_> = store.clone().into_iter().collect();
    let mut next = Bench::restored(&chunks);
    // And the divider.
    assert_eq!(next.shows().held, held + 1);
    next.connect(Target { url: HOME.into(), ..Target::default() });
    next.opened(0);
    next.receives("new");
    let change = next.persists().expect("something is new");
    store.retain(|number, _| !change.remove.contains(number));
    store.extend(change.write);
    let chunks: Vec<_> = store.into_iter().collect();
    assert_eq!(Bench::restored(&chunks).lines(), ["new"]);
}
