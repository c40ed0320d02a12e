//! Connecting, switching, closing, failing, and messages that lag behind.

use std::time::Duration;

use session::{Attempt, Close, CloseCode, EndReason, State};
use workbench::{
    connect::{Answer, Cause, FilledTarget, MAX_LAG, Target},
    engine::{ConnectionCommand, Output, Report, SocketInput, SocketOutput, Timer, Warning},
    exchange::Format,
    log::{Ended, LogEvent, RowContent},
};

use crate::harness::{Bench, HOME, asks, closes, ended, export, lost, opens, target};

/// Target on another path.
fn elsewhere() -> Target {
    Target { url: "ws://localhost:8080/echo".into(), ..Target::default() }
}

#[test]
fn connecting_elsewhere_closes_the_connection_and_opens_the_next() {
    let mut bench = Bench::open();
    assert_eq!(bench.connection().in_use, Some(target().url));
    assert_eq!(bench.connect(elsewhere()), [closes(0)]);
    let shows = bench.connection();
    assert_eq!(shows.state, State::Closing(Attempt(0)));
    assert_eq!((shows.in_use, shows.next_address), (Some(target().url), Some(elsewhere().url)));
    assert_eq!(bench.socket(ended(0)), [opens(1, elsewhere())]);
    let shows = bench.connection();
    assert_eq!((shows.in_use, shows.next_address), (Some(elsewhere().url), None));
    let addresses = switches(&mut bench);
    assert_eq!(addresses, [(target().url, elsewhere().url)], "the list names both");
}

#[test]
fn a_secret_of_the_query_is_in_no_row_no_file_and_no_store() {
    let url = "ws://localhost:8080/feed?token=s3cret&room=a";
    let (mut bench, _) = connecting(url, &[]);
    bench.opened(0);
    let begun = bench.command(export(Format::Har, true));
    let whole = bench.file(begun, Format::Har);
    assert!(whole.contains("token=s3cret&room=a"), "for who asks: {whole}");
    let har = bench.exports(Format::Har);
    assert_eq!(bench.connection().in_use.as_deref(), Some(url), "a reload connects to it");
    bench.connect(elsewhere());
    bench.socket(ended(0));
    let stored = bench.persists().expect("rows to store").write;
    let stored = String::from_utf8_lossy(&stored[0].1).into_owned();
    let files = Format::ALL.map(|format| bench.exports(format));
    for text in files.into_iter().chain([har.clone(), stored, format!("{:?}", bench.events())]) {
        assert!(text.contains("token=***&room=a") && !text.contains("s3cret"), "{text}");
    }
    for file in [har.replace("***", "[redacted]"), har] {
        let target = Bench::new().imports(&file).target.expect("its address");
        assert_eq!(target.url, "ws://localhost:8080/feed?token=&room=a");
    }
}

/// Addresses of each switch in the list.
fn switches(bench: &mut Bench) -> Vec<(String, String)> {
    let addresses = |event| match event {
        LogEvent::Switched(switched) => Some((switched.from, switched.to)),
        _ => None,
    };
    bench.events().into_iter().filter_map(addresses).collect()
}

#[test]
fn connecting_to_the_address_in_use_changes_nothing() {
    let mut bench = Bench::open();
    assert_eq!(bench.connect(target()), []);
    assert_eq!(bench.connection().state, State::Open(Attempt(0)));
}

#[test]
fn a_connect_command_while_closing_is_kept() {
    let mut bench = Bench::open();
    assert_eq!(bench.disconnect(), [closes(0)]);
    assert_eq!(bench.connect(target()), [], "closing already");
    assert_eq!(bench.socket(ended(0)), [opens(1, target())]);
    assert_eq!(switches(&mut bench), [], "the address is the same");
}

#[test]
fn the_newest_connect_command_while_closing_counts_and_a_disconnect_cancels_it() {
    let mut bench = Bench::open();
    bench.connect(elsewhere());
    bench.connect(target());
    assert_eq!(bench.connection().next_address, Some(target().url));
    bench.disconnect();
    assert_eq!(bench.socket(ended(0)), []);
    assert_eq!(bench.connection().in_use, None);
}

#[test]
fn a_slow_close_can_be_cut_short() {
    let mut bench = Bench::open();
    bench.connect(elsewhere());
    assert!(!bench.connection().can_close_now);
    bench.fires(Timer::SlowClose(Attempt(0)));
    assert!(bench.connection().can_close_now);
    assert_eq!(bench.command(ConnectionCommand::CloseNow), [opens(1, elsewhere())]);
    assert_eq!(bench.socket(ended(0)), [], "the late end of the old socket is ignored");
    assert!(!bench.connection().can_close_now);
    assert_eq!(bench.connection().state, State::Connecting(Attempt(1)));
}

