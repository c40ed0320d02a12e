//! Files of a relayed connection.

use relay::{
    Direction, EndCause, Event, Failure, FailureCause, Opened, PayloadKind, Response, Side, Stage,
    Tls,
};
use session::Time;
use workbench::{
    compose::{Draft, Form, Framing},
    connect::Target,
    engine::ComposerCommand,
    exchange::{Format, Import},
    log::{Item, LogEvent},
    relay::RelayOptions,
};

use super::{
    TOKEN, certificate, control, ended, failed, header, opened, ready, received, response, sent,
};
use crate::harness::{Bench, export, text};

#[test]
fn rule_2_the_token_is_in_no_export_and_no_stored_entry() {
    let mut bench = Bench::relayed();
    bench.command(ComposerCommand::Send(text("hi")));
    bench.relays(&[sent(1, true), received(1, PayloadKind::Text, b"hi")]);
    let stored = format!("{:?}", bench.persists().expect("entries to store"));
    let raw =
        format!("{:?}", std::array::from_fn::<u8, 16, _>(|index| u8::try_from(index).unwrap()));
    let files = Format::ALL.map(|format| bench.exports(format));
    for text in files.into_iter().chain([stored, format!("{:?}", bench.shows())]) {
        assert!(!text.contains(TOKEN) && !text.contains(raw.trim_matches(['[', ']'])), "{text}");
    }
}

#[test]
fn rule_14_a_har_has_both_heads_the_control_frames_and_secrets_for_who_asks() {
    let mut bench = Bench::new();
    let headers = [header("X-Key", "s3cret"), header("Origin", "https://a.test")].concat();
    bench.greets(RelayOptions { headers, ..RelayOptions::default() });
    let request = "GET /feed HTTP/1.1\r\nUpgrade: websocket\r\nX-Key: s3cret\r\n\r\n";
    bench.relays(&[
        ready(1 << 20),
        Event::Request(request.into()),
        response(101, "Upgraded", header("Server", "other")),
        opened(),
        received(9, PayloadKind::Binary, b"there?"),
    ]);
    let har = bench.exports(Format::Har);
    let begun = bench.command(export(Format::Har, true));
    let whole = bench.file(begun, Format::Har);
    for part in [
        r#"[{"name":"Upgrade","value":"websocket"},{"name":"X-Key","value":"***"}]"#,
        r#""statusText":"Upgraded""#,
        r#""headers":[{"name":"Server","value":"other"}]"#,
        r#""opcode":9,"data":"dGhlcmU/""#,
    ] {
        assert!(har.contains(part), "{part}: {har}");
    }
    assert_eq!(whole, har.replace("***", "s3cret"));
    for format in Format::ALL {
        let text = bench.exports(format);
        assert!(!text.contains("s3cret") && text.contains("example.org/feed"), "{text}");
    }
}

