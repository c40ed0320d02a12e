//! Compose, repeat, export and import through an engine.

use std::time::Duration;

use session::{Attempt, Message, Negotiated, Time};
use workbench::{
    compose::{BURST, Draft, Form, Repetition},
    connect::Target,
    engine::{
        Command, ComposerCommand, ConnectionCommand, Engine, ExchangeCommand, Input, LogCommand,
        NotSent, Output, Report, Snapshot, SocketInput, SocketOutput, Timer,
    },
    exchange::{Format, ImportError, ImportReport},
    log::{LogEvent, Origin, Query, RowContent, RowRequest},
};

const START: Time = Time(1_700_000_000_000_000);

/// Outputs of an input at `now`.
fn at(engine: &mut Engine, input: Input, now: Time) -> Vec<Output> {
    engine.update(input, now).collect()
}

fn command(engine: &mut Engine, command: impl Into<Command>) -> Vec<Output> {
    at(engine, Input::from(command.into()), START)
}

fn socket(engine: &mut Engine, input: SocketInput) -> Vec<Output> {
    at(engine, Input::Socket(input), START)
}

fn open() -> Engine {
    let mut engine = Engine::new(7);
    let url = "ws://localhost:8080/ws".into();
    let target = Target { url, ..Target::default() };
    command(&mut engine, ConnectionCommand::Connect(target.into()));
    socket(&mut engine, SocketInput::Opened(Attempt(0), Negotiated::default()));
    command(&mut engine, LogCommand::RequestRows(RowRequest::Newest(100)));
    engine
}

fn messages(outputs: Vec<Output>) -> Vec<Message> {
    let message = |output| match output {
        Output::Socket(SocketOutput::Send(_, message)) => Some(message),
        _ => None,
    };
    outputs.into_iter().filter_map(message).collect()
}