#[test]
fn who_closed_is_known_though_the_peer_did_not_answer() {
    let mut bench = Bench::open();
    bench.disconnect();
    bench.command(ConnectionCommand::CloseNow);
    let shows = bench.connection();
    assert_eq!(shows.state, State::Idle(Some(EndReason::Closed(Close::abnormal()))));
    assert!(shows.is_own_end);
    bench.connect(target());
    bench.opened(1);
    bench.socket(lost(1));
    assert!(!bench.connection().is_own_end);
}

#[test]
fn another_address_while_waiting_is_a_switch_and_restores_nothing() {
    let mut bench = Bench::open();
    bench.socket(lost(0));
    assert!(matches!(bench.connection().state, State::Waiting { .. }));
    // The attempt that was planned is given up.
    assert_eq!(bench.connect(elsewhere()), [opens(2, elsewhere())]);
    bench.opened(2);
    assert_eq!(switches(&mut bench).len(), 1);
    let Some(LogEvent::Opened(opened)) = bench.events().pop() else { panic!("it opened") };
    assert_eq!((opened.address, opened.outage), (elsewhere().url, None));
}

#[test]
fn each_opening_is_reported_also_one_that_ends_at_once() {
    let mut bench = Bench::new();
    let secret = FilledTarget {
        target: target(),
        shown: Target { url: "ws://{{key}}/".into(), ..Target::default() },
    };
    bench.command(ConnectionCommand::Connect(secret));
    bench.opened(0);
    bench.socket(lost(0));
    assert_eq!(bench.addresses, ["ws://{{key}}/"], "as it is shown");
    bench.connect(elsewhere());
    assert_eq!(bench.addresses.len(), 1, "not yet");
    bench.opened(2);
    assert_eq!(bench.addresses[1..], [elsewhere().url]);
}

#[test]
fn closing_now_leaves_an_open_connection_alone() {
    let mut bench = Bench::open();
    assert_eq!(bench.command(ConnectionCommand::CloseNow), []);
    assert_eq!(bench.connection().state, State::Open(Attempt(0)));
}

/// A tab that connects to `url`, and its outputs.
fn connecting(url: &str, subprotocols: &[&str]) -> (Bench, Vec<Output>) {
    let mut bench = Bench::new();
    let subprotocols = subprotocols.iter().copied().map(str::to_owned).collect();
    let outputs = bench.connect(Target { url: url.into(), subprotocols, relay: None });
    (bench, outputs)
}

fn failed(attempt: u32) -> SocketInput {
    SocketInput::Ended(Attempt(attempt), EndReason::Failed)
}

fn refused(attempt: u32, status: u16, text: &str) -> SocketInput {
    let answer = Answer { status, text: text.into(), ..Answer::default() };
    SocketInput::Answered(Attempt(attempt), Some(answer))
}

/// Ends in the list, oldest first.
fn ends(bench: &mut Bench) -> Vec<Ended> {
    let end = |event| match event {
        LogEvent::Ended(ended) => Some(ended),
        _ => None,
    };
    bench.events().into_iter().filter_map(end).collect()
}

/// Sentences of causes.
fn sentences(causes: &[Cause]) -> Vec<String> {
    causes.iter().map(ToString::to_string).collect()
}

fn retries(bench: &Bench) -> bool {
    bench.timers.iter().any(|(timer, _)| matches!(timer, Timer::Retry(_)))
}

#[test]
fn a_refusal_of_the_pages_server_is_asked_for_said_and_not_retried() {
    let url = "ws://localhost:8080/echo?delay=abc";
    let (mut bench, _) = connecting(url, &[]);
    assert_eq!(bench.socket(failed(0)), [asks(0, "http://localhost:8080/echo?delay=abc")]);
    assert_eq!(bench.connection().state, State::Connecting(Attempt(0)), "until the cause is known");
    bench.socket(refused(0, 400, "The option 'delay' cannot be 'abc'.\n"));
    let shows = bench.connection();
    assert_eq!(shows.state, State::Idle(Some(EndReason::Failed)));
    assert_eq!(sentences(&shows.causes), ["400: The option 'delay' cannot be 'abc'."]);
    let ends = ends(&mut bench);
    assert_eq!(ends.len(), 1);
    assert_eq!((&*ends[0].address, &ends[0].causes), (url, &shows.causes));
    assert!(!retries(&bench));
}

