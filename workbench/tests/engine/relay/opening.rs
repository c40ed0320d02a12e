//! Opening and end of a relayed connection: attempts, certificates, causes and secrets.

use std::time::Duration;

use relay::{Command, EndCause, Event, FailureCause, Opened, PayloadKind, Response, Side, Tls};
use session::{Attempt, Close, CloseCode, EndReason, Message, State};
use workbench::{
    connect::{Address, Cause, FilledTarget, Target},
    engine::{ConnectionCommand, SocketInput, Timer},
    log::LogEvent,
    relay::{Network, RelayOptions},
};

use super::{
    FIRST, TOKEN, certificate, commands, ended, failed, header, opened, ready, received, response,
};
use crate::harness::{Bench, closes};

#[test]
fn the_server_is_asked_to_open_what_the_tab_says() {
    let headers = header("Authorization", "Bearer abc");
    let options = RelayOptions { headers: headers.clone(), ..RelayOptions::default() };
    let open = Bench::new().greets(options);
    assert_eq!((open.url.as_str(), open.headers), ("wss://example.org/feed", headers));
    assert_eq!(open.offers, ["permessage-deflate; client_max_window_bits"]);
}

#[test]
fn options_of_another_address_are_not_sent() {
    let mut bench = Bench::new();
    let headers = header("Authorization", "Bearer abc");
    let mut options = RelayOptions { headers, ..RelayOptions::default() };
    let other = "wss://example.com/";
    options.bind(&Address::parse(other, false).expect("it is one"), other);
    assert_eq!(bench.routes(options), []);
    assert_eq!(
        bench.connection().causes,
        [Cause::OptionsOfAnother("wss://example.com:443".into())]
    );
    assert!(bench.is_idle());
}

#[test]
fn the_end_of_the_relay_is_not_the_targets() {
    let close = |code| Close { code: CloseCode(code), reason: "why".into() };
    let end = |code| SocketInput::Ended(FIRST, EndReason::Closed(close(code)));
    let mut bench = Bench::greeted();
    bench.socket(end(1008));
    assert_eq!(bench.connection().causes, [Cause::RelayClosed(close(1008))]);

    // A page of another version than the server, such as one from a cache, does not try again.
    let mut bench = Bench::greeted();
    bench.socket(end(1002));
    assert_eq!(bench.connection().causes, [Cause::RelayVersion]);
    assert!(bench.is_idle());

    let mut bench = Bench::relayed();
    bench.socket(end(1008));
    assert_eq!(bench.end().reason, EndReason::Closed(Close::abnormal()));
}

#[test]
fn a_socket_of_another_attempt_is_not_greeted() {
    let mut bench = Bench::new();
    bench.routes(RelayOptions::default());
    bench.answers(0, 200, TOKEN);
    assert_eq!(bench.opened(7), []);
}

