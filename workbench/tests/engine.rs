//! The engine behind a tab: what a view sees of it, whatever it is told.

use std::time::Duration;

use proptest::prelude::*;
use session::{Attempt, Close, EndReason, Message, Negotiated, State, Time};
use workbench::{
    compose::{Draft, Form, Repetition},
    connect::{Answer, Cause, MAX_LAG, Page, Target},
    engine::{
        Command, ComposerCommand, ConnectionCommand, Engine, ExchangeCommand, Input, LogCommand,
        NotSent, Output, Purpose, Report, Snapshot, SocketInput, SocketOutput, StoreInput,
        StoreOutput, Timer, Warning,
    },
    exchange::Format,
    log::{
        Bounds, EntryRef, LogEvent, Origin, Query, QueryError, Row, RowContent, RowRequest,
        StoreChange,
    },
    metrics::NumberForm,
    read, write,
};

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn target() -> Target {
    Target { url: "ws://localhost:8080/ws".into(), ..Target::default() }
}

/// An engine, and a clock that goes on by a millisecond with each input.
struct Bench {
    engine: Engine,
    now: Time,
    /// The newest snapshot.
    snapshot: Option<Snapshot>,
    /// Snapshots since one was on screen.
    ahead: u32,
    /// Time of the newest snapshot.
    shown_at: Time,
    /// Timers that are set, but for those of the connection.
    timers: Vec<Timer>,
    /// The browser takes messages as fast as they come.
    keeps_up: bool,
}

impl Bench {
    fn new() -> Self {
        let engine = Engine::new(7);
        Self {
            engine,
            now: Time(0),
            snapshot: None,
            ahead: 0,
            shown_at: Time(0),
            timers: Vec::new(),
            keeps_up: true,
        }
    }

    /// Connected, and looking at the newest 100 rows.
    fn open() -> Self {
        let mut bench = Self::new();
        bench.restores(&[]);
        let outputs = bench.command(ConnectionCommand::Connect(target().into()));
        let open = Output::Socket(SocketOutput::Open(Attempt(0), target()));
        assert_eq!(outputs, [open]);
        bench.socket(SocketInput::Opened(Attempt(0), Negotiated::default()));
        bench.command(LogCommand::RequestRows(RowRequest::Newest(100)));
        bench
    }

    /// Outputs of an input, without snapshots and timers.
    fn update(&mut self, input: Input) -> Vec<Output> {
        self.now = self.now.after(Duration::from_millis(1));
        if input == Input::Shown {
            self.ahead = 0;
        }
        let (mut others, mut probed) = (Vec::new(), None);
        for output in self.engine.update(input, self.now) {
            match output {
                Output::Report(Report::Snapshot(snapshot)) => {
                    self.ahead += 1;
                    let is_due = self.now.since(self.shown_at) >= Duration::from_millis(100);
                    assert!(self.ahead <= 2 || is_due, "a snapshot that nobody waits for");
                    self.shown_at = self.now;
                    self.snapshot = Some(*snapshot);
                }
                Output::Timer(timer, _) => self.timers.push(timer),
                Output::Socket(SocketOutput::Probe(attempt)) if self.keeps_up => {
                    probed = Some(attempt);
                }
                output => others.push(output),
            }
        }
        if let Some(attempt) = probed {
            others.extend(self.socket(SocketInput::Probed(attempt)));
        }
        others
    }

    fn command(&mut self, command: impl Into<Command>) -> Vec<Output> {
        self.update(Input::from(command.into()))
    }

    /// The report that answers a command.
    fn report(&mut self, command: impl Into<Command>) -> Option<Report> {
        self.command(command).into_iter().find_map(|output| match output {
            Output::Report(report) => Some(report),
            _ => None,
        })
    }

    fn socket(&mut self, input: SocketInput) -> Vec<Output> {
        self.update(Input::Socket(input))
    }

    fn fires(&mut self, timer: Timer) -> Vec<Output> {
        self.update(Input::Timer(timer))
    }

    fn receives(&mut self, text: &str) {
        self.socket(SocketInput::Received(Attempt(0), Message::Text(text.into())));
    }

    /// Has a filter look at all there is.
    fn filters(&mut self) {
        while let Some(at) = self.timers.iter().position(|timer| *timer == Timer::Filter) {
            self.timers.remove(at);
            self.fires(Timer::Filter);
        }
    }

    /// Latest snapshot.
    fn shows(&mut self) -> Snapshot {
        self.filters();
        self.command(Command::Shown);
        self.snapshot = None;
        // Something, so that there is news in any case.
        self.command(LogCommand::Bound(Bounds::DEFAULT));
        self.snapshot.clone().expect("the page is ready and there is news")
    }

    fn shows_rows(&mut self) -> Vec<Row> {
        self.command(LogCommand::RequestRows(RowRequest::Newest(100)));
        self.shows().rows
    }

    fn lines(&mut self) -> Vec<String> {
        self.shows().rows.iter().filter_map(line).collect()
    }

    /// Begins with a store that has these chunks.
    fn restores(&mut self, chunks: &[(u32, Vec<u8>)]) {
        let outputs = self.update(Input::Store(StoreInput::Opened(None)));
        assert_eq!(outputs, [Output::Store(StoreOutput::Read)]);
        self.update(Input::Store(StoreInput::Restored(chunks.to_vec())));
    }

    /// Change of the store, when its timer fires.
    fn persists(&mut self) -> Option<StoreChange> {
        let at = self.timers.iter().position(|timer| *timer == Timer::Persist)?;
        self.timers.remove(at);
        let outputs = self.fires(Timer::Persist);
        let change = outputs.into_iter().find_map(|output| match output {
            Output::Store(StoreOutput::Change(change)) => Some(change),
            _ => None,
        })?;
        self.update(Input::Store(StoreInput::Written));
        Some(change)
    }
}

fn sent(attempt: u32, text: &str) -> Output {
    Output::Socket(SocketOutput::Send(Attempt(attempt), Message::Text(text.into())))
}

fn line(row: &Row) -> Option<String> {
    match &row.shows {
        RowContent::Message { line, .. } => Some(line.text.clone()),
        RowContent::Event(..) => None,
    }
}