#[test]
fn a_server_that_is_full_or_away_is_tried_again() {
    let (mut bench, _) = connecting(HOME, &[]);
    bench.socket(failed(0));
    bench.socket(refused(0, 503, "Full."));
    assert!(matches!(bench.connection().state, State::Waiting { .. }));
    bench.fires(Timer::Retry(Attempt(1)));
    bench.socket(failed(1));
    bench.socket(SocketInput::Answered(Attempt(1), None));
    let shows = bench.connection();
    assert!(matches!(shows.state, State::Waiting { .. }));
    let cause = "No response from localhost:8080. Is the server running?";
    assert_eq!(sentences(&shows.causes), [cause]);
    assert_eq!(ends(&mut bench).len(), 1, "a long outage does not fill the list");

    // It is back, and refuses for good.
    bench.fires(Timer::Retry(Attempt(2)));
    bench.socket(failed(2));
    bench.socket(refused(2, 403, "No."));
    assert_eq!(bench.connection().state, State::Idle(Some(EndReason::Failed)));
    assert_eq!(sentences(&ends(&mut bench)[1].causes), ["403: No."]);
}

#[test]
fn a_server_that_says_when_is_asked_again_then() {
    let mut bench = Bench::new();
    bench.connect(target());
    bench.socket(SocketInput::Ended(Attempt(0), EndReason::Failed));
    let answer = Answer { status: 503, retry_after: Some(60), ..Answer::default() };
    bench.socket(SocketInput::Answered(Attempt(0), Some(answer)));
    assert!(bench.timer(Timer::Retry(Attempt(1))) >= Some(Duration::from_mins(1)));
    // The next one does not.
    bench.goes_on(Timer::Retry(Attempt(1)));
    bench.socket(SocketInput::Ended(Attempt(1), EndReason::Failed));
    bench.socket(SocketInput::Answered(
        Attempt(1),
        Some(Answer { status: 503, ..Answer::default() }),
    ));
    assert!(bench.timer(Timer::Retry(Attempt(2))) < Some(Duration::from_mins(1)));
}

#[test]
fn a_connection_that_the_browser_fails_is_lost_with_that_cause() {
    let mut bench = Bench::open();
    bench.socket(SocketInput::Ended(Attempt(0), EndReason::Failed));
    let ended = ends(&mut bench).pop().expect("its end");
    assert_eq!(ended.reason, EndReason::Closed(Close::abnormal()));
    assert_eq!(
        (&*ended.causes, &*bench.connection().causes),
        (&[Cause::BrokenOff][..], &ended.causes[..])
    );
    bench.goes_on(Timer::Retry(Attempt(1)));
    bench.opened(1);
    assert_eq!(bench.connection().causes, []);
}

#[test]
fn a_probable_cause_shows_no_secret_of_the_address() {
    let [target, shown] = ["s3cret", "{{key}}"]
        .map(|key| Target { url: format!("ws://localhost:9000/feed/{key}"), ..Target::default() });
    let mut bench = Bench::new();
    bench.command(ConnectionCommand::Connect(FilledTarget { target, shown }));
    bench.socket(failed(0));
    let causes = format!("{:?}", bench.connection().causes);
    assert!(!causes.contains("s3cret"), "{causes}");
    assert!(causes.contains("wss://localhost:9000/feed/{{key}}"), "{causes}");
}

#[test]
fn another_server_is_not_asked_and_its_causes_are_listed() {
    let (mut bench, _) = connecting("ws://localhost:9000/", &["chat"]);
    assert_eq!(bench.socket(failed(0)), []);
    let shows = bench.connection();
    assert!(matches!(shows.state, State::Waiting { .. }), "the causes are only probable");
    assert_eq!(shows.causes.len(), 4);
    assert_eq!(shows.causes[1], Cause::Subprotocol);
    bench.fires(Timer::Retry(Attempt(1)));
    bench.opened(1);
    assert_eq!(bench.connection().causes, []);
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
        assert_eq!(bench.connection().state, State::Idle(Some(EndReason::Failed)));
        let ends = ends(&mut bench);
        assert_eq!(ends.len(), 1, "{url}");
        let [cause] = &ends[0].causes[..] else { panic!("{ends:?}") };
        assert!(cause.to_string().starts_with(sentence), "{cause}");
        assert!(!retries(&bench));
    }
}