#[test]
fn an_opening_is_a_row_with_both_heads_and_no_secret() {
    let mut bench = Bench::greeted();
    bench.relays(&[
        ready(1 << 20),
        Event::Connected("192.0.2.1:443".into()),
        Event::Request("GET /feed HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n".into()),
        response(101, "Switching Protocols", vec![]),
        opened(),
    ]);
    let events = bench.events();
    let [LogEvent::Handshake(opening), LogEvent::Opened(opened)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(opened.negotiated.subprotocol, "chat");
    assert_eq!(opening.connected.as_deref(), Some("192.0.2.1:443"));
    assert_eq!(opening.exchanges, [], "the heads are for who looks closer");
    let opening = bench.opening(0);
    assert_eq!(opening.exchanges[0].request, "GET /feed HTTP/1.1\nAuthorization: ***");
    let shows = bench.connection();
    assert!(shows.is_relayed && !shows.accepts_untrusted);
}

#[test]
fn a_target_is_closed_and_then_the_relay() {
    let mut bench = Bench::relayed();
    let close = Close { code: CloseCode(4001), reason: "bye".into() };
    let calls = bench.command(ConnectionCommand::Disconnect(close.clone()));
    assert_eq!(commands(&calls), [Command::Close { code: Some(4001), reason: b"bye" }]);
    let end = ended(Side::Page, EndCause::Closed, Some(4001), "bye");
    assert_eq!(bench.relays(&[end]), [closes(0)]);
    assert_eq!(bench.end().reason, EndReason::Closed(close));
    assert!(!bench.connection().is_relayed);
}

#[test]
fn what_the_server_found_is_the_cause() {
    let mut bench = Bench::greeted();
    let sentence = "example.org is 10.0.0.1, in the local network.";
    let failure = failed(FailureCause::UnconfirmedPrivate, sentence);
    let resolved = |host: &str| Event::Resolved { host: host.into(), addresses: Vec::new() };
    // The proxy is looked up first, and a redirect led on.
    bench.relays(&[ready(1), resolved("proxy"), resolved("example.org"), failure]);
    let (network, host) = (Network::Private, "example.org".to_owned());
    let cause = Cause::Unconfirmed { network, host };
    assert_eq!(bench.connection().causes, [cause]);
    assert!(bench.is_idle());
}

#[test]
fn a_certificate_that_is_not_trusted_is_kept_and_accepted_by_its_fingerprint() {
    // Another one than was accepted is a question again.
    for number in [1, 2] {
        let mut bench = Bench::new();
        let accepted_certificate = (number > 1).then_some([1; 32]);
        let options = RelayOptions { accepted_certificate, ..RelayOptions::default() };
        let open = bench.greets(options);
        assert_eq!((open.accepted, open.insecure), (accepted_certificate, false));
        assert_eq!(bench.connection().accepts_untrusted, number > 1);
        let tls = Tls { certificates: vec![certificate(number)], ..Tls::default() };
        let failure = failed(FailureCause::Certificate, "not trusted");
        bench.relays(&[ready(1), Event::Tls(tls), failure]);
        let (certificates, sentence) = (vec![certificate(number)], "not trusted".to_owned());
        assert_eq!(bench.connection().causes, [Cause::Untrusted { certificates, sentence }]);
        assert!(bench.is_idle());
        let events = bench.events();
        assert!(matches!(events[..], [LogEvent::Handshake(_), LogEvent::Ended(_)]), "{events:?}");
        let tls = bench.opening(0).tls.expect("it is in the list");
        assert_eq!(tls.certificates, [certificate(number)]);
    }
}

/// Target at a path with `{key}`, which is a secret variable's.
fn secret(path: &str) -> FilledTarget {
    let [target, shown] = ["s3cret", "{{key}}"].map(|key| {
        let url = format!("wss://example.org{}", path.replace("{key}", key));
        Target { url, relay: Some(Box::default()), ..Target::default() }
    });
    FilledTarget { target, shown }
}

#[test]
fn a_redirect_that_is_not_followed_says_where_it_leads_and_is_not_retried() {
    let mut bench = Bench::new();
    bench.command(ConnectionCommand::Connect(secret("/{key}")));
    bench.answers(0, 200, TOKEN);
    bench.relays(&[
        ready(1),
        Event::Request("GET /s3cret HTTP/1.1\r\n\r\n".into()),
        response(302, "Found", header("location", "/s3cret/feed")),
        failed(FailureCause::Status, "wss://example.org/s3cret answered."),
    ]);
    let location = "/{{key}}/feed".to_owned();
    assert_eq!(bench.connection().causes, [Cause::Redirects { status: 302, location }]);
    assert!(bench.is_idle());
}

#[test]
fn a_refusal_through_the_relay_is_said_as_to_a_browser_and_begins_when_it_was_tried() {
    let mut bench = Bench::greeted();
    let tried = bench.now;
    let Event::Response(full) = response(503, "Full", header("Retry-After", "60")) else {
        unreachable!()
    };
    bench.relays(&[ready(1), Event::Request("GET /feed HTTP/1.1\r\n\r\n".into())]);
    let body = "Full until noon.\n".to_owned();
    bench.relays(&[
        Event::Response(Response { body, ..full }),
        failed(FailureCause::Status, "The server answered with HTTP status 503 Full."),
    ]);
    let shows = bench.shows();
    assert_eq!(shows.connection.causes[0].to_string(), "503: Full until noon.");
    assert!(bench.timer(Timer::Retry(Attempt(1))) >= Some(Duration::from_mins(1)), "as it asks");
    assert!(shows.rows[0].at < tried && shows.rows[1].at > tried, "{:?}", shows.rows);
}

#[test]
fn an_address_after_redirects_is_shown() {
    let mut bench = Bench::greeted();
    let Event::Opened(opened) = opened() else { unreachable!() };
    let url = "wss://example.org/moved?token=s3cret".to_owned();
    bench.relays(&[ready(1 << 20), Event::Opened(Opened { url, ..opened })]);
    let events = bench.events();
    let [LogEvent::Handshake(_), LogEvent::Opened(opened)] = &events[..] else {
        panic!("{events:?}")
    };
    let address = "wss://example.org/moved?token=***";
    assert_eq!(opened.address, address);
    assert_eq!(bench.opening(0).url, address);
}

#[test]
fn attempts_that_fail_again_add_no_rows() {
    let mut bench = Bench::greeted();
    let failure = || failed(FailureCause::Unreachable, "nobody");
    bench.relays(&[ready(1), failure()]);
    assert_eq!(bench.rows().len(), 2);
    bench.retries(&[failure()]);
    let state = bench.connection().state;
    assert!(matches!(state, State::Waiting { retry: 2, .. }), "{state:?}");
    assert_eq!(bench.rows().len(), 2);
}

#[test]
fn a_secret_in_the_address_is_in_no_cause_and_no_head() {
    let mut bench = Bench::new();
    bench.command(ConnectionCommand::Connect(secret("/feed?key={key}")));
    bench.answers(0, 200, TOKEN);
    let sentence = "Cannot connect to wss://example.org/feed?key=s3cret.";
    bench.relays(&[
        ready(1),
        Event::Request("GET /feed?key=s3cret HTTP/1.1\r\n\r\n".into()),
        failed(FailureCause::Unreachable, sentence),
    ]);
    let shown = format!("{:?} {:?}", bench.opening(0), bench.shows());
    assert!(!shown.contains("s3cret") && shown.contains("GET /feed?key={{key}}"), "{shown}");
}

#[test]
fn a_close_frame_without_a_code_is_no_loss() {
    let mut bench = Bench::relayed();
    bench.relays(&[ended(Side::Target, EndCause::Closed, None, "")]);
    assert!(bench.is_idle());
}

#[test]
fn a_server_that_does_not_relay_is_said() {
    let causes = |answer: Option<(u16, &str)>| {
        let mut bench = Bench::new();
        bench.routes(RelayOptions::default());
        match answer {
            Some((status, text)) => bench.answers(0, status, text),
            None => bench.socket(SocketInput::Answered(FIRST, None)),
        };
        bench.connection().causes
    };
    assert_eq!(causes(Some((404, "There is nothing at this path."))), [Cause::RelayOff]);
    let sentence = "The relay only serves the user who started this server.".to_owned();
    let refused = causes(Some((403, &*sentence)));
    assert_eq!(refused, [Cause::Refused { status: 403, sentence }]);
    assert_eq!(causes(None), [Cause::NoResponse { authority: "localhost:8080".into() }]);
}

#[test]
fn bytes_that_are_no_events_end_the_attempt() {
    let mut bench = Bench::greeted();
    bench.socket(SocketInput::Received(FIRST, Message::Binary(vec![255; 9])));
    assert_eq!(bench.connection().causes, [Cause::RelayVersion]);
}

#[test]
fn an_attempt_is_called_off_before_the_token_has_come() {
    let mut bench = Bench::new();
    bench.routes(RelayOptions::default());
    bench.disconnect();
    assert!(bench.is_idle());
    assert_eq!(bench.answers(0, 200, TOKEN), []);
}

#[test]
fn a_flood_does_not_wait_long_for_the_peers_close_frame() {
    let limit = |messages: usize| {
        let mut bench = Bench::relayed();
        for _ in 0..messages {
            bench.relays(&[received(1, PayloadKind::Text, b"flood")]);
        }
        bench.disconnect();
        bench.timer(Timer::CloseHandshake(FIRST))
    };
    assert_eq!(limit(1), Some(Duration::from_secs(3)));
    assert_eq!(limit(600), Some(Duration::from_millis(500)));
}

/// End of a target that can be reached again.
fn lost() -> Event<'static> {
    ended(Side::Target, EndCause::Lost, None, "")
}

