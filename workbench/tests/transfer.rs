//! What is composed, repeated, exported and imported by an engine.

use std::time::Duration;

use session::{Attempt, Effect, Event, Message, Negotiated, Time};
use workbench::{
    Command, Engine, ImportReport, Origin, Query, Report, RowContent, RowRequest, Snapshot, Target,
    compose::{BURST, Draft, Form, Repetition},
    formats::{Format, ImportError},
};

const START: Time = Time(1_700_000_000_000_000);

fn open() -> Engine {
    let mut engine = Engine::new(7);
    let url = "ws://localhost:8080/ws".into();
    engine.command(Command::Connect(Target { url, subprotocols: Vec::new() }), false, START);
    engine.event(Event::Opened(Attempt(0), Negotiated::default()), START);
    engine.command(Command::RequestRows(RowRequest::Newest(100)), true, START);
    engine
}

fn sends(engine: &mut Engine, form: Form, text: &str) -> Option<Message> {
    let reaction = engine.command(Command::Compose(Draft::new(form, text)), true, START);
    match reaction.effect {
        Some(Effect::Send(_, message)) => Some(message),
        _ => None,
    }
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn shows(engine: &mut Engine) -> Snapshot {
    engine.command(Command::Shown, true, START);
    engine.command(Command::Pause(false), true, START);
    while engine.work() {}
    engine.snapshot().expect("there is news")
}

/// All that a repetition sends at `now`.
fn repeats(engine: &mut Engine, now: Time) -> Vec<Message> {
    std::iter::from_fn(|| engine.repeat(true, now))
        .filter_map(|effect| match effect {
            Effect::Send(_, message) => Some(message),
            _ => None,
        })
        .collect()
}

fn every(millis: u64, times: Option<u64>) -> Repetition {
    Repetition::new(Some(Duration::from_millis(millis)), times).unwrap()
}

#[test]
fn a_draft_is_filled_from_the_clock_a_count_and_the_persons_variables() {
    let mut engine = open();
    let variables = vec![("name".to_owned(), "Ada".to_owned())];
    engine.command(Command::Variables(variables), true, START);
    let hello = "{{seq}} {{name}} {{now}}";
    let now = "2023-11-14T22:13:20.000000Z";
    assert_eq!(sends(&mut engine, Form::Text, hello), Some(text(&format!("1 Ada {now}"))));
    assert_eq!(sends(&mut engine, Form::Text, hello), Some(text(&format!("2 Ada {now}"))));
    assert_eq!(shows(&mut engine).next_seq, 3);
    assert_eq!(
        sends(&mut engine, Form::Hex, "0{{seq}} ff"),
        Some(Message::Binary(vec![3, 255])),
        "hexadecimal is read when its variables are filled in"
    );
}

#[test]
fn a_draft_that_becomes_nothing_comes_back() {
    let mut engine = open();
    for draft in [
        Draft::new(Form::Text, "{{nobody}}"),
        Draft::new(Form::Json, "{"),
        Draft::new(Form::Hex, "0"),
    ] {
        let reaction = engine.command(Command::Compose(draft.clone()), true, START);
        assert_eq!(reaction.report, Some(Report::NotComposed(draft.clone())));
        let repeat = Command::Repeat(draft.clone(), every(1, None));
        engine.command(repeat, true, START);
        assert_eq!(repeats(&mut engine, START), []);
    }
    assert_eq!(shows(&mut engine).sent.messages, 0);
}

#[test]
fn a_repetition_sends_what_is_due_and_counts_from_one() {
    let mut engine = open();
    sends(&mut engine, Form::Text, "{{seq}}");
    let draft = Draft::new(Form::Text, "{{seq}}");
    engine.command(Command::Repeat(draft, every(100, Some(3))), true, START);
    assert_eq!(repeats(&mut engine, START), [text("1")]);
    assert_eq!(engine.repeats_at(), Some(START.after(Duration::from_millis(100))));
    assert_eq!(repeats(&mut engine, START.after(Duration::from_millis(200))).len(), 2);
    assert_eq!(engine.repeats_at(), None);
    let repeating = shows(&mut engine).repeating.expect("it is told how it ended");
    assert_eq!((repeating.progress.sent, repeating.is_over), (3, true));
}

#[test]
fn a_repetition_waits_for_a_full_connection_and_ends_with_a_lost_one() {
    let mut engine = open();
    let fast = Repetition::new(None, None).unwrap();
    engine.command(Command::Repeat(Draft::new(Form::Text, "x"), fast), true, START);
    assert_eq!(engine.repeat(false, START), None);
    assert!(engine.repeats_at().is_some(), "it goes on when the connection takes more");
    let sent = (0..BURST).filter_map(|_| engine.repeat(true, START)).count();
    assert_eq!(sent as u64, BURST);
    engine.event(Event::Disconnect(session::Close::normal()), START);
    assert_eq!(repeats(&mut engine, START), []);
    assert!(shows(&mut engine).repeating.is_some_and(|it| it.is_over));
}

#[test]
fn a_stopped_repetition_sends_no_more() {
    let mut engine = open();
    let draft = Draft::new(Form::Text, "x");
    engine.command(Command::Repeat(draft, every(1, None)), true, START);
    assert_eq!(repeats(&mut engine, START).len(), 1);
    engine.command(Command::StopRepeating, true, START);
    assert_eq!(repeats(&mut engine, START.after(Duration::from_secs(1))), []);
}

fn exported(engine: &mut Engine, format: Format) -> String {
    engine.command(Command::Export(format, Target::default()), true, START);
    let mut file = String::new();
    loop {
        let piece = engine.export().expect("it goes on until its end");
        file += &piece.text;
        if let Some(ends) = piece.ends {
            assert_eq!(ends, format);
            assert_eq!(engine.export(), None);
            return file;
        }
    }
}

fn imported(engine: &mut Engine, file: String) -> ImportReport {
    let import = Command::Import { name: "list".into(), text: file };
    let mut report = engine.command(import, true, START).report;
    while report.is_none() {
        report = engine.import(START);
    }
    match report {
        Some(Report::Imported(imported)) => imported,
        other => panic!("{other:?}"),
    }
}

/// An engine with as many messages that were received.
fn with_messages(count: u32) -> Engine {
    let mut engine = open();
    for number in 0..count {
        engine.event(Event::Received(Attempt(0), text(&format!("message {number}"))), START);
    }
    engine
}

#[test]
fn what_is_exported_in_slices_is_imported_in_slices() {
    const MESSAGES: u32 = 5_000;
    for format in [Format::JsonLines, Format::Har] {
        let file = exported(&mut with_messages(MESSAGES), format);
        let mut engine = Engine::new(8);
        engine.command(Command::RequestRows(RowRequest::Newest(4)), true, START);
        let imported = imported(&mut engine, file);
        assert_eq!(imported.error, None);
        assert!(imported.entries >= u64::from(MESSAGES), "{}", imported.entries);
        let snapshot = shows(&mut engine);
        assert_eq!(snapshot.received.messages, 0, "nothing passed here");
        let brought = snapshot.rows.last().map(|row| row.shows.clone());
        let Some(RowContent::Imported(brought)) = brought else {
            panic!("it says where it is from")
        };
        assert_eq!(brought.from, Origin::File("list".into()));
        engine.command(
            Command::Find(Query { text: "message".into(), ..Query::default() }),
            true,
            START,
        );
        assert_eq!(shows(&mut engine).listed, 0..u64::from(MESSAGES));
    }
}

#[test]
fn what_is_not_listed_is_not_exported() {
    let mut engine = with_messages(12);
    engine.command(Command::Find(Query { text: "1".into(), ..Query::default() }), true, START);
    while engine.work() {}
    let lines = |file: String| file.lines().count();
    assert_eq!(lines(exported(&mut engine, Format::TextLog)), 3);
    engine.command(Command::Clear, true, START);
    assert_eq!(lines(exported(&mut engine, Format::TextLog)), 0);
}

#[test]
fn what_comes_during_an_export_is_not_part_of_it() {
    let mut engine = with_messages(5_000);
    engine.command(Command::Export(Format::TextLog, Target::default()), true, START);
    let first = engine.export().expect("it has begun");
    assert_eq!(first.ends, None);
    engine.event(Event::Received(Attempt(0), text("late")), START);
    let rest: String = std::iter::from_fn(|| engine.export()).map(|piece| piece.text).collect();
    assert!(rest.contains("message 4999") && !rest.contains("late"));
}

#[test]
fn a_file_that_is_none_is_explained() {
    let mut engine = open();
    let report = imported(&mut engine, "<html>".into());
    assert_eq!((report.entries, report.error), (0, Some(ImportError::Format)));
    let file = exported(&mut with_messages(3), Format::JsonLines) + "{\"time\":1}\n";
    let report = imported(&mut engine, file);
    assert_eq!(report.entries, 4, "what came before is good");
    assert!(matches!(report.error, Some(ImportError::Line { line: 5, .. })), "{:?}", report.error);
}
