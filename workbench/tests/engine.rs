//! The engine behind a tab: what a view sees of it, whatever it is told.

use std::time::Duration;

use proptest::prelude::*;
use session::{Attempt, Close, Effect, EndReason, Event, Message, Negotiated, State, Time};
use workbench::{
    Bounds, Command, Engine, EntryRef, Origin, Purpose, Query, Reaction, Report, Row, RowContent,
    RowRequest, Snapshot, Target, formats::Format, measure::Form, read, write,
};

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn target() -> Target {
    Target { url: "ws://localhost:8080/ws".into(), subprotocols: Vec::new() }
}

/// An engine and a clock that goes on by a millisecond with each event.
struct Bench {
    engine: Engine,
    now: Time,
}

impl Bench {
    fn new() -> Self {
        Self { engine: Engine::new(7), now: Time(0) }
    }

    /// Connected, and looking at the newest 100 rows.
    fn open() -> Self {
        let mut bench = Self::new();
        let Reaction { effect, .. } = bench.command(Command::Connect(target()));
        assert_eq!(effect, Some(Effect::Open(Attempt(0))));
        bench.event(Event::Opened(Attempt(0), Negotiated::default()));
        bench.command(Command::RequestRows(RowRequest::Newest(100)));
        bench
    }

    fn tick(&mut self) -> Time {
        self.now = self.now.after(Duration::from_millis(1));
        self.now
    }

    fn command(&mut self, command: Command) -> Reaction {
        let now = self.tick();
        self.engine.command(command, true, now)
    }

    fn event(&mut self, event: Event) -> Option<Effect> {
        let now = self.tick();
        self.engine.event(event, now)
    }

    fn receives(&mut self, text: &str) {
        self.event(Event::Received(Attempt(0), Message::Text(text.into())));
    }

    /// What a view shows in the end.
    fn shows(&mut self) -> Snapshot {
        while self.engine.work() {}
        self.command(Command::Shown);
        // A query, so that there is news in any case.
        self.command(Command::Bound(Bounds::DEFAULT));
        self.engine.snapshot().expect("the page is ready and there is news")
    }

    fn shows_rows(&mut self) -> Vec<Row> {
        self.command(Command::RequestRows(RowRequest::Newest(100)));
        self.shows().rows
    }

    fn lines(&mut self) -> Vec<String> {
        self.shows().rows.iter().filter_map(line).collect()
    }
}

fn line(row: &Row) -> Option<String> {
    match &row.shows {
        RowContent::Message { line, .. } => Some(line.text.clone()),
        _ => None,
    }
}

#[test]
fn an_echo_is_listed_with_its_round_trip() {
    let mut bench = Bench::open();
    let reaction = bench.command(Command::Send(text("hi")));
    assert_eq!(reaction.effect, Some(Effect::Send(Attempt(0), text("hi"))));
    bench.receives("Echo: hi");
    let snapshot = bench.shows();
    assert_eq!(snapshot.rows.iter().filter_map(line).collect::<Vec<_>>(), ["hi", "Echo: hi"]);
    let RowContent::Message { round_trip, .. } = snapshot.rows[2].shows else {
        panic!("a message")
    };
    assert_eq!(round_trip, Some(Duration::from_millis(1)));
    assert_eq!((snapshot.sent.messages, snapshot.sent.bytes), (1, 2));
    assert_eq!((snapshot.received.messages, snapshot.received.bytes), (1, 8));
}

#[test]
fn a_view_gets_what_was_sent_and_its_echo_and_then_waits_for_a_frame() {
    let mut bench = Bench::open();
    assert!(bench.engine.snapshot().is_some());
    bench.receives("one");
    assert_eq!(bench.engine.snapshot().expect("news").received.messages, 1);
    bench.receives("two");
    assert_eq!(bench.engine.snapshot(), None, "the others are not on screen yet");
    bench.command(Command::Shown);
    assert_eq!(bench.engine.snapshot().expect("news").received.messages, 2);
    bench.command(Command::Shown);
    assert_eq!(bench.engine.snapshot(), None, "there is no news");
}

#[test]
fn what_cannot_be_sent_comes_back() {
    let mut bench = Bench::new();
    let reaction = bench.command(Command::Send(text("too early")));
    assert_eq!(reaction.report, Some(Report::NotSent(text("too early"))));
    let mut bench = Bench::open();
    let reaction = bench.engine.command(Command::Send(text("too much")), false, Time(9));
    assert_eq!(reaction.report, Some(Report::NotSent(text("too much"))));
    assert_eq!(bench.lines(), [""; 0], "it did not happen");
}