#[test]
fn any_certificate_is_accepted_for_the_attempts_that_follow_one_click() {
    let mut bench = Bench::new();
    let options = RelayOptions { accepts_any_certificate: true, ..RelayOptions::default() };
    assert!(bench.greets(options).insecure);
    bench.relays(&[ready(1 << 20), opened()]);
    // The same target is no other: the tab has no acceptance any more.
    assert_eq!(bench.routes(RelayOptions::default()), []);
    bench.relays(&[lost()]);
    assert!(matches!(bench.connection().state, State::Waiting { .. }));
    assert!(bench.retries(&[]).insecure, "the next attempt, at once");
}

#[test]
fn a_mark_on_a_header_makes_no_other_target_of_it() {
    let options = RelayOptions { headers: header("X-Tenant", "acme"), ..RelayOptions::default() };
    let mut bench = Bench::new();
    bench.greets(options.clone());
    bench.relays(&[ready(1 << 20), opened()]);
    // The note on other options does not count it either.
    let marked = RelayOptions { plain: vec!["X-Tenant".to_owned()], ..options.clone() };
    assert!(marked.is_equivalent(&options));
    assert_eq!(bench.routes(marked.clone()), []);
    assert_eq!(bench.connection().state, State::Open(FIRST));

    // One that is a secret from now on is one in the next attempt.
    let mut bench = Bench::new();
    bench.greets(marked);
    bench.relays(&[ready(1 << 20), opened()]);
    assert_eq!(bench.routes(options), []);
    bench.relays(&[lost()]);
    let head = "GET /feed HTTP/1.1\r\nX-Tenant: acme\r\n\r\n".to_owned();
    bench.retries(&[ready(1), Event::Request(head), opened()]);
    let row = bench.rows().len() - 2;
    let opening = bench.opening(row);
    assert!(opening.exchanges[0].request.ends_with("X-Tenant: ***"), "{opening:?}");
}

#[test]
fn a_close_frame_that_is_not_answered_is_no_loss() {
    for (cause, reason) in
        [(EndCause::Unanswered, ""), (EndCause::Lost, "Connection reset by peer")]
    {
        let mut bench = Bench::relayed();
        bench.disconnect();
        bench.relays(&[ended(Side::Page, cause, None, reason)]);
        let shows = bench.connection();
        assert_eq!(shows.state, State::Idle(Some(EndReason::Closed(Close::abnormal()))));
        assert!(shows.is_own_end);
    }
}

#[test]
fn an_end_for_memory_is_not_a_close_without_an_answer() {
    let mut bench = Bench::relayed();
    bench.relays(&[ended(Side::Relay, EndCause::Memory, None, "Too much memory is held.")]);
    let ended = bench.end();
    assert!(ended.is_own && !ended.is_unanswered() && ended.is_failure(), "{ended:?}");
}