#[test]
fn an_echo_is_listed_with_its_round_trip() {
    let mut bench = Bench::open();
    let outputs = bench.command(ComposerCommand::Send(text("hi")));
    assert_eq!(outputs, [sent(0, "hi")]);
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
fn unsendable_messages_are_returned() {
    let mut bench = Bench::new();
    let report = bench.report(ComposerCommand::Send(text("too early")));
    assert_eq!(report, Some(Report::NotSent(NotSent::Message(text("too early")))));
    let mut bench = Bench::open();
    for buffered in [None, Some((16 << 20) + 1)] {
        bench.socket(SocketInput::Buffered(buffered));
        let outputs = bench.command(ComposerCommand::Send(text("too much")));
        assert_eq!(outputs, [Output::Report(Report::NotSent(NotSent::Message(text("too much"))))]);
        let report = bench.report(ComposerCommand::SendFile(Some(vec![1])));
        assert_eq!(report, Some(Report::NotSent(NotSent::File)));
    }
    assert_eq!(bench.lines(), [""; 0], "it did not happen");
}

#[test]
fn a_filter_covers_old_and_new_entries() {
    let mut bench = Bench::open();
    for word in ["apple", "pear", "pineapple"] {
        bench.receives(word);
    }
    bench.command(LogCommand::Find(Query { text: "APPLE".into(), ..Query::default() }));
    assert_eq!(bench.lines(), ["apple", "pineapple"]);
    bench.receives("apple pie");
    bench.receives("cherry pie");
    let snapshot = bench.shows();
    assert_eq!(snapshot.listed, 0..3);
    let RowContent::Message { line, .. } = &snapshot.rows[1].shows else { panic!("a message") };
    assert_eq!(line.marks.as_slice(), std::slice::from_ref(&(4..9)));
    bench.command(LogCommand::Find(Query::default()));
    assert_eq!(bench.lines().len(), 5);
}

/// Number of slices until a filter has looked at all there is.
fn slices(bench: &mut Bench) -> usize {
    let mut slices = 0;
    while let Some(at) = bench.timers.iter().position(|timer| *timer == Timer::Filter) {
        bench.timers.remove(at);
        bench.fires(Timer::Filter);
        slices += 1;
    }
    slices
}

#[test]
fn a_long_search_goes_on_in_slices_until_it_is_changed() {
    let mut bench = Bench::open();
    bench.receives(&"a".repeat(1 << 16));
    let query = |text: &str| Query { text: text.into(), is_expression: true, ..Query::default() };
    bench.command(LogCommand::Find(query("(a{1,50}){1,50}b")));
    assert!(
        slices(&mut bench) > 5,
        "it would take minutes where expressions are matched by trying"
    );
    assert_eq!(bench.lines(), [""; 0]);
    // Changed while it goes on: the next slice is the new search's.
    bench.command(LogCommand::Find(query("(a{1,50}){1,50}c")));
    bench.command(LogCommand::Find(query("^a+$")));
    assert_eq!(slices(&mut bench), 1);
    assert_eq!(bench.lines().len(), 1);
}

#[test]
fn a_wrong_part_of_a_query_leaves_no_earlier_result_and_the_rest_filters() {
    let mut bench = Bench::open();
    bench.receives("one");
    bench.receives("two");
    bench.receives("{\"n\":1}");
    bench.command(LogCommand::Find(Query { text: "one".into(), ..Query::default() }));
    let wrong = Query { text: "(".into(), is_expression: true, ..Query::default() };
    bench.command(LogCommand::Find(wrong.clone()));
    let shows = bench.shows();
    assert!(matches!(shows.query_error, Some(QueryError::Regex(_))));
    assert_eq!(shows.found, None);
    assert_eq!(bench.lines(), ["one", "two", "{\"n\":1}"]);
    bench.command(LogCommand::Find(Query { field: "n = 1".into(), ..wrong.clone() }));
    assert_eq!(bench.lines(), ["{\"n\":1}"]);
    bench.command(LogCommand::Find(Query { field: "n =".into(), ..wrong }));
    assert!(matches!(bench.shows().query_error, Some(QueryError::Regex(_))));
    assert_eq!(bench.lines().len(), 3);
    bench.command(LogCommand::Find(Query::default()));
    assert_eq!(bench.shows().query_error, None);
}

/// Entries, and their numbers among the matches, at which steps arrive; `true` is a step back.
fn matches_at(bench: &mut Bench, directions: &[bool]) -> Vec<(u64, Option<u64>)> {
    let step = |is_back: &bool| {
        bench.command(LogCommand::FindNext { is_back: *is_back });
        let snapshot = bench.shows();
        let found = snapshot.found.expect("there is a text");
        (snapshot.current.expect("there is a match").0, found.at)
    };
    directions.iter().map(step).collect()
}

#[test]
fn a_search_steps_through_its_matches_in_the_whole_list_and_in_the_filtered_one() {
    for marks_only in [true, false] {
        let mut bench = Bench::open();
        // The first entry is that of the connection.
        for word in ["apple", "pear", "pineapple", "plum", "apple pie"] {
            bench.receives(word);
        }
        let query = Query { text: "apple".into(), marks_only, ..Query::default() };
        bench.command(LogCommand::Find(query));
        let snapshot = bench.shows();
        assert_eq!(snapshot.listed, if marks_only { 0..6 } else { 0..3 });
        assert_eq!(snapshot.found.map(|it| (it.matches, it.at)), Some((3, None)));
        let forwards = [(1, Some(1)), (3, Some(2)), (5, Some(3)), (1, Some(1))];
        assert_eq!(matches_at(&mut bench, &[false; 4]), forwards);
        assert_eq!(matches_at(&mut bench, &[true, true]), [(5, Some(3)), (3, Some(2))]);
        // From a row without a match, on to the next one.
        bench.command(LogCommand::Inspect(Some(EntryRef::Id(4))));
        assert_eq!(bench.shows().found.and_then(|it| it.at), None);
        assert_eq!(matches_at(&mut bench, &[true]), [(3, Some(2))]);
        assert_eq!(bench.shows().inspected.map(|(id, _)| id), Some(3));
        // The row looked at stays current when it is looked at no more.
        bench.command(LogCommand::Inspect(None));
        let row = if marks_only { 3 } else { 1 };
        assert_eq!(bench.shows().current, Some((3, Some(row))));
        // New matches count, cleared ones do not.
        bench.command(LogCommand::Clear);
        bench.receives("pear");
        bench.receives("an apple");
        assert_eq!(matches_at(&mut bench, &[false, false]), [(7, Some(1)), (7, Some(1))]);
    }
}

#[test]
fn a_step_waits_for_the_filter_to_come_to_the_match() {
    let mut bench = Bench::open();
    for number in 0..100_000 {
        bench.receives(&number.to_string());
    }
    let query = Query { text: "99999".into(), marks_only: true, ..Query::default() };
    bench.command(LogCommand::Find(query));
    assert_eq!(matches_at(&mut bench, &[false]), [(100_000, Some(1))]);
    let query = Query { text: "x".into(), marks_only: true, ..Query::default() };
    bench.command(LogCommand::Find(query));
    bench.command(LogCommand::FindNext { is_back: true });
    let snapshot = bench.shows();
    assert_eq!(snapshot.found.map(|it| (it.matches, it.at)), Some((0, None)));
    assert_eq!(snapshot.current.map(|(id, _)| id), Some(100_000), "it stays where it was");
}

#[test]
fn marks_follow_evicted_rows_in_a_flood() {
    let mut bench = Bench::open();
    let bounds = Bounds { entries: 100, ..Bounds::DEFAULT };
    let query = Query { text: "7".into(), marks_only: true, ..Query::default() };
    bench.command(LogCommand::Find(query));
    for number in 0..1_000 {
        bench.receives(&(number % 10).to_string());
    }
    bench.command(LogCommand::Bound(bounds));
    bench.receives("7");
    bench.command(LogCommand::FindNext { is_back: false });
    bench.filters();
    bench.command(Command::Shown);
    let snapshot = bench.snapshot.take().expect("news");
    assert_eq!(snapshot.listed, 902..1_002);
    assert_eq!(snapshot.found.map(|it| it.matches), Some(11));
    assert_eq!(snapshot.current.map(|(_, row)| row.is_some()), Some(true));
}

#[test]
fn a_field_filters_json_while_text_is_marked() {
    let mut bench = Bench::open();
    for price in [9, 10, 11, 12] {
        bench.receives(&format!("{{\"price\":{price}}}"));
    }
    let query = |field: &str| Query {
        text: "2".into(),
        marks_only: true,
        field: field.into(),
        ..Query::default()
    };
    bench.command(LogCommand::Find(query("price > 10")));
    let snapshot = bench.shows();
    assert_eq!((snapshot.listed, snapshot.found.map(|it| it.matches)), (0..2, Some(1)));
    bench.command(LogCommand::Find(query("price > high")));
    let snapshot = bench.shows();
    assert!(snapshot.query_error.is_some_and(|error| error.to_string().contains("number")));
    assert_eq!(snapshot.listed, 0..5, "no earlier result stays");
}

#[test]
fn a_long_list_is_filtered_in_slices() {
    let mut bench = Bench::open();
    for number in 0..100_000 {
        bench.receives(&number.to_string());
    }
    bench.command(LogCommand::Find(Query { text: "99999".into(), ..Query::default() }));
    assert!(bench.timers.contains(&Timer::Filter), "one slice is not enough");
    bench.command(Command::Shown);
    let on_the_way = bench.snapshot.take().expect("news");
    assert!((1..100_000).contains(&on_the_way.unfiltered), "{}", on_the_way.unfiltered);
    assert_eq!(bench.lines(), ["99999"]);
}

#[test]
fn a_pause_loses_nothing() {
    let mut bench = Bench::open();
    bench.receives("before");
    bench.command(LogCommand::Pause(true));
    bench.receives("meanwhile");
    let snapshot = bench.shows();
    assert_eq!(snapshot.since_pause, Some(1));
    assert_eq!(bench.lines(), ["before"]);
    bench.command(LogCommand::Pause(false));
    assert_eq!(bench.lines(), ["before", "meanwhile"]);
}

#[test]
fn clearing_can_be_undone_until_eviction() {
    let mut bench = Bench::open();
    bench.receives("one");
    bench.command(LogCommand::Clear);
    bench.receives("two");
    assert_eq!(bench.lines(), ["two"]);
    assert_eq!(bench.shows().cleared, 2, "the opening and a message");
    bench.command(LogCommand::Unclear);
    assert_eq!(bench.lines(), ["one", "two"]);

    bench.command(LogCommand::Clear);
    bench.command(LogCommand::Forget);
    bench.command(LogCommand::Unclear);
    assert_eq!(bench.lines(), [""; 0]);
    let snapshot = bench.shows();
    assert_eq!((snapshot.held, snapshot.evicted), (0, 0), "no limit was reached");
}

#[test]
fn a_pin_outlives_its_entry() {
    let mut bench = Bench::open();
    bench.receives("precious");
    bench.command(LogCommand::Pin(1, true));
    bench.command(LogCommand::Clear);
    bench.command(LogCommand::Forget);
    let pinned = bench.shows().pinned;
    assert_eq!(pinned.iter().filter_map(line).collect::<Vec<_>>(), ["precious"]);
    let report = bench.report(LogCommand::Fetch(1, Purpose::Copy));
    let Some(Report::Fetched(fetched, _)) = report else { panic!("{report:?}") };
    assert_eq!(fetched.as_text(), "precious");
    assert_eq!(bench.command(ComposerCommand::SendAgain(1)), [sent(0, "precious")]);
    bench.command(LogCommand::Pin(1, false));
    assert_eq!(bench.shows().pinned, []);
}

#[test]
fn pins_are_bounded() {
    let mut bench = Bench::open();
    for number in 0..101 {
        bench.receives(&number.to_string());
    }
    for id in 1..=100 {
        assert_eq!(bench.report(LogCommand::Pin(id, true)), None);
    }
    assert_eq!(bench.report(LogCommand::Pin(101, true)), Some(Report::Warning(Warning::NotPinned)));
    bench.command(LogCommand::Pin(1, false));
    bench.receives(&"x".repeat((1 << 20) + 1));
    assert_eq!(bench.report(LogCommand::Pin(102, true)), Some(Report::Warning(Warning::NotPinned)));
    assert_eq!(bench.report(LogCommand::Pin(101, true)), None);
}

#[test]
fn a_large_message_is_inspected_in_part_and_copied_whole() {
    let mut bench = Bench::open();
    // Three bytes a character: no bound falls between two.
    bench.receives(&"가".repeat(1 << 20));
    let report = bench.report(LogCommand::Inspect(Some(EntryRef::Row(1))));
    let Some(Report::Fetched(part, _)) = report else { panic!("{report:?}") };
    assert_eq!((part.size, part.is_whole()), (3 << 20, false));
    assert!(part.part.len() <= 256 << 10, "{}", part.part.len());
    assert!(String::from_utf8(part.part).is_ok(), "it is cut at a character");
    let report = bench.report(LogCommand::Fetch(1, Purpose::Copy));
    let Some(Report::Fetched(whole, _)) = report else { panic!("{report:?}") };
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
    bench.command(LogCommand::Inspect(Some(EntryRef::Row(3))));
    assert_eq!(bench.shows().inspected, Some((3, Some(3))));
    bench.command(LogCommand::Find(Query { text: "b".into(), ..Query::default() }));
    assert_eq!(bench.shows().inspected, Some((3, Some(1))), "the second that has a b");
    bench.command(LogCommand::Find(Query {
        text: "a".into(),
        matches_case: true,
        ..Query::default()
    }));
    bench.command(LogCommand::Inspect(Some(EntryRef::Id(2))));
    assert_eq!(bench.shows().inspected, Some((2, None)), "it has no a");
    bench.command(LogCommand::Inspect(None));
    assert_eq!(bench.shows().inspected, None);
}

#[test]
fn a_row_past_the_end_is_the_last() {
    let mut bench = Bench::open();
    bench.receives("only");
    bench.command(LogCommand::Inspect(Some(EntryRef::Row(u64::MAX))));
    assert_eq!(bench.shows().inspected, Some((1, Some(1))));
}

#[test]
fn breaks_and_control_characters_stay_in_the_line() {
    let mut bench = Bench::open();
    bench.receives("one\r\ntwo\tthree\u{1b}[31m");
    assert_eq!(bench.lines(), ["one↵two␉three␛[31m"]);
}

/// Counters of the numbered stream in the snapshot: next, missing, late, repeats.
fn figures(snapshot: &Snapshot) -> Option<(u64, u64, u64, u64)> {
    snapshot.numbered.as_ref().map(|it| (it.next, it.missing, it.late, it.repeats))
}

#[test]
fn round_trips_survive_a_loss_but_not_a_manual_connect() {
    let mut bench = Bench::open();
    let echo = |bench: &mut Bench, attempt| {
        bench.command(ComposerCommand::Send(text("hi")));
        bench.socket(SocketInput::Received(attempt, text("hi")));
        bench.shows().round_trips.map(|it| it.count)
    };
    assert_eq!(bench.shows().round_trips, None);
    assert_eq!(echo(&mut bench, Attempt(0)), Some(1));
    bench.socket(SocketInput::Ended(Attempt(0), EndReason::Closed(Close::abnormal())));
    bench.fires(Timer::Retry(Attempt(1)));
    bench.socket(SocketInput::Opened(Attempt(1), Negotiated::default()));
    assert_eq!(echo(&mut bench, Attempt(1)), Some(2));
    bench.command(LogCommand::Clear);
    let round_trips = bench.shows().round_trips.expect("clearing a list clears no figure");
    assert_eq!((round_trips.count, round_trips.longest), (2, Duration::from_millis(1)));
    assert_eq!(round_trips.p99, round_trips.longest);

    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    bench.socket(SocketInput::Ended(Attempt(1), EndReason::Closed(Close::normal())));
    assert_eq!(bench.shows().round_trips.map(|it| it.count), Some(2), "until it connects");
    bench.command(ConnectionCommand::Connect(target().into()));
    bench.socket(SocketInput::Opened(Attempt(2), Negotiated::default()));
    assert_eq!(bench.shows().round_trips, None);
    assert_eq!(echo(&mut bench, Attempt(2)), Some(1));
}

#[test]
fn the_last_minute_has_traffic_per_second() {
    let mut bench = Bench::open();
    bench.now = Time(100_000_000);
    bench.command(ComposerCommand::Send(text("hi")));
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
    assert_eq!(minute.second(102).received.messages, 1);
    assert_eq!(minute.second(103).received.messages, 0);
}

#[test]
fn gaps_are_detected_in_each_number_form() {
    let binary = |number: u64| Message::Binary([&number.to_be_bytes()[..], b"..."].concat());
    let forms: [(NumberForm, &dyn Fn(u64) -> Message); 4] = [
        (NumberForm::Text, &|number| text(&format!("{number} abc"))),
        (NumberForm::Text, &|number| text(&format!("Echo: {number}"))),
        (NumberForm::Json, &|number| text(&format!(r#"{{"fill":"abc","seq":{number}}}"#))),
        (NumberForm::Binary, &binary),
    ];
    for (form, message) in forms {
        let mut bench = Bench::open();
        for number in [0, 1, 2, 3, 4, 8, 6, 9, 9] {
            bench.socket(SocketInput::Received(Attempt(0), message(number)));
            bench.receives("something else");
        }
        let snapshot = bench.shows();
        assert_eq!(figures(&snapshot), Some((10, 2, 1, 1)));
        let numbered = snapshot.numbered.expect("a stream");
        assert_eq!((numbered.form, numbered.gaps), (form, vec![5..6, 7..8]));
    }
}

#[test]
fn a_new_connection_restarts_numbering() {
    let mut bench = Bench::open();
    (0..9).for_each(|number: u64| bench.receives(&number.to_string()));
    assert_eq!(figures(&bench.shows()), Some((9, 0, 0, 0)));
    bench.socket(SocketInput::Ended(Attempt(0), EndReason::Closed(Close::abnormal())));
    assert_eq!(figures(&bench.shows()), Some((9, 0, 0, 0)), "it is what there was");
    bench.fires(Timer::Retry(Attempt(1)));
    bench.socket(SocketInput::Opened(Attempt(1), Negotiated::default()));
    assert_eq!(figures(&bench.shows()), None);
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
            let command: Command = read(&write(&command)).expect("a command survives");
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
                        prop_assert_eq!(read::<Report>(&write(&report)), Some(report));
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
            prop_assert_eq!(snapshot.opened_at.is_some(), matches!(snapshot.state, State::Open(_)));
            prop_assert_eq!(read::<Snapshot>(&write(&snapshot)), Some(snapshot));
        }
    }

    #[test]
    fn arbitrary_bytes_deserialize_safely(bytes: Vec<u8>) {
        let mut engine = Engine::new(7);
        if let Some(command) = read::<Command>(&bytes) {
            engine.update(command.into(), Time(0)).for_each(drop);
        }
    }
}

#[test]
fn persisted_entries_are_restored_with_one_divider() {
    let mut bench = Bench::open();
    bench.receives("before");
    let mut store = bench.persists().expect("something is new").write;
    for _ in 0..2 {
        let mut next = Bench::new();
        next.restores(&store);
        let rows = next.shows_rows();
        let brought: Vec<_> = rows
            .iter()
            .filter_map(|row| match &row.shows {
                RowContent::Event(LogEvent::Imported(brought)) => {
                    Some((brought.entries, brought.from.clone()))
                }
                _ => None,
            })
            .collect();
        assert_eq!(brought, [(2, Origin::LastVisit)]);
        assert_eq!(next.lines(), ["before"]);
        assert_eq!(next.shows().received.messages, 0, "it was counted when it came");
        let change = next.persists();
        store = change.map_or(store, |change| change.write);
    }
}

#[test]
fn clearing_unpersists_until_undone() {
    let mut bench = Bench::open();
    bench.receives("one");
    let before = bench.persists().expect("something is new").write;
    bench.command(LogCommand::Clear);
    let change = bench.persists().expect("it is to go");
    assert!(change.write.is_empty() && change.remove.contains(&before[0].0));
    bench.command(LogCommand::Unclear);
    let again = bench.persists().expect("it is wanted again").write;
    assert_eq!(again[0].1, before[0].1);
}

#[test]
fn an_export_names_the_address_of_each_connection_or_the_given_target() {
    let har = |bench: &mut Bench| {
        let view = Target { url: "ws://typed".into(), ..Target::default() };
        let outputs = bench.command(ExchangeCommand::Export {
            format: Format::Har,
            target: view,
            has_secrets: false,
        });
        let Some(Output::File(piece)) = outputs.into_iter().next() else {
            panic!("it is written");
        };
        assert_eq!(piece.ends, Some(Format::Har));
        piece.text
    };
    let mut bench = Bench::open();
    bench.receives("before");
    let store = bench.persists().expect("something is new").write;
    assert!(har(&mut bench).contains("\"ws://localhost:8080/ws\""));
    let mut next = Bench::new();
    next.restores(&store);
    let written = har(&mut next);
    assert!(written.contains("\"ws://localhost:8080/ws\"") && written.contains("\"before\""));

    let line = "{\"time\":\"2026-01-02T03:04:05Z\",\"direction\":\"in\",\"kind\":\"text\",\"text\":\"before\"}";
    let mut unknown = Bench::new();
    unknown.command(ExchangeCommand::Import { name: "a.jsonl".into(), text: line.into() });
    let text = har(&mut unknown);
    let mut third = Bench::new();
    third.command(LogCommand::RequestRows(RowRequest::Newest(100)));
    let report = third.report(ExchangeCommand::Import { name: "a.har".into(), text });
    let Some(Report::Imported(imported)) = report else {
        panic!("it is read at once");
    };
    assert_eq!((imported.entries, imported.error), (2, None));
    assert_eq!(imported.target.map(|target| target.url).as_deref(), Some("ws://typed"));
    assert_eq!(third.lines(), ["before"]);
}

/// Target on another path.
fn elsewhere() -> Target {
    Target { url: "ws://localhost:8080/echo".into(), ..Target::default() }
}

fn closes(attempt: u32) -> Output {
    Output::Socket(SocketOutput::Close(Attempt(attempt), Close::normal()))
}

fn opens(attempt: u32, target: Target) -> Output {
    Output::Socket(SocketOutput::Open(Attempt(attempt), target))
}

fn ended(attempt: u32) -> SocketInput {
    SocketInput::Ended(Attempt(attempt), EndReason::Closed(Close::normal()))
}

#[test]
fn connecting_elsewhere_closes_the_connection_and_opens_the_next() {
    let mut bench = Bench::open();
    assert_eq!(bench.shows().in_use, Some(target().url));
    assert_eq!(bench.command(ConnectionCommand::Connect(elsewhere().into())), [closes(0)]);
    let shows = bench.shows();
    assert_eq!(shows.state, State::Closing(Attempt(0)));
    assert_eq!((shows.in_use, shows.next_address), (Some(target().url), Some(elsewhere().url)));
    assert_eq!(bench.socket(ended(0)), [opens(1, elsewhere())]);
    let shows = bench.shows();
    assert_eq!((shows.in_use, shows.next_address), (Some(elsewhere().url), None));
    let switched = shows.rows.iter().find_map(|row| match &row.shows {
        RowContent::Event(LogEvent::Switched(switched)) => {
            Some((switched.from.clone(), switched.to.clone()))
        }
        _ => None,
    });
    assert_eq!(switched, Some((target().url, elsewhere().url)), "the list names both");
}

#[test]
fn connecting_to_the_address_in_use_changes_nothing() {
    let mut bench = Bench::open();
    assert_eq!(bench.command(ConnectionCommand::Connect(target().into())), []);
    assert_eq!(bench.shows().state, State::Open(Attempt(0)));
}

#[test]
fn a_connect_command_while_closing_is_kept() {
    let mut bench = Bench::open();
    assert_eq!(bench.command(ConnectionCommand::Disconnect(Close::normal())), [closes(0)]);
    assert_eq!(bench.command(ConnectionCommand::Connect(target().into())), [], "closing already");
    assert_eq!(bench.socket(ended(0)), [opens(1, target())]);
    let is_switch = |row: &Row| matches!(row.shows, RowContent::Event(LogEvent::Switched(_)));
    assert!(!bench.shows().rows.iter().any(is_switch), "the address is the same");
}

#[test]
fn the_newest_connect_command_while_closing_counts_and_a_disconnect_cancels_it() {
    let mut bench = Bench::open();
    bench.command(ConnectionCommand::Connect(elsewhere().into()));
    bench.command(ConnectionCommand::Connect(target().into()));
    assert_eq!(bench.shows().next_address, Some(target().url));
    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    assert_eq!(bench.socket(ended(0)), []);
    assert_eq!(bench.shows().in_use, None);
}

#[test]
fn a_slow_close_can_be_cut_short() {
    let mut bench = Bench::open();
    bench.command(ConnectionCommand::Connect(elsewhere().into()));
    assert!(!bench.shows().can_close_now);
    bench.fires(Timer::SlowClose(Attempt(0)));
    assert!(bench.shows().can_close_now);
    assert_eq!(bench.command(ConnectionCommand::CloseNow), [opens(1, elsewhere())]);
    assert_eq!(bench.socket(ended(0)), [], "the late end of the old socket is ignored");
    assert!(!bench.shows().can_close_now);
    assert_eq!(bench.shows().state, State::Connecting(Attempt(1)));
}

#[test]
fn who_closed_is_known_though_the_peer_did_not_answer() {
    let mut bench = Bench::open();
    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    bench.command(ConnectionCommand::CloseNow);
    let shows = bench.shows();
    assert_eq!(shows.state, State::Idle(Some(EndReason::Closed(Close::abnormal()))));
    assert!(shows.is_own_end);
    bench.command(ConnectionCommand::Connect(target().into()));
    bench.socket(SocketInput::Opened(Attempt(1), Negotiated::default()));
    bench.socket(SocketInput::Ended(Attempt(1), EndReason::Closed(Close::abnormal())));
    assert!(!bench.shows().is_own_end);
}

#[test]
fn another_address_while_waiting_is_a_switch_and_restores_nothing() {
    let mut bench = Bench::open();
    bench.socket(SocketInput::Ended(Attempt(0), EndReason::Closed(Close::abnormal())));
    assert!(matches!(bench.shows().state, State::Waiting { .. }));
    // The attempt that was planned is given up.
    assert_eq!(
        bench.command(ConnectionCommand::Connect(elsewhere().into())),
        [opens(2, elsewhere())]
    );
    bench.socket(SocketInput::Opened(Attempt(2), Negotiated::default()));
    let shows = bench.shows();
    let is_switch = |row: &Row| matches!(row.shows, RowContent::Event(LogEvent::Switched(_)));
    assert!(shows.rows.iter().any(is_switch));
    let opened = shows.rows.iter().rev().find_map(|row| match &row.shows {
        RowContent::Event(LogEvent::Opened(opened)) => {
            Some((opened.address.clone(), opened.outage))
        }
        _ => None,
    });
    assert_eq!(opened, Some((elsewhere().url, None)));
}

#[test]
fn closing_now_leaves_an_open_connection_alone() {
    let mut bench = Bench::open();
    assert_eq!(bench.command(ConnectionCommand::CloseNow), []);
    assert_eq!(bench.shows().state, State::Open(Attempt(0)));
}

/// Endpoint of the server that sent the page.
const HOME: &str = "ws://localhost:8080/ws";

/// An engine for a page of the server at [`HOME`], connecting to `url`, and its outputs.
fn connecting(url: &str, subprotocols: &[&str]) -> (Bench, Vec<Output>) {
    let mut bench = Bench::new();
    bench.engine = Engine::of_page(7, Page::from_endpoint(Some(HOME)));
    bench.restores(&[]);
    bench.command(LogCommand::RequestRows(RowRequest::Newest(100)));
    let subprotocols = subprotocols.iter().copied().map(str::to_owned).collect();
    let target = Target { url: url.into(), subprotocols, relay: None };
    let outputs = bench.command(ConnectionCommand::Connect(target.into()));
    (bench, outputs)
}

fn failed(attempt: u32) -> SocketInput {
    SocketInput::Ended(Attempt(attempt), EndReason::Failed)
}

fn refused(attempt: u32, status: u16, text: &str) -> SocketInput {
    let answer = Answer { status, text: text.into(), ..Answer::default() };
    SocketInput::Answered(Attempt(attempt), Some(answer))
}

fn asks(attempt: u32, url: &str) -> Output {
    Output::Socket(SocketOutput::Ask(Attempt(attempt), url.into()))
}

/// Ends in the list, oldest first: address, likeliest cause, number of causes.
fn ends(snapshot: &Snapshot) -> Vec<(String, String, usize)> {
    let end = |row: &Row| match &row.shows {
        RowContent::Event(LogEvent::Ended(ended)) => {
            let cause = ended.causes.first().map(ToString::to_string).unwrap_or_default();
            Some((ended.address.clone(), cause, ended.causes.len()))
        }
        _ => None,
    };
    snapshot.rows.iter().filter_map(end).collect()
}

#[test]
fn a_refusal_of_the_pages_server_is_asked_for_said_and_not_retried() {
    let url = "ws://localhost:8080/echo?delay=abc";
    let (mut bench, _) = connecting(url, &[]);
    assert_eq!(bench.socket(failed(0)), [asks(0, "http://localhost:8080/echo?delay=abc")]);
    assert_eq!(bench.shows().state, State::Connecting(Attempt(0)), "until the cause is known");
    bench.socket(refused(0, 400, "The option 'delay' cannot be 'abc'.\n"));
    let shows = bench.shows();
    assert_eq!(shows.state, State::Idle(Some(EndReason::Failed)));
    let cause = "400: The option 'delay' cannot be 'abc'.";
    assert_eq!(shows.causes.iter().map(ToString::to_string).collect::<Vec<_>>(), [cause]);
    assert_eq!(ends(&shows), [(url.to_owned(), cause.to_owned(), 1)]);
    assert!(!bench.timers.iter().any(|timer| matches!(timer, Timer::Retry(_))));
}

#[test]
fn a_server_that_is_full_or_away_is_tried_again() {
    let (mut bench, _) = connecting(HOME, &[]);
    bench.socket(failed(0));
    bench.socket(refused(0, 503, "Full."));
    assert!(matches!(bench.shows().state, State::Waiting { .. }));
    bench.fires(Timer::Retry(Attempt(1)));
    bench.socket(failed(1));
    bench.socket(SocketInput::Answered(Attempt(1), None));
    let shows = bench.shows();
    assert!(matches!(shows.state, State::Waiting { .. }));
    let cause = "No response from localhost:8080. Is the server running?";
    assert_eq!(shows.causes.iter().map(ToString::to_string).collect::<Vec<_>>(), [cause]);
    assert_eq!(ends(&shows).len(), 1, "a long outage does not fill the list");

    // It is back, and refuses for good.
    bench.fires(Timer::Retry(Attempt(2)));
    bench.socket(failed(2));
    bench.socket(refused(2, 403, "No."));
    let shows = bench.shows();
    assert_eq!(shows.state, State::Idle(Some(EndReason::Failed)));
    assert_eq!(ends(&shows)[1].1, "403: No.");
}

#[test]
fn another_server_is_not_asked_and_its_causes_are_listed() {
    let (mut bench, _) = connecting("ws://localhost:9000/", &["chat"]);
    assert_eq!(bench.socket(failed(0)), []);
    let shows = bench.shows();
    assert!(matches!(shows.state, State::Waiting { .. }), "the causes are only probable");
    assert_eq!(shows.causes.len(), 3);
    assert_eq!(shows.causes[1], Cause::Subprotocol);
    bench.fires(Timer::Retry(Attempt(1)));
    bench.socket(SocketInput::Opened(Attempt(1), Negotiated::default()));
    assert_eq!(bench.shows().causes, []);
}

#[test]
fn an_attempt_that_cannot_succeed_is_not_made() {
    for (url, subprotocol, sentence) in [
        ("ws://localhost:22/", "", "Browsers block port 22"),
        ("wss://localhost:8080/ws", "", "The server does not use TLS on this port."),
        ("ftp://localhost/", "", "A WebSocket address starts with ws:// or wss://"),
        (HOME, "a b", "A subprotocol name cannot contain a space."),
    ] {
        let (mut bench, outputs) = connecting(url, &[subprotocol]);
        assert_eq!(outputs, [], "{url}");
        let shows = bench.shows();
        assert_eq!(shows.state, State::Idle(Some(EndReason::Failed)));
        let ends = ends(&shows);
        assert_eq!((ends.len(), ends[0].2), (1, 1), "{url}");
        assert!(ends[0].1.starts_with(sentence), "{}", ends[0].1);
        assert!(!bench.timers.iter().any(|timer| matches!(timer, Timer::Retry(_))));
    }
}

#[test]
fn a_question_that_is_no_longer_of_interest_holds_nothing_up() {
    let (mut bench, _) = connecting(HOME, &[]);
    bench.socket(failed(0));
    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    assert_eq!(bench.shows().state, State::Idle(Some(EndReason::Cancelled)));
    bench.socket(refused(0, 403, "Late."));
    assert_eq!(bench.shows().causes, []);

    let outputs = bench.command(ConnectionCommand::Connect(target().into()));
    assert_eq!(outputs, [opens(1, target())]);
    bench.socket(failed(1));
    let outputs = bench.command(ConnectionCommand::Connect(elsewhere().into()));
    assert_eq!(outputs, [closes(1), opens(2, elsewhere())]);
    bench.socket(refused(1, 403, "Late."));
    assert_eq!(bench.shows().state, State::Connecting(Attempt(2)));
}

#[test]
fn rows_of_a_connection_say_where_how_long_and_who_closed() {
    let mut bench = Bench::open();
    let start = bench.now;
    bench.receives("hi");
    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    bench.socket(ended(0));
    bench.command(ConnectionCommand::Connect(target().into()));
    bench.socket(SocketInput::Opened(Attempt(1), Negotiated::default()));
    let close = Close { code: session::CloseCode(1001), reason: "bye".into() };
    bench.socket(SocketInput::Ended(Attempt(1), EndReason::Closed(close)));
    let rows = bench.shows().rows;
    let RowContent::Event(LogEvent::Opened(opened)) = &rows[0].shows else {
        panic!("it opened: {rows:?}")
    };
    assert_eq!((&*opened.address, rows[0].at), (&*target().url, start.min(rows[0].at)));
    let ends: Vec<_> = rows
        .iter()
        .filter_map(|row| match &row.shows {
            RowContent::Event(LogEvent::Ended(ended)) => Some((ended, row.at)),
            _ => None,
        })
        .collect();
    let [(own, at), (of_server, _)] = ends[..] else { panic!("two ends: {rows:?}") };
    assert!(own.is_own && !of_server.is_own);
    assert_eq!(own.lasted, Some(at.since(rows[0].at)));
    assert_eq!(of_server.address, target().url);
}

#[test]
fn an_inspected_event_is_reported_with_its_details() {
    let mut bench = Bench::open();
    let report = bench.report(LogCommand::Inspect(Some(EntryRef::Row(0))));
    let Some(Report::Event(row, Purpose::Inspect)) = report else { panic!("an event: {report:?}") };
    let RowContent::Event(LogEvent::Opened(opened)) = &row.shows else { panic!("it opened") };
    assert_eq!(opened.address, target().url);
    // Also of a row that the view has not: it copies the sentence.
    let report = bench.report(LogCommand::Fetch(row.id, Purpose::Copy));
    assert_eq!(report, Some(Report::Event(row, Purpose::Copy)));
}

#[test]
fn the_view_is_told_that_nothing_is_left() {
    fn is_empty(bench: &mut Bench) -> bool {
        bench.command(LogCommand::Clear);
        bench.command(LogCommand::Forget).contains(&Output::Report(Report::Emptied))
    }
    let mut bench = Bench::open();
    bench.receives("a");
    bench.command(LogCommand::Pin(1, true));
    assert!(!is_empty(&mut bench), "it is connected");
    bench.socket(SocketInput::Ended(Attempt(0), EndReason::Closed(Close::normal())));
    assert!(!is_empty(&mut bench), "a message is pinned");
    bench.command(LogCommand::Pin(1, false));
    assert!(is_empty(&mut bench));
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

#[test]
fn a_connection_whose_messages_lag_behind_is_closed_and_says_why() {
    let mut bench = Bench { keeps_up: false, ..Bench::open() };
    let mut outputs = Vec::new();
    while outputs.len() < 3 {
        let received = SocketInput::Received(Attempt(0), text("flood"));
        outputs.extend(bench.socket(received));
    }
    let probe = Output::Socket(SocketOutput::Probe(Attempt(0)));
    let reported =
        |output: &Output| matches!(output, Output::Report(Report::Warning(Warning::Overrun(_))));
    assert_eq!(outputs[..2], [probe, closes(0)]);
    assert!(reported(&outputs[2]));
    let rows = bench.shows_rows();
    let [.., said, ended_row] = &rows[..] else { panic!("{rows:?}") };
    let said = &said.shows;
    assert!(
        matches!(said, RowContent::Event(LogEvent::Overrun(overrun)) if overrun.lag > MAX_LAG),
        "{said:?}"
    );
    assert!(matches!(ended_row.shows, RowContent::Event(LogEvent::Ended(_))), "{ended_row:?}");
    assert_eq!(bench.shows().in_use, None, "the peer's Close frame is not waited for");
    let late = bench.socket(SocketInput::Received(Attempt(0), text("late")));
    assert_eq!(late, [], "it is said once");
    bench.socket(ended(0));
    assert_eq!(bench.shows_rows().len(), rows.len(), "it ends once, and is not retried");
}

#[test]
fn what_the_browser_hoarded_of_a_flood_is_passed_on_before_another_socket_opens() {
    let mut bench = Bench { keeps_up: false, ..Bench::open() };
    while bench.socket(SocketInput::Received(Attempt(0), text("flood"))).is_empty() {}
    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    bench.socket(ended(0));
    let probe = |attempt| [Output::Socket(SocketOutput::Probe(Attempt(attempt)))];
    assert_eq!(bench.command(ConnectionCommand::Connect(target().into())), probe(1));
    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    assert_eq!(bench.shows().in_use, None);
    assert_eq!(bench.command(ConnectionCommand::Connect(target().into())), probe(2));
    assert_eq!(bench.socket(SocketInput::Probed(Attempt(1))), []);
    assert_eq!(bench.socket(SocketInput::Probed(Attempt(2))), [opens(2, target())]);
    assert_eq!(bench.socket(SocketInput::Probed(Attempt(2))), []);
}

#[test]
fn disconnect_is_done_at_once_while_messages_lag_behind() {
    let mut bench = Bench { keeps_up: false, ..Bench::open() };
    while bench.socket(SocketInput::Received(Attempt(0), text("flood"))).is_empty() {}
    for _ in 0..300 {
        bench.receives("more");
    }
    bench.command(ConnectionCommand::Disconnect(Close::normal()));
    assert_eq!(bench.shows().in_use, None);
}

#[test]
fn a_probe_that_comes_back_keeps_the_connection() {
    let mut bench = Bench::open();
    for _ in 0..5_000 {
        bench.receives("fast");
    }
    assert!(bench.shows().in_use.is_some());
}

/// Messages that a repetition sends in three rounds of its timer.
fn repeats(bench: &mut Bench, outputs: Vec<Output>) -> Vec<Message> {
    let mut sent = Vec::new();
    let mut outputs = outputs;
    for _ in 0..3 {
        sent.extend(outputs.into_iter().filter_map(|output| match output {
            Output::Socket(SocketOutput::Send(_, message)) => Some(message),
            _ => None,
        }));
        bench.socket(SocketInput::Buffered(Some(0)));
        outputs = bench.fires(Timer::Repeat);
    }
    sent
}

fn repeat(text: &str) -> ComposerCommand {
    let repetition = Repetition::new(None, None).expect("it is valid");
    ComposerCommand::Repeat(Draft::new(Form::Text, text), None, repetition)
}

#[test]
fn a_repetition_waits_for_echoes_but_not_for_a_peer_that_sends_none() {
    let mut bench = Bench::open();
    let outputs = bench.command(repeat("again {{seq}}"));
    let sent = repeats(&mut bench, outputs);
    assert_eq!(sent.len(), 512);
    let outputs = bench.socket(SocketInput::Received(Attempt(0), sent[99].clone()));
    assert_eq!(repeats(&mut bench, outputs).len(), 100);
    bench.now = bench.now.after(Duration::from_secs(2));
    let outputs = bench.fires(Timer::Repeat);
    assert!(repeats(&mut bench, outputs).len() > 512);
}

#[test]
fn a_repetition_that_cannot_be_filled_in_any_more_stops_with_a_report() {
    let mut bench = Bench::open();
    let set = |value: &str| ComposerCommand::SetVariables(vec![("n".into(), value.into())]);
    bench.command(set("1"));
    let repetition = Repetition::new(Some(Duration::from_millis(1)), None).expect("it is valid");
    let draft = Draft::new(Form::Json, "{{n}}");
    bench.command(ComposerCommand::Repeat(draft, None, repetition));
    let outputs = bench.command(set("}"));
    let stopped = |output: &Output| {
        matches!(output, Output::Report(Report::Warning(Warning::RepetitionStopped(_))))
    };
    assert!(outputs.iter().any(stopped), "{outputs:?}");
    assert!(bench.shows().repeating.expect("there was one").is_over);
}
