//! Messages, drafts and repetitions.

use std::{num::NonZeroU64, time::Duration};

use session::{Attempt, Message, Time};
use workbench::{
    compose::{Draft, Form, Framing, MAX_BURST, Repetition},
    connect::Target,
    engine::{
        ComposerCommand, FileCommand, Input, NotSent, Output, Report, SocketInput, Timer, Warning,
    },
};

use crate::harness::{Bench, lost, messages, sends, target, text};

/// Timer of the first repetition.
const FIRST: Timer = Timer::Repeat(1);

fn send(bench: &mut Bench, form: Form, text: &str) -> Option<Message> {
    messages(bench.command(ComposerCommand::SendDraft(Draft::new(form, text)))).pop()
}

/// Repeats a text, as often and as fast as is given.
fn repeat(text: &str, interval: Option<u64>, times: Option<u64>) -> ComposerCommand {
    let [interval, times] = [interval, times].map(|it| it.and_then(NonZeroU64::new));
    ComposerCommand::Repeat(Draft::new(Form::Text, text), None, Repetition::new(interval, times))
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
        let outputs = bench.update(Input::File(FileCommand::Send, Some(vec![1])));
        assert_eq!(outputs, [Output::Report(Report::NotSent(NotSent::File))]);
    }
    assert_eq!(bench.lines(), [""; 0], "it did not happen");
    bench.socket(SocketInput::Buffered(Some(0)));
    let outputs = bench.update(Input::File(FileCommand::Send, None));
    assert_eq!(outputs, [Output::Report(Report::NotSent(NotSent::File))], "it cannot be read");
    let outputs = bench.update(Input::File(FileCommand::Send, Some(vec![1])));
    assert_eq!(outputs.last(), Some(&Output::Report(Report::FileSent)));
}

#[test]
fn a_draft_waits_for_the_connection_that_it_was_submitted_for_and_no_other() {
    let draft = Draft::new(Form::Text, "delete all");
    let waits = ComposerCommand::SendOnceOpen(draft.clone(), Some(Framing::Ping));
    let mut bench = Bench::new();
    bench.connect(target());
    assert_eq!(bench.command(waits.clone()), []);
    let sent = Output::Report(Report::DraftSent(draft));
    assert_eq!(bench.opened(0), [sent, sends(0, text("delete all"))], "not relayed: one message");
    assert_eq!(bench.lines(), ["delete all"]);

    // Refused at once: the state is the one before.
    let mut bench = Bench::new();
    let nowhere = || Target { url: "nowhere".into(), ..Target::default() };
    bench.connect(nowhere());
    bench.connect(nowhere());
    assert_eq!(bench.command(waits.clone()), []);
    bench.connect(target());
    assert_eq!(bench.opened(2), []);

    // Lost, and connected again by a retry.
    let mut bench = Bench::new();
    bench.connect(target());
    bench.command(waits);
    bench.socket(lost(0));
    bench.fires(Timer::Retry(Attempt(1)));
    assert_eq!(bench.opened(1), []);
}

#[test]
fn a_draft_expands_time_sequence_and_custom_variables() {
    let mut bench = Bench::open();
    let variables = vec![("name".to_owned(), "Ada".to_owned())];
    bench.command(ComposerCommand::SetVariables(variables));
    bench.now = Time(1_700_000_000_000_000);
    let hello = "{{seq}} {{name}} {{now}}";
    let sent = text("1 Ada 2023-11-14T22:13:20.001000Z");
    assert_eq!(send(&mut bench, Form::Text, hello), Some(sent));
    let sent = text("2 Ada 2023-11-14T22:13:20.002000Z");
    assert_eq!(send(&mut bench, Form::Text, hello), Some(sent));
    assert_eq!(bench.shows().next_seq, 3);
    assert_eq!(
        send(&mut bench, Form::Hex, "0{{seq}} ff"),
        Some(Message::Binary(vec![3, 255])),
        "hexadecimal is read when its variables are filled in"
    );
}

#[test]
fn an_invalid_draft_is_returned() {
    let mut bench = Bench::open();
    for draft in [
        Draft::new(Form::Text, "{{nobody}}"),
        Draft::new(Form::Json, "{"),
        Draft::new(Form::Hex, "0"),
    ] {
        let refused = [Output::Report(Report::NotSent(NotSent::Draft(draft.clone())))];
        assert_eq!(bench.command(ComposerCommand::SendDraft(draft.clone())), refused);
        let repetition = Repetition::new(NonZeroU64::new(1), None);
        let outputs = bench.command(ComposerCommand::Repeat(draft, None, repetition));
        if outputs != refused {
            let is_set = |(timer, _): &_| matches!(timer, Timer::Repeat(_));
            assert!(!bench.timers.iter().any(is_set));
        }
        assert_eq!(messages(outputs), []);
        assert_eq!(bench.fires(FIRST), []);
    }
    assert_eq!(bench.shows().sent.messages, 0);
}

