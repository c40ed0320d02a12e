//! `--json` and `--json-input`: every attempt out, scripts by hand in.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use harness::Server;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, sync::mpsc};
use tokio_tungstenite::tungstenite::{
    Message,
    handshake::server::{Request, Response},
};

use crate::{other_server, output, raw_server, wsbench};

/// Events of `--json`.
fn events(lines: &str) -> Vec<Value> {
    let lines = lines.lines().map(|line| serde_json::from_str(line).expect("it is JSON"));
    lines.filter(|line: &Value| !line["event"].is_null()).collect()
}

#[tokio::test]
async fn an_open_says_url_address_status_and_subprotocol() {
    let authority = raw_server(async |stream| {
        #[expect(clippy::result_large_err, reason = "tungstenite's")]
        let select = |_: &Request, mut response: Response| {
            response.headers_mut().insert("sec-websocket-protocol", "chat".parse().unwrap());
            Ok(response)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, select).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    let url = format!("ws://me:pw@{authority}/");
    let (_, lines, _) = output(&[&url, "--json", "--subprotocol", "chat"]).await;
    let open = &events(&lines)[0];
    assert_eq!((&open["event"], &open["attempt"]), (&"open".into(), &1.into()), "{lines}");
    assert_eq!(open["url"], format!("ws://{authority}/"));
    assert_eq!(open["address"], *authority);
    assert_eq!((&open["status"], &open["subprotocol"]), (&101.into(), &"chat".into()));
}

#[tokio::test]
async fn every_attempt_is_recorded_with_its_status() {
    let server = Server::start().await;
    let (_, lines, _) = output(&[&server.ws("/nowhere"), "--json"]).await;
    let [failed] = &events(&lines)[..] else { panic!("{lines}") };
    assert_eq!((&failed["event"], &failed["status"]), (&"failed".into(), &404.into()));
    assert!(
        failed["address"]
            .as_str()
            .unwrap()
            .ends_with(server.authority().rsplit(':').next().unwrap())
    );
    let (_, lines, _) = output(&["ws://127.0.0.1:1", "--json"]).await;
    assert_eq!(events(&lines)[0]["address"], "127.0.0.1:1");
    // Opened, lost, and then refused twice.
    let attempts = std::sync::atomic::AtomicUsize::new(0);
    let authority = raw_server(move |mut stream| {
        let attempt = attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            if attempt == 0 {
                drop(tokio_tungstenite::accept_async(stream).await.unwrap());
                return;
            }
            harness::raw::read_head(&mut stream).await;
            let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    })
    .await;
    let url = format!("ws://{authority}");
    let (_, lines, _) =
        output(&[&url, "--json", "--reconnect", "--retries", "2", "--wait", "9s"]).await;
    let seen: Vec<_> = events(&lines)
        .iter()
        .map(|event| (event["event"].clone(), event["attempt"].clone(), event["status"].clone()))
        .collect();
    let expected: [(Value, Value, Value); 4] = [
        ("open".into(), 1.into(), 101.into()),
        ("closed".into(), Value::Null, Value::Null),
        ("failed".into(), 2.into(), 503.into()),
        ("failed".into(), 3.into(), 503.into()),
    ];
    assert_eq!(seen, expected, "{lines}");
}

#[tokio::test]
async fn an_end_after_a_violation_has_the_code_that_was_sent_for_it() {
    let server = Server::start().await;
    for (path, code, why) in [
        ("/fault/invalid-utf8", 1007, "Text is not UTF-8"),
        ("/fault/reserved-opcode", 1002, "Opcode 3 is reserved"),
        // Its answers are longer than what is sent.
        ("/ws", 1009, "is larger than 8 bytes"),
    ] {
        let arguments = ["--json", "-x", "hello", "--wait", "1h", "--max-message", "8B"];
        let url = server.ws(path);
        let (status, lines, said) = output(&[&[&*url], &arguments[..]].concat()).await;
        assert_eq!(status, Some(5), "{said}");
        let end = events(&lines).pop().expect("it has an end");
        assert_eq!((&end["event"], &end["code"]), (&"closed".into(), &code.into()), "{path}");
        assert!(end["text"].as_str().is_some_and(|text| text.contains(why)), "{end}");
    }
}

/// Server that reports what it receives.
async fn observed() -> (String, mpsc::UnboundedReceiver<(Instant, Message)>) {
    let (sender, received) = mpsc::unbounded_channel();
    let url = other_server(move |mut socket| {
        let sender = sender.clone();
        async move {
            while let Some(Ok(message)) = socket.next().await {
                let _ = sender.send((Instant::now(), message.clone()));
                if message.is_text() {
                    socket.send(message).await.unwrap();
                }
            }
        }
    })
    .await;
    (url, received)
}

#[tokio::test]
async fn a_script_by_hand_mixes_kinds_pings_pauses_and_closes() {
    let (url, mut received) = observed().await;
    let began = Instant::now();
    let mut wsbench = wsbench(&[&url, "--json-input"]);
    // A byte order mark, as PowerShell writes it.
    wsbench.write("\u{feff}").await;
    wsbench
        .write(
            r#"{"text":"hi"}
{"base64":"AP8="}
 {"kind":"ping","text":"a"}
{"pause_ms":1000}
{"kind":"text","text":"later"}
{"kind":"close","code":4001,"reason":"bye"}
{"text":"never"}
"#,
        )
        .await;
    let (status, _, said) = wsbench.end().await;
    assert_eq!(status.code(), Some(0), "{said}");
    let mut messages = Vec::new();
    let mut times = Vec::new();
    while let Ok((at, message)) = received.try_recv() {
        times.push(at);
        messages.push(message);
    }
    let close = messages.pop();
    let expected = [
        Message::text("hi"),
        Message::binary(vec![0, 255]),
        Message::Ping("a".into()),
        Message::text("later"),
    ];
    assert_eq!(messages, expected);
    assert!(times[3] - began >= Duration::from_secs(1), "{began:?}, {times:?}");
    let Some(Message::Close(Some(frame))) = close else { panic!("{close:?}") };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4001, "bye"));
}

#[tokio::test]
async fn a_line_that_is_no_instruction_is_named() {
    let server = Server::start().await;
    for (line, words) in [
        ("{}", "it needs \"text\", \"base64\", \"pause_ms\""),
        (r#"{"kind":"close","code":1006}"#, "Close code 1006 cannot be sent."),
        (r#"{"text":"hi","size":1}"#, "\"size\" is not the size"),
    ] {
        let mut wsbench = wsbench(&[&server.ws("/"), "--json-input"]);
        wsbench.write(&format!("{{\"text\":\"hi\"}}\n{line}\n")).await;
        let _open = wsbench.input();
        let (status, _, said) = wsbench.end().await;
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(
            said.contains(&format!("Line 2 of standard input cannot be read: {words}")),
            "{said}"
        );
    }
}