#[test]
fn a_question_that_is_no_longer_of_interest_holds_nothing_up() {
    let (mut bench, _) = connecting(HOME, &[]);
    bench.socket(failed(0));
    bench.disconnect();
    assert_eq!(bench.connection().state, State::Idle(Some(EndReason::Cancelled)));
    bench.socket(refused(0, 403, "Late."));
    assert_eq!(bench.connection().causes, []);

    assert_eq!(bench.connect(target()), [opens(1, target())]);
    bench.socket(failed(1));
    assert_eq!(bench.connect(elsewhere()), [closes(1), opens(2, elsewhere())]);
    bench.socket(refused(1, 403, "Late."));
    assert_eq!(bench.connection().state, State::Connecting(Attempt(2)));
}

#[test]
fn rows_of_a_connection_say_where_how_long_and_who_closed() {
    let mut bench = Bench::open();
    bench.receives("hi");
    bench.disconnect();
    bench.socket(ended(0));
    let end = bench.now;
    bench.connect(target());
    bench.opened(1);
    let close = Close { code: CloseCode(1001), reason: "bye".into() };
    bench.socket(SocketInput::Ended(Attempt(1), EndReason::Closed(close)));
    let rows = bench.shows().rows;
    let RowContent::Event(LogEvent::Opened(opened)) = &rows[0].shows else {
        panic!("it opened: {rows:?}")
    };
    assert_eq!(opened.address, target().url);
    let ends = ends(&mut bench);
    let [own, of_server] = &ends[..] else { panic!("two ends: {ends:?}") };
    assert!(own.is_own && !of_server.is_own);
    assert_eq!(own.lasted, Some(end.since(rows[0].at)));
    assert_eq!(of_server.address, target().url);
}

#[test]
fn a_connection_whose_messages_lag_behind_is_closed_and_says_why() {
    let mut bench = Bench::open();
    bench.keeps_up = false;
    let mut outputs = Vec::new();
    while outputs.len() < 3 {
        outputs.extend(bench.receives("flood"));
    }
    let probe = Output::Socket(SocketOutput::Probe(Attempt(0)));
    let reported =
        |output: &Output| matches!(output, Output::Report(Report::Warning(Warning::Overrun(_))));
    assert_eq!(outputs[..2], [probe, closes(0)]);
    assert!(reported(&outputs[2]));
    let events = bench.events();
    let [LogEvent::Overrun(overrun), LogEvent::Ended(_)] = &events[..] else {
        panic!("{events:?}")
    };
    assert!(overrun.lag > MAX_LAG, "{overrun:?}");
    assert_eq!(bench.connection().causes, [Cause::Overrun]);
    assert_eq!(bench.connection().in_use, None, "the peer's Close frame is not waited for");
    assert_eq!(bench.receives("late"), [], "it is said once");
    bench.socket(ended(0));
    assert_eq!(bench.events(), events, "it ends once, and is not retried");
}

/// A connection in a flood, of which the first probe is under way.
fn flooded() -> Bench {
    let mut bench = Bench::open();
    bench.keeps_up = false;
    while bench.receives("flood").is_empty() {}
    bench
}

#[test]
fn what_the_browser_hoarded_of_a_flood_is_passed_on_before_another_socket_opens() {
    let mut bench = flooded();
    bench.disconnect();
    bench.socket(ended(0));
    let probe = |attempt| [Output::Socket(SocketOutput::Probe(Attempt(attempt)))];
    assert_eq!(bench.connect(target()), probe(1));
    bench.disconnect();
    assert_eq!(bench.connection().in_use, None);
    assert_eq!(bench.connect(target()), probe(2));
    assert_eq!(bench.socket(SocketInput::Probed(Attempt(1))), []);
    assert_eq!(bench.socket(SocketInput::Probed(Attempt(2))), [opens(2, target())]);
    assert_eq!(bench.socket(SocketInput::Probed(Attempt(2))), []);
}

#[test]
fn disconnect_is_done_at_once_while_messages_lag_behind() {
    let mut bench = flooded();
    for _ in 0..300 {
        bench.receives("more");
    }
    bench.disconnect();
    assert_eq!(bench.connection().in_use, None);
}

#[test]
fn a_probe_that_comes_back_keeps_the_connection() {
    let mut bench = Bench::open();
    for _ in 0..5_000 {
        bench.receives("fast");
    }
    assert!(bench.connection().in_use.is_some());
}
