//! Lists as files: what is written reads back, and what is hostile is refused.

use std::time::Duration;

use expect_test::expect;
use proptest::prelude::*;
use session::{Close, CloseCode, EndReason, Message, Negotiated, Time};
use workbench::{
    connect::{Cause, Target},
    exchange::{
        Exporter, Format, Import, ImportError, ImportedItem, MAX_IMPORT_BYTES,
        MAX_IMPORT_CONNECTIONS, MAX_IMPORT_ITEMS, PassedOver, Wrong,
    },
    log::{Bounds, Ended, Item, LogEvent, Opened, Transcript},
    payload::LineColumn,
};

const AT: u64 = 1_767_323_045_678_901;

fn target() -> Target {
    Target {
        url: "ws://localhost:8080/ws?a=1&b=x%20y".to_owned(),
        subprotocols: vec!["chat".to_owned(), "mqtt".to_owned()],
        relay: None,
    }
}

fn transcript(items: &[(u64, Item, Option<Duration>)]) -> Transcript {
    let mut transcript = Transcript::new(Bounds::DEFAULT);
    for (at, item, round_trip) in items {
        transcript.push(Time(*at), item.clone(), *round_trip);
    }
    transcript
}

fn exported(format: Format, transcript: &Transcript) -> String {
    let mut out = String::new();
    let mut exporter = Exporter::begin(format, &target(), false, &mut out);
    for entry in transcript.entries(transcript.ids()) {
        exporter.entry(&entry, &[], &mut out);
    }
    exporter.end(&mut out);
    out
}

fn opened(subprotocol: &str) -> Item {
    let negotiated = Negotiated {
        subprotocol: subprotocol.to_owned(),
        extensions: "permessage-deflate".to_owned(),
    };
    Item::Event(LogEvent::Opened(Opened { address: target().url, negotiated, outage: None }))
}

fn ended(reason: EndReason, cause: Option<&str>) -> Item {
    let causes = cause.map(|words| Cause::Imported(words.to_owned())).into_iter().collect();
    Item::Event(LogEvent::Ended(Ended { address: target().url, causes, ..reason.into() }))
}

fn closed_by_page(close: Close) -> Item {
    let reason = EndReason::Closed(close);
    Item::Event(LogEvent::Ended(Ended { address: target().url, is_own: true, ..reason.into() }))
}

fn closed(reason: &str) -> Item {
    let close = Close { code: CloseCode::NORMAL, reason: reason.to_owned() };
    ended(EndReason::Closed(close), None)
}

fn example() -> Transcript {
    transcript(&[
        (AT, opened("chat"), None),
        (AT + 1, Item::Sent(Message::Text("hi\n2026 in  text: forged \u{202e}\\".into())), None),
        (AT + 2, Item::Received(Message::Binary(vec![0, 255])), Some(Duration::from_micros(312))),
        (AT + 3, Item::Received(Message::Binary(vec![7; 300])), None),
        (AT + 1_500_000, closed("bye\nbye"), None),
        (AT + 2_000_000, ended(EndReason::Failed, Some("Nobody is there.")), None),
    ])
}