#[test]
fn a_filter_finds_what_is_there_and_what_comes() {
    let mut bench = Bench::open();
    for word in ["apple", "pear", "pineapple"] {
        bench.receives(word);
    }
    bench.command(Command::Find(Query { text: "APPLE".into(), ..Query::default() }));
    assert_eq!(bench.lines(), ["apple", "pineapple"]);
    bench.receives("apple pie");
    bench.receives("cherry pie");
    let snapshot = bench.shows();
    assert_eq!(snapshot.listed, 0..3);
    let RowContent::Message { line, .. } = &snapshot.rows[1].shows else { panic!("a message") };
    assert_eq!(line.marks.as_slice(), std::slice::from_ref(&(4..9)));
    bench.command(Command::Find(Query::default()));
    assert_eq!(bench.lines().len(), 5);
}

#[test]
fn an_expression_that_is_none_leaves_the_list_alone() {
    let mut bench = Bench::open();
    bench.receives("one");
    bench.command(Command::Find(Query { text: "one".into(), ..Query::default() }));
    let wrong = Query { text: "(".into(), is_expression: true, ..Query::default() };
    bench.command(Command::Find(wrong));
    assert!(bench.shows().query_error.is_some());
    assert_eq!(bench.lines(), ["one"]);
    bench.command(Command::Find(Query::default()));
    assert_eq!(bench.shows().query_error, None);
}

#[test]
fn a_long_list_is_filtered_in_slices() {
    let mut bench = Bench::open();
    for number in 0..100_000 {
        bench.receives(&number.to_string());
    }
    bench.command(Command::Find(Query { text: "99999".into(), ..Query::default() }));
    assert!(bench.engine.work(), "one slice is not enough");
    bench.command(Command::Shown);
    let on_the_way = bench.engine.snapshot().expect("news");
    assert!((1..100_000).contains(&on_the_way.unfiltered), "{}", on_the_way.unfiltered);
    assert_eq!(bench.lines(), ["99999"]);
}

#[test]
fn a_pause_loses_nothing() {
    let mut bench = Bench::open();
    bench.receives("before");
    bench.command(Command::Pause(true));
    bench.receives("meanwhile");
    let snapshot = bench.shows();
    assert_eq!(snapshot.since_pause, Some(1));
    assert_eq!(bench.lines(), ["before"]);
    bench.command(Command::Pause(false));
    assert_eq!(bench.lines(), ["before", "meanwhile"]);
}

#[test]
fn what_was_cleared_can_be_brought_back_until_it_is_forgotten() {
    let mut bench = Bench::open();
    bench.receives("one");
    bench.command(Command::Clear);
    bench.receives("two");
    assert_eq!(bench.lines(), ["two"]);
    assert_eq!(bench.shows().cleared, 2, "the opening and a message");
    bench.command(Command::Unclear);
    assert_eq!(bench.lines(), ["one", "two"]);

    bench.command(Command::Clear);
    bench.command(Command::Forget);
    bench.command(Command::Unclear);
    assert_eq!(bench.lines(), [""; 0]);
    assert_eq!(bench.shows().held, 0);
}

#[test]
fn a_pin_outlives_its_entry() {
    let mut bench = Bench::open();
    bench.receives("precious");
    bench.command(Command::Pin(1, true));
    bench.command(Command::Clear);
    bench.command(Command::Forget);
    let pinned = bench.shows().pinned;
    assert_eq!(pinned.iter().filter_map(line).collect::<Vec<_>>(), ["precious"]);
    let reaction = bench.command(Command::Fetch(1, Purpose::Copy));
    let Some(Report::Fetched(fetched)) = reaction.report else { panic!("{reaction:?}") };
    assert_eq!(fetched.as_text(), "precious");
    let reaction = bench.command(Command::SendAgain(1));
    assert_eq!(reaction.effect, Some(Effect::Send(Attempt(0), text("precious"))));
    bench.command(Command::Pin(1, false));
    assert_eq!(bench.shows().pinned, []);
}

#[test]
fn pins_are_bounded() {
    let mut bench = Bench::open();
    for number in 0..101 {
        bench.receives(&number.to_string());
    }
    for id in 1..=100 {
        assert_eq!(bench.command(Command::Pin(id, true)).report, None);
    }
    assert_eq!(bench.command(Command::Pin(101, true)).report, Some(Report::NotPinned));
    bench.command(Command::Pin(1, false));
    bench.receives(&"x".repeat((1 << 20) + 1));
    assert_eq!(bench.command(Command::Pin(102, true)).report, Some(Report::NotPinned));
    assert_eq!(bench.command(Command::Pin(101, true)).report, None);
}