#[test]
fn a_repetition_sends_what_is_due_and_counts_on() {
    let mut bench = Bench::open();
    send(&mut bench, Form::Text, "{{seq}}");
    let sent = messages(bench.command(repeat("{{seq}}", Some(100), Some(3))));
    assert_eq!(sent, [text("2")]);
    assert_eq!(bench.timer(FIRST), Some(Duration::from_millis(100)));
    bench.now = bench.now.after(Duration::from_millis(199));
    assert_eq!(bench.goes_on(FIRST).map(messages), Some(vec![text("3"), text("4")]));
    assert_eq!(bench.timer(FIRST), None);
    let repeating = bench.shows().repeating.expect("it is told how it ended");
    assert_eq!((repeating.progress.sent, repeating.is_over), (3, true));
}

#[test]
fn a_repetition_waits_for_backpressure_and_ends_on_loss() {
    let mut bench = Bench::open();
    bench.socket(SocketInput::Buffered(Some((1 << 20) + 1)));
    assert_eq!(messages(bench.command(repeat("x", None, None))), []);
    let again = bench.timer(FIRST);
    assert_eq!(again, Some(Duration::ZERO), "it goes on when the connection takes more");
    let sent = messages(bench.socket(SocketInput::Buffered(Some(0))));
    assert!(!sent.is_empty() && sent.len() as u64 <= MAX_BURST, "it went on: {}", sent.len());
    bench.disconnect();
    assert_eq!(bench.fires(FIRST), []);
    assert!(bench.shows().repeating.is_some_and(|it| it.is_over));
}

#[test]
fn a_repetition_that_starts_without_a_connection_is_over() {
    let mut bench = Bench::open();
    bench.socket(lost(0));
    assert_eq!(bench.command(repeat("x", Some(1), None)), []);
    assert!(bench.shows().repeating.is_some_and(|it| it.is_over));
    bench.fires(Timer::Retry(Attempt(1)));
    assert_eq!(messages(bench.opened(1)), [], "it was for another connection");
}

#[test]
fn a_second_repetition_does_not_wait_for_the_timer_of_the_first() {
    let mut bench = Bench::open();
    bench.command(repeat("slow", Some(60_000), None));
    bench.command(ComposerCommand::StopRepeating);
    assert_eq!(messages(bench.command(repeat("fast", Some(100), None))), [text("fast")]);
    let second = Timer::Repeat(2);
    assert_eq!(bench.timer(second), Some(Duration::from_millis(100)));
    // That of the first fires all the same, and sets none.
    assert_eq!(bench.fires(FIRST), []);
    assert_eq!(bench.timers.iter().filter(|(timer, _)| *timer == second).count(), 1);
}

#[test]
fn a_long_interval_takes_several_timers() {
    let mut bench = Bench::open();
    let month = Duration::from_hours(24 * 30);
    let interval = u64::try_from(month.as_millis()).ok();
    assert_eq!(messages(bench.command(repeat("x", interval, None))), [text("x")]);
    let mut sent = Vec::new();
    let began = bench.now;
    while sent.is_empty() {
        let after = bench.timer(FIRST).expect("it goes on");
        assert!(after <= Duration::from_hours(1), "browsers fire at once after 25 days");
        bench.now = bench.now.after(after);
        sent = messages(bench.goes_on(FIRST).expect("it is set"));
    }
    assert!(bench.now.since(began) >= month);
}

#[test]
fn a_stopped_repetition_sends_nothing() {
    let mut bench = Bench::open();
    assert_eq!(messages(bench.command(repeat("x", Some(1), None))), [text("x")]);
    bench.command(ComposerCommand::StopRepeating);
    bench.now = bench.now.after(Duration::from_secs(1));
    assert_eq!(bench.fires(FIRST), []);
}

/// Messages that a repetition sends in three rounds of its timer.
fn rounds(bench: &mut Bench, mut outputs: Vec<Output>) -> Vec<Message> {
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.extend(messages(outputs));
        bench.socket(SocketInput::Buffered(Some(0)));
        outputs = bench.fires(FIRST);
    }
    sent
}

#[test]
fn a_repetition_waits_for_echoes_but_not_for_a_peer_that_sends_none() {
    let mut bench = Bench::open();
    let outputs = bench.command(repeat("again {{seq}}", None, None));
    let sent = rounds(&mut bench, outputs);
    assert_eq!(sent.len(), 512);
    let outputs = bench.socket(SocketInput::Received(Attempt(0), sent[99].clone()));
    assert_eq!(rounds(&mut bench, outputs).len(), 100);
    bench.now = bench.now.after(Duration::from_secs(2));
    let outputs = bench.fires(FIRST);
    assert!(rounds(&mut bench, outputs).len() > 512);
}

#[test]
fn a_repetition_that_cannot_be_filled_in_any_more_stops_with_a_report() {
    let mut bench = Bench::open();
    let set = |value: &str| ComposerCommand::SetVariables(vec![("n".into(), value.into())]);
    bench.command(set("1"));
    let repetition = Repetition::new(NonZeroU64::new(1), None);
    let draft = Draft::new(Form::Json, "{{n}}");
    bench.command(ComposerCommand::Repeat(draft, None, repetition));
    let report = bench.report(set("}"));
    assert!(matches!(report, Some(Report::Warning(Warning::RepetitionStopped(_)))), "{report:?}");
    assert!(bench.shows().repeating.expect("there was one").is_over);
}
