//! Snapshots: when they come, and what they say whatever the commands.

use std::time::Duration;

use proptest::prelude::*;
use session::{Close, EndReason, Message, Negotiated, State, Time};
use workbench::{
    decode, encode,
    engine::{
        Command, ComposerCommand, ConnectionCommand, Engine, LogCommand, Output, Purpose, Report,
        Snapshot, SocketInput, SocketOutput,
    },
    log::{Bounds, EntryRef, Query, RowRequest},
};

use crate::harness::{Bench, line, sends, target, text};

#[test]
fn an_echo_is_listed_with_its_round_trip() {
    let mut bench = Bench::open();
    let outputs = bench.command(ComposerCommand::Send(text("hi")));
    assert_eq!(outputs, [sends(0, text("hi"))]);
    bench.receives("Echo: hi");
    let snapshot = bench.shows();
    assert_eq!(snapshot.rows.iter().filter_map(line).collect::<Vec<_>>(), ["hi", "Echo: hi"]);
    assert_eq!(snapshot.rows[2].round_trip, Some(Duration::from_millis(1)));
    assert_eq!((snapshot.sent.messages, snapshot.sent.bytes), (1, 2));
    assert_eq!((snapshot.received.messages, snapshot.received.bytes), (1, 8));
}

#[test]
fn snapshots_wait_for_a_frame() {
    let mut bench = Bench::open();
    bench.command(Command::Shown);
    bench.command(Command::Shown);
    bench.snapshot = None;
    bench.receives("one");
    assert_eq!(bench.snapshot.take().expect("news").received.messages, 1);
    bench.receives("two");
    assert_eq!(bench.snapshot.take().expect("news").received.messages, 2);
    bench.receives("three");
    assert_eq!(bench.snapshot, None, "the others are not on screen yet");
    bench.command(Command::Shown);
    assert_eq!(bench.snapshot.take().expect("news").received.messages, 3);
    bench.command(Command::Shown);
    assert_eq!(bench.snapshot, None, "there is no news");
}

#[test]
fn snapshots_go_by_the_clock_where_the_page_does_not_answer() {
    let mut bench = Bench::open();
    let mut times = Vec::new();
    for _ in 0..1_000 {
        bench.snapshot = None;
        bench.receives("more");
        if bench.snapshot.is_some() {
            times.push(bench.now);
        }
    }
    assert!((9..=11).contains(&times.len()), "{times:?}");
}

#[test]
fn a_hidden_page_gets_a_bounded_number_of_snapshots() {
    let mut bench = Bench::open();
    for _ in 0..20_000 {
        bench.receives("more");
    }
    assert!(bench.ahead <= 50, "{}", bench.ahead);
}

fn steps() -> impl Strategy<Value = Vec<Command>> {
    let field = prop_oneof![4 => Just(""), 1 => Just("a > 1"), 1 => Just("a >")];
    let query = ("[ab]{0,2}", any::<bool>(), any::<bool>(), field);
    let query = query.prop_map(|(text, is_expression, marks_only, field)| Query {
        marks_only,
        field: field.into(),
        text,
        is_expression,
        ..Query::default()
    });
    let id = 0..40_u64;
    let command = prop_oneof![
        4 => "[abc가\n]{0,8}".prop_map(|text| ComposerCommand::Send(Message::Text(text)).into()),
        2 => prop::collection::vec(any::<u8>(), 0..9).prop_map(|it| ComposerCommand::Send(Message::Binary(it)).into()),
        1 => Just(ConnectionCommand::Connect(target().into()).into()),
        1 => Just(ConnectionCommand::Disconnect(Close::normal()).into()),
        2 => (0..60_u64, 0..700_u64)
            .prop_map(|(from, count)| LogCommand::RequestRows(RowRequest::Rows(from..from + count)).into()),
        2 => (0..700_u64).prop_map(|count| LogCommand::RequestRows(RowRequest::Newest(count)).into()),
        2 => query.prop_map(|it| LogCommand::Find(it).into()),
        2 => any::<bool>().prop_map(|is_back| LogCommand::FindNext { is_back }.into()),
        1 => any::<bool>().prop_map(|it| LogCommand::Pause(it).into()),
        1 => Just(LogCommand::Clear.into()),
        1 => Just(LogCommand::Unclear.into()),
        1 => Just(LogCommand::Forget.into()),
        1 => (id.clone(), any::<bool>()).prop_map(|(id, pins)| LogCommand::Pin(id, pins).into()),
        1 => prop::option::of(any::<u64>().prop_map(EntryRef::Row)).prop_map(|it| LogCommand::Inspect(it).into()),
        1 => id.clone().prop_map(|id| LogCommand::Inspect(Some(EntryRef::Id(id))).into()),
        1 => id.prop_map(|id| LogCommand::Fetch(id, Purpose::Edit).into()),
        1 => (1..30_usize, 0..90_usize)
            .prop_map(|(entries, bytes)| LogCommand::Bound(Bounds { entries, bytes }).into()),
        3 => Just(Command::Shown),
    ];
    prop::collection::vec(command, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Snapshots stay consistent under any sequence of commands, and survive serialization.
    #[test]
    fn arbitrary_commands_keep_snapshots_consistent(steps in steps()) {
        let mut bench = Bench::new();
        let mut attempt = None;
        for command in steps {
            let command: Command = decode(&encode(&command)).expect("a command survives");
            // A server that takes and echoes everything.
            for output in bench.command(command) {
                let input = match output {
                    Output::Socket(SocketOutput::Open(opened, _)) => {
                        attempt = Some(opened);
                        SocketInput::Opened(opened, Negotiated::default())
                    }
                    Output::Socket(SocketOutput::Send(to, message)) => {
                        prop_assert_eq!(Some(to), attempt);
                        SocketInput::Received(to, message)
                    }
                    Output::Socket(SocketOutput::Close(at, close)) => {
                        SocketInput::Ended(at, EndReason::Closed(close))
                    }
                    Output::Report(report) => {
                        prop_assert_eq!(decode::<Report>(&encode(&report)), Some(report));
                        continue;
                    }
                    _ => continue,
                };
                bench.socket(input);
            }
            let Some(snapshot) = bench.snapshot.take() else { continue };
            let count = snapshot.rows.len() as u64;
            prop_assert!(count <= 512);
            if count > 0 {
                prop_assert!(snapshot.listed.start <= snapshot.first);
                prop_assert!(snapshot.first + count <= snapshot.listed.end);
            }
            prop_assert!(snapshot.rows.is_sorted_by_key(|row| row.id));
            prop_assert!(snapshot.listed.end - snapshot.listed.start <= snapshot.held);
            if let Some((id, Some(row))) = snapshot.inspected
                && let Some(shown) = row.checked_sub(snapshot.first)
                && let Some(shown) = snapshot.rows.get(usize::try_from(shown).unwrap())
            {
                prop_assert_eq!(shown.id, id);
            }
            let connection = &snapshot.connection;
            let is_timed = matches!(connection.state, State::Open(_) | State::Connecting(_));
            prop_assert_eq!(connection.since.is_some(), is_timed);
            prop_assert_eq!(decode::<Snapshot>(&encode(&snapshot)), Some(snapshot));
        }
    }

    #[test]
    fn arbitrary_bytes_deserialize_safely(bytes: Vec<u8>) {
        let mut engine = Engine::new(7);
        if let Some(command) = decode::<Command>(&bytes) {
            engine.update(command.into(), Time(0)).for_each(drop);
        }
    }
}