#[test]
fn a_large_message_is_looked_at_in_part_and_copied_whole() {
    let mut bench = Bench::open();
    // Three bytes a character: no bound falls between two.
    bench.receives(&"가".repeat(1 << 20));
    let reaction = bench.command(Command::Inspect(Some(EntryRef::Row(1))));
    let Some(Report::Fetched(part)) = reaction.report else { panic!("{reaction:?}") };
    assert_eq!((part.size, part.is_whole()), (3 << 20, false));
    assert!(part.part.len() <= 256 << 10, "{}", part.part.len());
    assert!(String::from_utf8(part.part).is_ok(), "it is cut at a character");
    let reaction = bench.command(Command::Fetch(1, Purpose::Copy));
    let Some(Report::Fetched(whole)) = reaction.report else { panic!("{reaction:?}") };
    assert!(whole.is_whole());
    let row = bench.shows().rows.pop().expect("a row");
    let RowContent::Message { line, .. } = row.shows else { panic!("a message") };
    assert!(line.is_cut && line.text.len() < 1_000, "{}", line.text.len());
}

#[test]
fn the_inspected_entry_keeps_its_row_in_sight() {
    let mut bench = Bench::open();
    for word in ["a", "b", "ab"] {
        bench.receives(word);
    }
    bench.command(Command::Inspect(Some(EntryRef::Row(3))));
    assert_eq!(bench.shows().inspected, Some((3, Some(3))));
    bench.command(Command::Find(Query { text: "b".into(), ..Query::default() }));
    assert_eq!(bench.shows().inspected, Some((3, Some(1))), "the second that has a b");
    bench.command(Command::Find(Query {
        text: "a".into(),
        matches_case: true,
        ..Query::default()
    }));
    bench.command(Command::Inspect(Some(EntryRef::Id(2))));
    assert_eq!(bench.shows().inspected, Some((2, None)), "it has no a");
    bench.command(Command::Inspect(None));
    assert_eq!(bench.shows().inspected, None);
}

#[test]
fn a_row_past_the_end_is_the_last() {
    let mut bench = Bench::open();
    bench.receives("only");
    bench.command(Command::Inspect(Some(EntryRef::Row(u64::MAX))));
    assert_eq!(bench.shows().inspected, Some((1, Some(1))));
}

#[test]
fn breaks_and_control_characters_stay_in_the_line() {
    let mut bench = Bench::open();
    bench.receives("one\r\ntwo\tthree\u{1b}[31m");
    assert_eq!(bench.lines(), ["one↵two three [31m"]);
}

/// What a numbered stream in the snapshot has: next, missing, late, repeats.
fn figures(snapshot: &Snapshot) -> Option<(u64, u64, u64, u64)> {
    snapshot.numbered.as_ref().map(|it| (it.next, it.missing, it.late, it.repeats))
}

#[test]
fn round_trips_go_on_over_a_loss_and_begin_anew_with_a_person() {
    let mut bench = Bench::open();
    let echo = |bench: &mut Bench, attempt| {
        bench.command(Command::Send(text("hi")));
        bench.event(Event::Received(attempt, text("hi")));
        bench.shows().round_trips.map(|it| it.count)
    };
    assert_eq!(bench.shows().round_trips, None);
    assert_eq!(echo(&mut bench, Attempt(0)), Some(1));
    bench.event(Event::Ended(Attempt(0), EndReason::Closed(Close::abnormal())));
    bench.event(Event::Waited(Attempt(1)));
    bench.event(Event::Opened(Attempt(1), Negotiated::default()));
    assert_eq!(echo(&mut bench, Attempt(1)), Some(2));
    bench.command(Command::Clear);
    let round_trips = bench.shows().round_trips.expect("clearing a list clears no figure");
    assert_eq!((round_trips.count, round_trips.longest), (2, Duration::from_millis(1)));
    assert_eq!(round_trips.p99, round_trips.longest);

    bench.command(Command::Disconnect(Close::normal()));
    bench.event(Event::Ended(Attempt(1), EndReason::Closed(Close::normal())));
    assert_eq!(bench.shows().round_trips.map(|it| it.count), Some(2), "until it connects");
    bench.command(Command::Connect(target()));
    bench.event(Event::Opened(Attempt(2), Negotiated::default()));
    assert_eq!(bench.shows().round_trips, None);
    assert_eq!(echo(&mut bench, Attempt(2)), Some(1));
}