#[test]
fn a_har_has_secrets_of_the_query_for_who_asks() {
    let mut bench = Bench::new();
    let url = "wss://example.org/feed?token=s3cret".to_owned();
    bench.connect(Target { url, relay: Some(Box::default()), ..Target::default() });
    bench.answers(0, 200, TOKEN);
    let request = "GET /feed?token=s3cret HTTP/1.1\r\nHost: example.org\r\n\r\n";
    bench.relays(&[ready(1), Event::Request(request.into()), response(101, "", vec![]), opened()]);
    bench.relays(&[ended(Side::Target, EndCause::Closed, Some(1000), "")]);
    // It is not the last one.
    bench.routes(RelayOptions::default());
    let begun = bench.command(export(Format::Har, true));
    assert!(
        bench.file(begun, Format::Har).contains(r#""url":"wss://example.org/feed?token=s3cret""#)
    );
    assert!(!bench.exports(Format::Har).contains("s3cret"));
}

#[test]
fn frames_of_messages_are_lines_beside_theirs() {
    let mut bench = Bench::relayed();
    bench.command(ComposerCommand::Send(text("one")));
    bench.relays(&[
        sent(1, false),
        sent(0, true),
        received(1, PayloadKind::Text, b"1"),
        control(Direction::Received, 9, b"p", 0),
        control(Direction::Sent, 10, b"p", 0),
    ]);
    let lines = bench.exports(Format::JsonLines);
    let lines: Vec<_> =
        lines.lines().map(|line| line.split_once(',').map_or("", |(_, rest)| rest)).collect();
    let frame = |opcode, fin, header| {
        format!(
            r#""frame":{{"opcode":"{opcode}","fin":{fin},"rsv1":false,"header":{header},"size":"#
        )
    };
    let starts = [
        r#""direction":"out","kind":"text","text":"one""#.to_owned(),
        format!(r#""direction":"out",{}"#, frame("text", false, 2)),
        format!(r#""direction":"out",{}"#, frame("continuation", true, 2)),
        format!(r#""direction":"in",{}"#, frame("text", true, 2)),
        r#""direction":"in","kind":"text","text":"1""#.to_owned(),
        format!(r#""direction":"in",{}"#, frame("ping", true, 2)),
        r#""direction":"in","kind":"ping""#.to_owned(),
        r#""direction":"out","kind":"pong""#.to_owned(),
        format!(r#""direction":"out",{}"#, frame("pong", true, 6)),
    ];
    assert_eq!(lines.len(), starts.len() + 1, "{lines:#?}");
    for (line, start) in lines[1..].iter().zip(&starts) {
        assert!(line.starts_with(start), "{start}: {lines:#?}");
    }
}

#[test]
fn a_har_has_the_times_of_the_opening_and_the_address_of_the_server() {
    use relay::Stage::{Http, Name, Tcp, Tls};
    let mut bench = Bench::greeted();
    let Event::Opened(opened) = opened() else { unreachable!() };
    let times = vec![(Name, 1_500), (Tcp, 2_000), (Tls, 3_000), (Http, 4_000)];
    bench.relays(&[
        ready(1 << 20),
        Event::Connected("[::1]:443".into()),
        Event::Request("GET /feed HTTP/1.1\r\n\r\n".into()),
        response(101, "", vec![]),
        Event::Opened(Opened { times, ..opened }),
    ]);
    let at = bench.connection().since.expect("open");
    let began = Time(at.0.saturating_sub(10_500));
    let har = bench.exports(Format::Har);
    for part in [
        format!(r#""startedDateTime":"{began}","serverIPAddress":"::1","_webSocketOpened":"#),
        r#""time":10.500,"timings":{"dns":1.500,"connect":5.000,"ssl":3.000,"send":0,"wait":4.000,"receive":0}"#.to_owned(),
    ] {
        assert!(har.contains(&part), "{part}: {har}");
    }
    // Imported, it opened when it did.
    let imported: Vec<_> = Import::new(har).expect("a HAR").map(Result::unwrap).collect();
    let opened = imported
        .iter()
        .find(|it| matches!(it.item, Item::Event(LogEvent::Opened(_))))
        .expect("it opened");
    assert_eq!(opened.at, at);
}

#[test]
fn a_har_has_each_redirect_and_the_body_of_a_refusal() {
    let mut bench = Bench::new();
    let headers = header("X-Pin", "PIN4711");
    bench.greets(RelayOptions { headers, follows_redirects: true, ..RelayOptions::default() });
    let refusal = Response {
        status: 401,
        reason: "No".into(),
        headers: header("Content-Type", "text/plain"),
        body: "No PIN4711.".into(),
    };
    bench.relays(&[
        ready(1),
        Event::Request("GET /feed HTTP/1.1\r\nHost: example.org\r\nCookie: s3cret\r\n\r\n".into()),
        response(302, "Found", header("Location", "ws://b.test/moved")),
        Event::Request("GET /moved HTTP/1.1\r\nHost: b.test\r\n\r\n".into()),
        response(307, "", header("location", "/again?a=PIN4711")),
        Event::Request("GET /again?a=PIN4711 HTTP/1.1\r\nHost: b.test\r\n\r\n".into()),
        Event::Response(refusal),
        failed(FailureCause::Status, "no key"),
    ]);
    let begun = bench.command(export(Format::Har, true));
    let har = bench.file(begun, Format::Har);
    let har: serde_json::Value = serde_json::from_str(&har).expect("JSON");
    let entries = har["log"]["entries"].as_array().expect("a list");
    let told = entries.iter().map(|it| {
        let (request, response) = (&it["request"], &it["response"]);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let texts = [&request["url"], &response["redirectURL"], &response["content"]["text"]];
        (response["status"].as_u64().unwrap_or_default(), texts.map(text).join(" "))
    });
    let told: Vec<_> = told.collect();
    let expected = [
        (302, "wss://example.org/feed ws://b.test/moved "),
        (307, "ws://b.test/moved /again?a=PIN4711 "),
        (401, "ws://b.test/again?a=PIN4711  No PIN4711."),
    ];
    assert_eq!(told, expected.map(|(status, texts)| (status, texts.to_owned())));
    assert_eq!(entries[2]["response"]["content"]["mimeType"], "text/plain");
    // With secrets, since they were asked for.
    assert_eq!(entries[0]["request"]["headers"][1]["value"], "s3cret");
    let masked = bench.exports(Format::Har);
    assert!(!masked.contains("s3cret") && !masked.contains("4711"), "{masked}");
    assert!(masked.contains("No ***."), "{masked}");
    // The redirects are no connections.
    let imported = Import::new(har.to_string()).expect("a HAR");
    assert_eq!((imported.connections().len(), imported.passed_over().other_requests), (1, 2));
}

#[test]
fn a_failed_opening_says_where_the_time_went() {
    let mut bench = Bench::greeted();
    let times = vec![(Stage::Tcp, 2_000), (Stage::Tls, 5_000_000)];
    let (cause, sentence) = (FailureCause::TimedOut, "too late".to_owned());
    bench.relays(&[ready(1), Event::Failed(Failure { cause, times: times.clone(), sentence })]);
    let events = bench.events();
    assert!(matches!(events[..], [LogEvent::Handshake(_), LogEvent::Ended(_)]), "{events:?}");
    let opening = bench.opening(0);
    assert_eq!((&opening.times, opening.failed), (&times, Some(cause)));
    let har = bench.exports(Format::Har);
    let timings = r#""timings":{"dns":-1,"connect":5002.000,"ssl":5000.000,"send":0,"wait":0.000,"receive":0}"#;
    assert!(har.contains(timings) && !har.contains("_webSocketOpened"), "{har}");
    let lines = bench.exports(Format::JsonLines);
    assert!(lines.contains(r#""times_us":{"tcp":2000,"tls":5000000}"#), "{lines}");
}

#[test]
fn json_lines_have_times_and_tls_of_the_opening_and_raw_bytes() {
    let mut bench = Bench::greeted();
    let Event::Opened(opened) = opened() else { unreachable!() };
    let times = vec![(Stage::Name, 1_500), (Stage::Http, 4_000)];
    let tls = Tls {
        version: "TLSv1_3".into(),
        cipher_suite: "c".into(),
        alpn: None,
        is_trusted: true,
        certificates: vec![certificate(0)],
    };
    bench.relays(&[
        ready(1 << 20),
        Event::Connected("[::1]:443".into()),
        Event::Tls(tls),
        Event::Request("GET /feed HTTP/1.1\r\n\r\n".into()),
        response(101, "", vec![]),
        Event::Opened(Opened { times, ..opened }),
    ]);
    let draft = Draft::new(Form::Hex, "c1 80");
    bench.command(ComposerCommand::SendFramed(draft, Framing::Raw));
    let text = bench.exports(Format::JsonLines);
    let lines: Vec<_> = text.lines().collect();
    let members = concat!(
        r#""address":"[::1]:443","status":101,"subprotocol":"chat","times_us":{"name":1500,"http":4000},"#,
        r#""tls":{"version":"TLSv1_3","cipher_suite":"c","alpn":null,"certificates":[{"subject":"CN=a","#,
        r#""issuer":"CN=b","names":["a"],"not_before":"2026-01-01T00:00:00Z","not_after":"2026-02-01T00:00:00Z"}]}}"#
    );
    assert!(lines[0].ends_with(members), "{}", lines[0]);
    let raw = r#""direction":"out","kind":"raw","base64":"wYA=","size":2}"#;
    assert!(lines[1].ends_with(raw), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
    // All of it is read, and the bytes are no row.
    assert_eq!(Import::new(text).expect("JSON Lines").map(Result::unwrap).count(), 1);
}