fn sends(engine: &mut Engine, form: Form, text: &str) -> Option<Message> {
    messages(command(engine, ComposerCommand::SendDraft(Draft::new(form, text)))).pop()
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

/// Has a filter look at all there is.
fn filters(engine: &mut Engine) {
    let filter = Output::Timer(Timer::Filter, Duration::ZERO);
    while at(engine, Input::Timer(Timer::Filter), START).contains(&filter) {}
}

fn shows(engine: &mut Engine) -> Snapshot {
    filters(engine);
    command(engine, Command::Shown);
    let outputs = command(engine, LogCommand::Pause(false));
    let snapshot = outputs.into_iter().find_map(|output| match output {
        Output::Report(Report::Snapshot(snapshot)) => Some(*snapshot),
        _ => None,
    });
    snapshot.expect("there is news")
}

/// All that a repetition sends when its timer fires at `now`.
fn repeats(engine: &mut Engine, now: Time) -> Vec<Message> {
    messages(at(engine, Input::Timer(Timer::Repeat), now))
}

/// The time after which a repetition goes on, if it does.
fn repeats_after(outputs: &[Output]) -> Option<Duration> {
    outputs.iter().find_map(|output| match output {
        Output::Timer(Timer::Repeat, after) => Some(*after),
        _ => None,
    })
}

fn every(millis: u64, times: Option<u64>) -> Repetition {
    Repetition::new(Some(Duration::from_millis(millis)), times).unwrap()
}

#[test]
fn a_draft_expands_time_sequence_and_custom_variables() {
    let mut engine = open();
    let variables = vec![("name".to_owned(), "Ada".to_owned())];
    command(&mut engine, ComposerCommand::SetVariables(variables));
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
fn an_invalid_draft_is_returned() {
    let mut engine = open();
    for draft in [
        Draft::new(Form::Text, "{{nobody}}"),
        Draft::new(Form::Json, "{"),
        Draft::new(Form::Hex, "0"),
    ] {
        let refused = Output::Report(Report::NotSent(NotSent::Draft(draft.clone())));
        let outputs = command(&mut engine, ComposerCommand::SendDraft(draft.clone()));
        assert!(outputs.contains(&refused), "{outputs:?}");
        let outputs = command(&mut engine, ComposerCommand::Repeat(draft, None, every(1, None)));
        if !outputs.contains(&refused) {
            assert_eq!(repeats_after(&outputs), None);
        }
        assert_eq!(messages(outputs), []);
        assert_eq!(repeats(&mut engine, START), []);
    }
    assert_eq!(shows(&mut engine).sent.messages, 0);
}

#[test]
fn a_repetition_sends_what_is_due_and_counts_from_one() {
    let mut engine = open();
    sends(&mut engine, Form::Text, "{{seq}}");
    let draft = Draft::new(Form::Text, "{{seq}}");
    let outputs = command(&mut engine, ComposerCommand::Repeat(draft, None, every(100, Some(3))));
    assert_eq!(repeats_after(&outputs), Some(Duration::from_millis(100)));
    assert_eq!(messages(outputs), [text("1")]);
    let later = START.after(Duration::from_millis(200));
    let outputs = at(&mut engine, Input::Timer(Timer::Repeat), later);
    assert_eq!(repeats_after(&outputs), None);
    assert_eq!(messages(outputs).len(), 2);
    let repeating = shows(&mut engine).repeating.expect("it is told how it ended");
    assert_eq!((repeating.progress.sent, repeating.is_over), (3, true));
}

#[test]
fn a_repetition_waits_for_backpressure_and_ends_on_loss() {
    let mut engine = open();
    let fast = Repetition::new(None, None).unwrap();
    socket(&mut engine, SocketInput::Buffered(Some((1 << 20) + 1)));
    let repeat = ComposerCommand::Repeat(Draft::new(Form::Text, "x"), None, fast);
    let outputs = command(&mut engine, repeat);
    let again = repeats_after(&outputs);
    assert_eq!(again, Some(Duration::ZERO), "it goes on when the connection takes more");
    assert_eq!(messages(outputs), []);
    let sent = messages(socket(&mut engine, SocketInput::Buffered(Some(0))));
    assert!(!sent.is_empty() && sent.len() as u64 <= BURST, "it went on: {}", sent.len());
    command(&mut engine, ConnectionCommand::Disconnect(session::Close::normal()));
    assert_eq!(repeats(&mut engine, START), []);
    assert!(shows(&mut engine).repeating.is_some_and(|it| it.is_over));
}

#[test]
fn a_stopped_repetition_sends_nothing() {
    let mut engine = open();
    let draft = Draft::new(Form::Text, "x");
    let outputs = command(&mut engine, ComposerCommand::Repeat(draft, None, every(1, None)));
    assert_eq!(messages(outputs).len(), 1);
    command(&mut engine, ComposerCommand::StopRepeating);
    assert_eq!(repeats(&mut engine, START.after(Duration::from_secs(1))), []);
}

fn exporting(format: Format) -> ExchangeCommand {
    ExchangeCommand::Export { format, target: Target::default(), has_secrets: false }
}

fn exported(engine: &mut Engine, format: Format) -> String {
    let first = command(engine, exporting(format));
    let (file, end) = pieces(engine, first);
    assert_eq!(end, Some(format));
    file
}

/// The text of a file's piece, and the format if it is the last.
fn piece(outputs: Vec<Output>) -> Option<(String, Option<Format>)> {
    outputs.into_iter().find_map(|output| match output {
        Output::File(piece) => Some((piece.text, piece.ends)),
        _ => None,
    })
}

/// All of a file from a piece of it on, and its format.
fn pieces(engine: &mut Engine, first: Vec<Output>) -> (String, Option<Format>) {
    let next = Output::Timer(Timer::Export, Duration::ZERO);
    let (mut file, mut outputs) = (String::new(), first);
    loop {
        let has_more = outputs.contains(&next);
        let (text, end) = piece(outputs).expect("it goes on until its end");
        file += &text;
        assert_eq!(has_more, end.is_none());
        if end.is_some() {
            return (file, end);
        }
        outputs = at(engine, Input::Timer(Timer::Export), START);
    }
}

fn imported(engine: &mut Engine, file: String) -> ImportReport {
    let import = ExchangeCommand::Import { name: "list".into(), text: file };
    let mut outputs = command(engine, import);
    loop {
        let has_more = outputs.contains(&Output::Timer(Timer::Import, Duration::ZERO));
        let report = outputs.into_iter().find_map(|output| match output {
            Output::Report(Report::Imported(report)) => Some(report),
            _ => None,
        });
        assert_eq!(has_more, report.is_none());
        if let Some(report) = report {
            return *report;
        }
        outputs = at(engine, Input::Timer(Timer::Import), START);
    }
}

/// An engine with as many messages that were received.
fn with_messages(count: u32) -> Engine {
    let mut engine = open();
    for number in 0..count {
        socket(&mut engine, SocketInput::Received(Attempt(0), text(&format!("message {number}"))));
    }
    engine
}

#[test]
fn sliced_exports_import_in_slices() {
    const MESSAGES: u32 = 5_000;
    for format in [Format::JsonLines, Format::Har] {
        let file = exported(&mut with_messages(MESSAGES), format);
        let mut engine = Engine::new(8);
        command(&mut engine, LogCommand::RequestRows(RowRequest::Newest(4)));
        let imported = imported(&mut engine, file);
        assert_eq!(imported.error, None);
        assert!(imported.entries >= u64::from(MESSAGES), "{}", imported.entries);
        let snapshot = shows(&mut engine);
        assert_eq!(snapshot.received.messages, 0, "nothing passed here");
        let brought = snapshot.rows.last().map(|row| row.shows.clone());
        let Some(RowContent::Event(LogEvent::Imported(brought))) = brought else {
            panic!("it says where it is from")
        };
        assert_eq!(brought.from, Origin::File("list".into()));
        command(
            &mut engine,
            LogCommand::Find(Query { text: "message".into(), ..Query::default() }),
        );
        assert_eq!(shows(&mut engine).listed, 0..u64::from(MESSAGES));
    }
}

#[test]
fn only_listed_entries_are_exported() {
    let mut engine = with_messages(12);
    command(&mut engine, LogCommand::Find(Query { text: "1".into(), ..Query::default() }));
    filters(&mut engine);
    let lines = |file: String| file.lines().count();
    assert_eq!(lines(exported(&mut engine, Format::TextLog)), 3);
    command(&mut engine, LogCommand::Clear);
    assert_eq!(lines(exported(&mut engine, Format::TextLog)), 0);
}

#[test]
fn an_export_waits_for_a_running_filter() {
    const MESSAGES: u32 = 40_000;
    let mut engine = with_messages(MESSAGES);
    let find = LogCommand::Find(Query { text: "message".into(), ..Query::default() });
    let outputs = command(&mut engine, find);
    assert!(outputs.contains(&Output::Timer(Timer::Filter, Duration::ZERO)), "it has more to do");
    let begun = command(&mut engine, exporting(Format::TextLog));
    assert!(piece(begun).is_none());
    let first = loop {
        let outputs = at(&mut engine, Input::Timer(Timer::Filter), START);
        if outputs.iter().any(|output| matches!(output, Output::File(_))) {
            break outputs;
        }
        assert!(outputs.contains(&Output::Timer(Timer::Filter, Duration::ZERO)), "it goes on");
    };
    let (file, end) = pieces(&mut engine, first);
    assert_eq!((file.lines().count(), end), (MESSAGES as usize, Some(Format::TextLog)));
}

#[test]
fn an_export_in_place_of_another_starts_a_file() {
    let mut engine = with_messages(5_000);
    let file = |outputs: Vec<Output>, file: &mut String| {
        outputs.into_iter().fold(None, |end, output| match output {
            Output::File(piece) => {
                if piece.starts {
                    file.clear();
                }
                *file += &piece.text;
                piece.ends
            }
            _ => end,
        })
    };
    let mut text = String::new();
    assert_eq!(file(command(&mut engine, exporting(Format::JsonLines)), &mut text), None);
    let mut end = file(command(&mut engine, exporting(Format::Har)), &mut text);
    while end.is_none() {
        end = file(at(&mut engine, Input::Timer(Timer::Export), START), &mut text);
    }
    assert_eq!(end, Some(Format::Har));
    let report = imported(&mut Engine::new(8), text);
    assert_eq!((report.unreadable.count, report.entries > 5_000), (0, true));
}

#[test]
fn an_export_excludes_later_entries() {
    let mut engine = with_messages(5_000);
    let export = exporting(Format::TextLog);
    let (_, end) = piece(command(&mut engine, export)).expect("it has begun");
    assert_eq!(end, None);
    socket(&mut engine, SocketInput::Received(Attempt(0), text("late")));
    let next = at(&mut engine, Input::Timer(Timer::Export), START);
    let (rest, _) = pieces(&mut engine, next);
    assert!(rest.contains("message 4999") && !rest.contains("late"));
}

#[test]
fn an_invalid_file_is_explained() {
    let mut engine = open();
    let report = imported(&mut engine, "<html>".into());
    assert_eq!((report.entries, report.error), (0, Some(ImportError::Format)));
}

#[test]
fn an_import_pauses_among_lines_that_are_passed_over() {
    let line = r#"{"time":"2026-01-02T03:04:05.678Z","direction":"in","kind":"text","text":"a"}"#;
    let ping = r#"{"time":"2026-01-02T03:04:05.678Z","direction":"in","kind":"ping"}"#;
    for passed_over in [ping, " "] {
        let lines = format!("{passed_over}\n").repeat((4 << 20) / (passed_over.len() + 1));
        let mut engine = open();
        let (name, text) = ("list".into(), format!("{line}\n{lines}{line}"));
        let mut outputs = command(&mut engine, ExchangeCommand::Import { name, text });
        let mut slices = 1;
        while outputs.contains(&Output::Timer(Timer::Import, Duration::ZERO)) {
            outputs = at(&mut engine, Input::Timer(Timer::Import), START);
            slices += 1;
        }
        assert!(slices > 3, "{slices}");
        assert!(outputs.iter().any(|output| {
            matches!(output, Output::Report(Report::Imported(report)) if report.entries == 2)
        }));
    }
}

#[test]
fn an_import_goes_on_after_entries_that_cannot_be_read() {
    let lines = exported(&mut with_messages(3), Format::JsonLines);
    let file = format!("{{\"time\":1}}\n{lines}{}{lines}", "x\n".repeat(5_000));
    let report = imported(&mut open(), file);
    assert_eq!((report.entries, report.error), (8, None));
    assert_eq!(report.unreadable.count, 5_001);
    let lines = report.unreadable.first.iter().map(|error| match error {
        ImportError::Line { line, .. } => *line,
        error => panic!("{error}"),
    });
    assert_eq!(lines.collect::<Vec<_>>(), [1, 6, 7]);
}