#[test]
fn a_text_log_has_a_line_for_each_entry() {
    let log = exported(Format::TextLog, &example());
    let log = log.replacen(&"07 ".repeat(256 - 2), "… ", 1);
    expect![[r"
        2026-01-02T03:04:05.678901Z --- Open, ws://localhost:8080/ws?a=1&b=x%20y, subprotocol chat
        2026-01-02T03:04:05.678902Z out text 29 B: hi\n2026 in  text: forged \u{202e}\\
        2026-01-02T03:04:05.678903Z in  binary 2 B, echo after 312 µs: 00 ff
        2026-01-02T03:04:05.678904Z in  binary 300 B: … 07 07 … and 44 B more
        2026-01-02T03:04:07.178901Z --- Closed: 1000 (normal closure): bye\nbye
        2026-01-02T03:04:07.678901Z --- Could not connect: Nobody is there.
    "]]
    .assert_eq(&log);
}

#[test]
fn each_connection_is_exported_with_its_own_address() {
    let at = |url: &str| {
        let ended = Ended { address: url.into(), ..EndReason::Failed.into() };
        let opened = Opened { address: url.into(), ..Opened::default() };
        [
            (AT, Item::Event(LogEvent::Opened(opened)), None),
            (AT, Item::Event(LogEvent::Ended(ended)), None),
        ]
    };
    let items = [at("ws://a/"), at("ws://b/?c")].concat();
    for format in [Format::JsonLines, Format::Har] {
        let import = Import::new(exported(format, &transcript(&items))).unwrap();
        let read: Vec<_> = import.map(|it| it.unwrap().item).collect();
        assert!(read.iter().eq(items.iter().map(|(_, item, _)| item)), "{read:?}");
    }
}

/// Each field that HAR 1.2 requires, and those that `HARFormat.ts` of Chrome's developer tools throws
/// an error without.
#[test]
fn a_har_as_developer_tools_read_it() {
    let items =
        [(AT, opened("chat"), None), (AT + 1, Item::Sent(Message::Text("hi".into())), None)];
    let har = exported(Format::Har, &transcript(&items));
    let har = har.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    expect![[r#"
        {"log":{"version":"1.2","creator":{"name":"WebSocket Workbench","version":"VERSION"},"pages":[],"entries":[
        {"_resourceType":"websocket","startedDateTime":"2026-01-02T03:04:05.678901Z","request":{"method":"GET","url":"ws://localhost:8080/ws?a=1&b=x%20y","httpVersion":"http/1.1","headers":[{"name":"Sec-WebSocket-Protocol","value":"chat, mqtt"}],"queryString":[{"name":"a","value":"1"},{"name":"b","value":"x y"}],"cookies":[],"headersSize":-1,"bodySize":0},"response":{"status":101,"statusText":"Switching Protocols","httpVersion":"http/1.1","headers":[{"name":"Sec-WebSocket-Protocol","value":"chat"},{"name":"Sec-WebSocket-Extensions","value":"permessage-deflate"}],"cookies":[],"content":{"size":0,"mimeType":"x-unknown"},"redirectURL":"","headersSize":-1,"bodySize":-1},"cache":{},"_webSocketMessages":[
        {"type":"send","time":1767323045.678902,"opcode":1,"data":"hi"}],"time":0.000,"timings":{"dns":-1,"connect":-1,"ssl":-1,"send":0,"wait":0.000,"receive":0}}
        ]}}
    "#]]
    .assert_eq(&har);
}

/// The shape that Chrome 156 exports, shortened: pages, requests of other kinds, fields of its own.
const CHROME: &str = r#"{
  "log": {
    "version": "1.2",
    "creator": { "name": "WebInspector", "version": "537.36" },
    "pages": [{ "startedDateTime": "2026-01-02T03:04:05.000Z", "id": "page_1", "title": "x", "pageTimings": { "onContentLoad": 1.5, "onLoad": null } }],
    "entries": [
      {
        "_connectionId": "12", "_initiator": { "type": "other" }, "_priority": "VeryHigh", "_resourceType": "document",
        "cache": {}, "connection": "443", "pageref": "page_1",
        "request": { "method": "GET", "url": "https://example.org/", "httpVersion": "http/2.0", "headers": [{ "name": "accept", "value": "*/*" }], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0 },
        "response": { "status": 200, "statusText": "", "httpVersion": "http/2.0", "headers": [], "cookies": [{ "name": "a", "expires": "2026-01-02T03:04:05.000Z", "httpOnly": true }], "content": { "size": 4, "mimeType": "text/html", "text": "\ud83d\ude00" }, "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 9, "_error": null },
        "serverIPAddress": "127.0.0.1", "startedDateTime": "2026-01-02T03:04:05.000Z", "time": 12.34, "timings": { "blocked": 1.2, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 1e1, "receive": 2, "_blocked_queueing": 0.4 }
      },
      {
        "_connectionId": "13",
        "_initiator": { "type": "script", "stack": { "callFrames": [{ "functionName": "", "scriptId": "5", "url": "https://example.org/", "lineNumber": 1, "columnNumber": 2 }] } },
        "_priority": "High",
        "_resourceType": "websocket",
        "_webSocketMessages": [
          { "type": "send", "time": 1767323045.5071473, "opcode": 1, "data": "Hello, \"WebSockets\"! \ud83d\ude00" },
          { "type": "receive", "time": 1767323045.5883863, "opcode": 2, "data": "AP8=" },
          { "type": "receive", "time": 1767323045.6, "opcode": 9, "data": "" },
          { "type": "error", "time": 1767323046, "opcode": -1, "data": "net::ERR_CONNECTION_RESET" }
        ],
        "cache": {}, "connection": "443", "pageref": "page_1",
        "request": { "method": "GET", "url": "wss://example.org/chat", "httpVersion": "http/1.1", "headers": [{ "name": "Sec-WebSocket-Protocol", "value": "chat, mqtt" }], "queryString": [], "cookies": [], "headersSize": 400, "bodySize": 0 },
        "response": { "status": 101, "statusText": "Switching Protocols", "httpVersion": "http/1.1", "headers": [{ "name": "sec-websocket-protocol", "value": "chat" }], "cookies": [], "content": { "size": 0, "mimeType": "x-unknown" }, "redirectURL": "", "headersSize": 129, "bodySize": 0, "_transferSize": 129, "_error": null },
        "serverIPAddress": "127.0.0.1", "startedDateTime": "2026-01-02T03:04:05.400Z", "time": 500.1, "timings": { "blocked": -1, "dns": -1, "connect": -1, "send": 0, "wait": 0, "receive": 500 }
      },
      {
        "_resourceType": "websocket", "_webSocketMessages": [],
        "request": { "url": "wss://example.org/gone", "headers": [] }, "response": { "status": 0, "headers": [] },
        "startedDateTime": "2026-01-02T03:04:05.400Z"
      }
    ]
  }
}"#;

#[test]
fn an_archive_of_chrome_is_read() {
    let mut import = Import::new(format!("\u{feff}{CHROME}")).unwrap();
    let targets: Vec<_> = import.connections().iter().map(|it| it.target.clone()).collect();
    let chat = Target {
        url: "wss://example.org/chat".to_owned(),
        subprotocols: vec!["chat".to_owned(), "mqtt".to_owned()],
        relay: None,
    };
    let gone = Target { url: "wss://example.org/gone".to_owned(), ..Target::default() };
    assert_eq!(targets, [chat.clone(), gone]);
    let negotiated = Negotiated { subprotocol: "chat".to_owned(), ..Negotiated::default() };
    let expected = [
        (
            1_767_323_045_400_000,
            Item::Event(LogEvent::Opened(Opened { address: chat.url, negotiated, outage: None })),
        ),
        (1_767_323_045_507_147, Item::Sent(Message::Text("Hello, \"WebSockets\"! 😀".into()))),
        (1_767_323_045_588_386, Item::Received(Message::Binary(vec![0, 255]))),
    ]
    .map(|(at, item)| ImportedItem { connection: 0, at: Time(at), item, round_trip: None });
    let read: Result<Vec<_>, _> = import.by_ref().collect();
    assert_eq!(read.unwrap(), expected);
    let passed_over = PassedOver { control_frames: 1, other_messages: 1, other_requests: 1 };
    assert_eq!(import.passed_over(), passed_over);
    let (read, all) = import.progress();
    assert_eq!(read, all);
}

#[test]
fn reading_goes_forward_only() {
    // The last item of a connection is its end, which stands before its messages.
    for format in [Format::JsonLines, Format::Har] {
        let mut import = Import::new(exported(format, &example())).unwrap();
        let (mut before, all) = import.progress();
        while let Some(item) = import.next() {
            item.unwrap();
            let (read, _) = import.progress();
            assert!((before..=all).contains(&read), "{read} after {before} of {all}");
            before = read;
        }
    }
}

fn error(text: impl Into<String>) -> ImportError {
    match Import::new(text.into()) {
        Ok(mut import) => import.find_map(Result::err).unwrap(),
        Err(error) => error,
    }
}

fn har(entries: &str) -> String {
    format!("{{\"log\":{{\"entries\":[\n{entries}]}}}}")
}

fn messages(messages: &str) -> String {
    har(&format!(r#"{{"startedDateTime":"2026-01-02T03:04:05Z","_webSocketMessages":{messages}}}"#))
}

#[test]
fn errors_name_their_position() {
    let good = r#"{"type":"send","time":1,"data":"hi"}"#;
    let many = [r#"{"_webSocketMessages":[]}"#; MAX_IMPORT_CONNECTIONS + 1].join(",");
    let errors: Vec<_> = [
        String::new(),
        "[]".to_owned(),
        "<html>".to_owned(),
        "{\"time\":\"2026-01-02T03:04:05Z\",\"event\":\"open\"}\n\n{\"time\":1}".to_owned(),
        "{\n}".to_owned(),
        "{\"log\": 1}".to_owned(),
        "{\"log\":\n{\"entries\":[{]}}".to_owned(),
        har("{}"),
        har(&many),
        har(r#"{"_webSocketMessages":[]}"#),
        messages("5"),
        messages(r#"[],"_webSocketClosed":{"time":-1,"event":"closed"}"#),
        messages(&format!("[{good},\n5]")),
        messages(&format!(r#"[{good},{{"type":"send","time":1,"data":5}}]"#)),
        messages(r#"[{"type":"send","time":-1,"data":""}]"#),
        messages(r#"[{"type":"send","time":1e300,"data":""}]"#),
        messages(r#"[{"type":"send","time":1,"opcode":2,"data":"?"}]"#),
        messages(r#"[{"type":"send","time":1,"data":"\ud800"}]"#),
        messages(&"[".repeat(1_000_000)),
    ]
    .into_iter()
    .map(|text| error(text).to_string())
    .collect();
    expect![[r#"
        The file is empty.
        This is neither JSON Lines nor HAR.
        This is neither JSON Lines nor HAR.
        Line 3 cannot be read: it is not a JSON object of this format: expected a string, found integer '1' at column 9.
        Line 1 cannot be read: it is not a JSON object of this format: the JSON is incomplete.
        The HAR cannot be read at line 1, column 9: expected a log, found integer '1'. Is the file complete?
        The HAR cannot be read at line 2, column 14: key must be a string. Is the file complete?
        There are no WebSocket messages in this HAR. Export it from the developer tools of Chrome or Edge: not all tools include messages.
        The file has more than 1000 WebSocket connections. Export fewer at a time.
        WebSocket connection 1 of the HAR cannot be read: its "startedDateTime" is not a time like 2026-01-02T03:04:05.678Z.
        WebSocket connection 1 of the HAR cannot be read: its "_webSocketMessages" is not a list.
        WebSocket connection 1 of the HAR cannot be read: its end is not in seconds since 1970.
        The message at line 3, column 1 of the HAR cannot be read: expected a message, found integer '5'.
        The message at line 2, column 102 of the HAR cannot be read: expected a string, found integer '5'.
        The message at line 2, column 65 of the HAR cannot be read: its "time" is not in seconds since 1970.
        The message at line 2, column 65 of the HAR cannot be read: its "time" is not in seconds since 1970.
        The message at line 2, column 65 of the HAR cannot be read: its "data" is not base64.
        The message at line 2, column 65 of the HAR cannot be read: unexpected end of hex escape.
        The HAR cannot be read at line 2, column 1000064: expected value. Is the file complete?
    "#]]
    .assert_eq(&(errors.join("\n") + "\n"));
}

#[test]
fn entries_that_cannot_be_read_are_left_out_alone() {
    let good = r#"{"type":"send","time":1,"data":"hi"}"#;
    let number = good.replace("\"send\"", "7");
    let surrogate = good.replace("hi", "\\ud800");
    let import =
        Import::new(messages(&format!("[{good},7,{good},\n{number},{surrogate},{good}]"))).unwrap();
    let places = import.filter_map(|item| match item {
        Ok(_) => None,
        Err(ImportError::Message { place, wrong: Wrong::Json(_) }) => Some(place),
        Err(error) => panic!("{error}"),
    });
    let place = |line, column| LineColumn { line, column };
    assert_eq!(places.collect::<Vec<_>>(), [place(2, 102), place(3, 1), place(3, 33)]);
    let whole = Import::new(messages(&format!("[{good},7,{good},{good}]"))).unwrap();
    assert_eq!(whole.flatten().count(), 3);

    let entry = |url: &str| {
        format!(
            r#"{{"startedDateTime":"2026-01-02T03:04:05Z","request":{{"url":{url}}},"_webSocketMessages":[{good}]}}"#
        )
    };
    let entries = [entry("7"), entry("\"ws://a/\""), entry("1").replace("2026", "x"), "7".into()];
    let mut import = Import::new(har(&entries.join(","))).unwrap();
    assert_eq!(import.connections()[0].target.url, "ws://a/");
    let wrong = |item: Option<Result<ImportedItem, ImportError>>| item.unwrap().unwrap_err();
    assert!(matches!(wrong(import.next()), ImportError::Connection { number: 1, .. }));
    assert!(matches!(wrong(import.next()), ImportError::Connection { number: 3, .. }));
    assert_eq!(import.by_ref().flatten().count(), 1);
    assert_eq!(import.passed_over().other_requests, 1);
}

#[test]
fn a_file_of_too_many_bytes_is_refused() {
    let text = " ".repeat(MAX_IMPORT_BYTES + 1);
    assert_eq!(error(text), ImportError::Bytes(MAX_IMPORT_BYTES + 1));
}

#[test]
fn a_file_of_too_many_items_is_read_up_to_the_bound() {
    let line = "{\"time\":\"2026-01-02T03:04:05Z\",\"event\":\"open\"}\n";
    let bound = usize::try_from(MAX_IMPORT_ITEMS).unwrap();
    let mut import = Import::new(line.repeat(bound + 1)).unwrap();
    assert!(import.by_ref().take(bound).all(|imported| imported.is_ok()));
    assert_eq!(import.next(), Some(Err(ImportError::Items)));
    assert_eq!(import.next(), None);
}

fn any_item() -> impl Strategy<Value = (Item, Option<Duration>)> {
    let message = prop_oneof![
        any::<String>().prop_map(Message::Text),
        "[\n\r\"\\\\,\\]}{]{0,8}".prop_map(Message::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Message::Binary),
    ];
    let close = (any::<u16>(), any::<String>())
        .prop_map(|(code, reason)| Close { code: CloseCode(code), reason });
    let time = prop::option::of((0..u64::from(u32::MAX)).prop_map(Duration::from_micros));
    prop_oneof![
        (message.clone(), time).prop_map(|(message, time)| (Item::Received(message), time)),
        message.prop_map(|message| (Item::Sent(message), None)),
        "[a-z]{0,4}".prop_map(|name| (opened(&name), None)),
        close.clone().prop_map(|close| (ended(EndReason::Closed(close), None), None)),
        close.prop_map(|close| (closed_by_page(close), None)),
        prop::option::of("[a-z]{1,4}")
            .prop_map(|cause| (ended(EndReason::Failed, cause.as_deref()), None)),
        Just((ended(EndReason::Cancelled, None), None)),
    ]
}

fn any_list() -> impl Strategy<Value = Vec<(u64, Item, Option<Duration>)>> {
    prop::collection::vec((0..1_u64 << 54, any_item()), 0..12)
        .prop_map(|items| items.into_iter().map(|(at, (item, time))| (at, item, time)).collect())
}

proptest! {
    #[test]
    fn json_lines_read_back(items in any_list()) {
        let text = exported(Format::JsonLines, &transcript(&items));
        if items.is_empty() {
            prop_assert_eq!(Import::new(text).err(), Some(ImportError::Empty));
            return Ok(());
        }
        let import = Import::new(text).unwrap();
        prop_assert_eq!(import.format(), Format::JsonLines);
        let read: Vec<_> = import.map(Result::unwrap).map(|it| (it.at.0, it.item, it.round_trip)).collect();
        prop_assert_eq!(read, items);
    }

    /// The round trips aside, for which HAR has no place, and openings that nothing tells of.
    #[test]
    fn archives_read_back(items in any_list()) {
        let text = exported(Format::Har, &transcript(&items));
        // Also by a reader that knows nothing of it.
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        if items.is_empty() {
            prop_assert_eq!(Import::new(text).err(), Some(ImportError::NoWebSocket));
            return Ok(());
        }
        let import = Import::new(text).unwrap();
        let targets: Vec<_> = import.connections().iter().map(|it| it.target.clone()).collect();
        prop_assert!(targets.iter().all(|it| *it == target()));
        let mut is_open = false;
        let mut expected = Vec::new();
        for (at, item, _) in items {
            let needs_opening = matches!(&item, Item::Sent(_) | Item::Received(_))
                || matches!(&item, Item::Event(LogEvent::Ended(ended)) if matches!(ended.reason, EndReason::Closed(_)));
            if needs_opening && !is_open {
                let opened = Opened { address: target().url, ..Opened::default() };
                expected.push((at, Item::Event(LogEvent::Opened(opened))));
            }
            is_open = !matches!(item, Item::Event(LogEvent::Ended(_)));
            expected.push((at, item));
        }
        let read: Vec<_> = import.map(Result::unwrap).map(|it| (it.at.0, it.item)).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn no_entry_forges_a_log_line(items in any_list()) {
        let log = exported(Format::TextLog, &transcript(&items));
        prop_assert_eq!(log.lines().count(), items.len());
        prop_assert!(!log.contains(|sign: char| sign.is_control() && sign != '\n'));
        for (line, (at, ..)) in log.lines().zip(items) {
            let time = Time(at).to_string();
            prop_assert!(line.starts_with(&time));
        }
    }

    #[test]
    fn arbitrary_files_do_not_panic(text in "\\{\"log\":\\{\"entries\":\\[\\PC{0,20}|\\PC*") {
        if let Ok(import) = Import::new(text) {
            let _ = import.last();
        }
    }

    /// A file that was cut gives what is whole in it, or says where it ends.
    #[test]
    fn a_cut_file_is_noticed(items in any_list(), share in 0.0..1.0_f64) {
        for format in [Format::JsonLines, Format::Har] {
            let text = exported(format, &transcript(&items));
            // A file without its last line break is whole.
            let text = text.trim_end();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
            let end = text.floor_char_boundary((text.len() as f64 * share) as usize);
            let cut = text[..end].trim_end();
            if format == Format::Har && !cut.is_empty() {
                let read = Import::new(cut.to_owned()).and_then(Iterator::collect::<Result<Vec<_>, _>>);
                prop_assert!(read.is_err());
            } else if let Ok(import) = Import::new(cut.to_owned()) {
                prop_assert!(import.count() <= items.len());
            }
        }
    }
}

#[test]
fn headers_of_a_har_are_for_a_connection_through_the_server() {
    let entry = r#"{"startedDateTime":"2026-01-02T03:04:05Z","_webSocketMessages":[],"request":{
        "url":"wss://a.test/","headers":[{"name":"Host","value":"a.test"},{"name":"Cookie","value":"a=b"},
        {"name":"Authorization","value":"***"},{"name":"Sec-WebSocket-Version","value":"13"}]}}"#;
    let import = Import::new(har(entry)).expect("it can be read");
    let target = &import.connections()[0].target;
    let headers = target.relay.as_ref().map(|options| options.headers.clone());
    assert_eq!(headers, Some(vec![("Cookie".to_owned(), "a=b".to_owned())]));
}

#[test]
fn the_heads_of_an_imported_opening_are_a_row() {
    let entry = r#"{"startedDateTime":"2026-01-02T03:04:05Z","request":{"url":"wss://a.test/feed?a=b",
        "headers":[{"name":"Host","value":"a.test"},{"name":"Cookie","value":"a=s3cret"},
        {"name":"Sec-WebSocket-Key","value":"abc\nd: e"}]},"response":{"status":101,"statusText":"Upgraded",
        "headers":[{"name":"Server","value":"other"}]},"_webSocketMessages":[]}"#;
    let items: Vec<_> = Import::new(har(entry))
        .expect("it can be read")
        .map(|it| it.expect("an item").item)
        .collect();
    let [Item::Event(LogEvent::Handshake(opening)), Item::Event(LogEvent::Opened(_))] = &items[..]
    else {
        panic!("{items:?}")
    };
    let [exchange] = &opening.exchanges[..] else { panic!("{opening:?}") };
    let head = "GET /feed?a=b HTTP/1.1\nHost: a.test\nCookie: ***\nSec-WebSocket-Key: abc d: e";
    assert_eq!(exchange.request, head);
    let response = exchange.response.as_ref().expect("a response");
    assert_eq!((response.status, &*response.reason), (101, "Upgraded"));
    assert_eq!(response.headers, [("Server".to_owned(), "other".to_owned())]);
    assert!(!format!("{opening:?}").contains("s3cret"), "{opening:?}");
}