#[test]
fn the_last_minute_has_what_passed_in_each_second() {
    let mut bench = Bench::open();
    bench.now = Time(100_000_000);
    bench.command(Command::Send(text("hi")));
    bench.receives("Echo: hi");
    bench.now = Time(102_000_000);
    bench.receives("news");
    let minute = bench.shows().minute;
    assert_eq!((minute.end, minute.seconds.len()), (102, 3));
    let second = minute.second(100);
    assert_eq!((second.sent.messages, second.sent.bytes), (1, 2));
    assert_eq!((second.received.messages, second.received.bytes), (1, 8));
    assert_eq!((second.round_trips, second.mean()), (1, Some(Duration::from_millis(1))));
    assert_eq!(minute.second(101).received.messages, 0);
    assert_eq!(minute.rates(Time(103_500_000)).received.messages, 1);
    assert_eq!(minute.rates(Time(104_000_000)).received.messages, 0);
}

#[test]
fn what_a_numbered_stream_lacks_is_noticed_in_each_form() {
    let binary = |number: u64| Message::Binary([&number.to_be_bytes()[..], b"..."].concat());
    let forms: [(Form, &dyn Fn(u64) -> Message); 4] = [
        (Form::Text, &|number| text(&format!("{number} abc"))),
        (Form::Text, &|number| text(&format!("Echo: {number}"))),
        (Form::Json, &|number| text(&format!(r#"{{"fill":"abc","seq":{number}}}"#))),
        (Form::Binary, &binary),
    ];
    for (form, message) in forms {
        let mut bench = Bench::open();
        for number in [0, 1, 2, 3, 4, 8, 6, 9, 9] {
            bench.event(Event::Received(Attempt(0), message(number)));
            bench.receives("something else");
        }
        let snapshot = bench.shows();
        assert_eq!(figures(&snapshot), Some((10, 2, 1, 1)));
        let numbered = snapshot.numbered.expect("a stream");
        assert_eq!((numbered.form, numbered.gaps), (form, vec![5..6, 7..8]));
    }
}

#[test]
fn a_new_connection_numbers_anew() {
    let mut bench = Bench::open();
    (0..9).for_each(|number: u64| bench.receives(&number.to_string()));
    assert_eq!(figures(&bench.shows()), Some((9, 0, 0, 0)));
    bench.event(Event::Ended(Attempt(0), EndReason::Closed(Close::abnormal())));
    assert_eq!(figures(&bench.shows()), Some((9, 0, 0, 0)), "it is what there was");
    bench.event(Event::Waited(Attempt(1)));
    bench.event(Event::Opened(Attempt(1), Negotiated::default()));
    assert_eq!(figures(&bench.shows()), None);
}

fn steps() -> impl Strategy<Value = Vec<Command>> {
    let query = ("[ab]{0,2}", any::<bool>()).prop_map(|(text, is_expression)| Query {
        text,
        is_expression,
        ..Query::default()
    });
    let id = 0..40_u64;
    let command = prop_oneof![
        4 => "[abc가\n]{0,8}".prop_map(|text| Command::Send(Message::Text(text))),
        2 => prop::collection::vec(any::<u8>(), 0..9).prop_map(|it| Command::Send(Message::Binary(it))),
        1 => Just(Command::Connect(target())),
        1 => Just(Command::Disconnect(Close::normal())),
        2 => (0..60_u64, 0..700_u64)
            .prop_map(|(from, count)| Command::RequestRows(RowRequest::Rows(from..from + count))),
        2 => (0..700_u64).prop_map(|count| Command::RequestRows(RowRequest::Newest(count))),
        2 => query.prop_map(Command::Find),
        1 => any::<bool>().prop_map(Command::Pause),
        1 => Just(Command::Clear),
        1 => Just(Command::Unclear),
        1 => Just(Command::Forget),
        1 => (id.clone(), any::<bool>()).prop_map(|(id, pins)| Command::Pin(id, pins)),
        1 => prop::option::of(any::<u64>().prop_map(EntryRef::Row)).prop_map(Command::Inspect),
        1 => id.clone().prop_map(|id| Command::Inspect(Some(EntryRef::Id(id)))),
        1 => id.prop_map(|id| Command::Fetch(id, Purpose::Edit)),
        1 => (1..30_usize, 0..90_usize)
            .prop_map(|(entries, bytes)| Command::Bound(Bounds { entries, bytes })),
        3 => Just(Command::Shown),
    ];
    prop::collection::vec(command, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What a view gets makes sense, whatever a person does; and it survives the way through bytes.
    #[test]
    fn no_sequence_of_commands_breaks_a_view(steps in steps()) {
        let mut bench = Bench::new();
        let mut attempt = None;
        let mut ahead = 0;
        for command in steps {
            if command == Command::Shown {
                ahead = 0;
            }
            let command: Command = read(&write(&command)).expect("a command survives");
            let Reaction { effect, report } = bench.command(command);
            // A server that takes and echoes everything.
            match effect {
                Some(Effect::Open(opened)) => {
                    attempt = Some(opened);
                    bench.event(Event::Opened(opened, Negotiated::default()));
                }
                Some(Effect::Send(to, message)) => {
                    prop_assert_eq!(Some(to), attempt);
                    bench.event(Event::Received(to, message));
                }
                Some(Effect::Close(at, close)) => {
                    bench.event(Event::Ended(at, EndReason::Closed(close)));
                }
                Some(Effect::Wait(..)) | None => {}
            }
            if let Some(report) = report {
                prop_assert_eq!(read::<Report>(&write(&report)), Some(report));
            }
            bench.engine.work();
            let Some(snapshot) = bench.engine.snapshot() else { continue };
            ahead += 1;
            prop_assert!(ahead <= 2, "a snapshot that nobody waits for");
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
            prop_assert_eq!(snapshot.opened_at.is_some(), matches!(snapshot.state, State::Open(_)));
            prop_assert_eq!(read::<Snapshot>(&write(&snapshot)), Some(snapshot));
        }
    }

    #[test]
    fn bytes_that_nobody_wrote_are_not_read_as_something_that_breaks(bytes: Vec<u8>) {
        let mut engine = Engine::new(7);
        if let Some(command) = read::<Command>(&bytes) {
            engine.command(command, true, Time(0));
            engine.snapshot();
        }
    }
}

#[test]
fn what_was_kept_is_there_again_and_says_so_once() {
    let mut bench = Bench::open();
    bench.receives("before");
    let mut store = bench.engine.keep().expect("something is new").write;
    for _ in 0..2 {
        let mut next = Bench::new();
        next.engine.restore(&store, Time(99));
        let rows = next.shows_rows();
        let brought: Vec<_> = rows
            .iter()
            .filter_map(|row| match &row.shows {
                RowContent::Imported(brought) => Some((brought.entries, brought.from.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(brought, [(2, Origin::LastVisit)]);
        assert_eq!(next.lines(), ["before"]);
        assert_eq!(next.shows().received.messages, 0, "it was counted when it came");
        let change = next.engine.keep();
        store = change.map_or(store, |change| change.write);
    }
}

#[test]
fn what_is_cleared_is_kept_no_longer_unless_it_is_brought_back() {
    let mut bench = Bench::open();
    bench.receives("one");
    let before = bench.engine.keep().expect("something is new").write;
    bench.command(Command::Clear);
    let change = bench.engine.keep().expect("it is to go");
    assert!(change.write.is_empty() && change.remove.contains(&before[0].0));
    bench.command(Command::Unclear);
    let again = bench.engine.keep().expect("it is wanted again").write;
    assert_eq!(again[0].1, before[0].1);
}

#[test]
fn a_list_is_exported_as_of_the_connection_that_was_or_else_as_the_view_says() {
    let har = |bench: &mut Bench| {
        let view = Target { url: "ws://typed".into(), subprotocols: Vec::new() };
        bench.command(Command::Export(Format::Har, view));
        let piece = bench.engine.export().expect("it is written");
        assert_eq!(piece.ends, Some(Format::Har));
        piece.text
    };
    let mut bench = Bench::open();
    bench.receives("before");
    let store = bench.engine.keep().expect("something is new").write;
    assert!(har(&mut bench).contains("\"ws://localhost:8080/ws\""));
    let mut next = Bench::new();
    next.engine.restore(&store, Time(99));
    let written = har(&mut next);
    assert!(written.contains("\"ws://typed\"") && written.contains("\"before\""));

    let text = written;
    let mut third = Bench::new();
    third.command(Command::RequestRows(RowRequest::Newest(100)));
    third.command(Command::Import { name: "a.har".into(), text });
    let Some(Report::Imported(imported)) = third.engine.import(Time(100)) else {
        panic!("it is read at once");
    };
    assert_eq!((imported.entries, imported.error), (2, None));
    assert_eq!(imported.target.map(|target| target.url).as_deref(), Some("ws://typed"));
    assert_eq!(third.lines(), ["before"]);
}
