//! Endpoints about the opening: `/handshake`, `/subprotocol`, `/reject`; and `/hang` before it is
//! complete.

use std::time::{Duration, Instant};

use harness::{Server, connect, raw, soon};
use serde_json::{Value, json};
use server::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{NEVER, get, next, send, until_end};

const SUBPROTOCOLS: &str = "Sec-WebSocket-Protocol: one, two\r\n";

/// The head of the answer to a handshake that offers two subprotocols.
async fn head(server: &Server, path: &str) -> String {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    raw::shake_hands(&mut stream, path, SUBPROTOCOLS).await
}

/// Begins a handshake and reads nothing.
async fn asking(server: &Server, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    let opening = raw::OPENING;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{opening}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_handshake_is_answered_by_what_was_seen_of_it() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    let lines = "Sec-WebSocket-Protocol: one, two\r\nX-Twice: a\r\nX-Twice: b\r\n\
                 Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    raw::shake_hands(&mut stream, "/handshake?any=thing&any=other", lines).await;
    let (_, text) = raw::read_frame(&mut stream).await.unwrap();
    let seen = serde_json::from_slice::<Value>(&text).unwrap();
    let expected = json!({
        "method": "GET",
        "path": "/handshake",
        "query": "any=thing&any=other",
        "http": "HTTP/1.1",
        "peer": stream.local_addr().unwrap().to_string(),
        "headers": [
            ["host", "localhost"],
            ["upgrade", "websocket"],
            ["connection", "Upgrade"],
            ["sec-websocket-version", "13"],
            ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
            ["sec-websocket-protocol", "one, two"],
            ["x-twice", "a"],
            ["x-twice", "b"],
            ["sec-websocket-extensions", "permessage-deflate; client_max_window_bits"],
        ],
        "subprotocols": ["one", "two"],
        "extensions": ["permessage-deflate; client_max_window_bits"],
        "tls": null,
        "agreed": { "subprotocol": "one", "extensions": "permessage-deflate" },
    });
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_handshake_can_be_asked_for_again() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/handshake")).await;
    let first = next(&mut client).await;
    send(&mut client, "again").await;
    assert_eq!(next(&mut client).await, first);
}

#[tokio::test]
async fn a_subprotocol_is_chosen_offered_or_not() {
    let server = Server::start().await;
    for (query, expected) in [
        ("", None),
        ("?accept=two", Some("two")),
        ("?accept=three", Some("three")),
        ("?accept=graphql-transport-ws", Some("graphql-transport-ws")),
    ] {
        let head = head(&server, &format!("/subprotocol{query}")).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let line = expected.map(|name| format!("sec-websocket-protocol: {name}\r\n"));
        assert_eq!(head.contains("sec-websocket-protocol"), line.is_some(), "{head}");
        assert!(line.is_none_or(|line| head.contains(&line)), "{head}");
    }
    let mut client = connect(&server.ws("/subprotocol")).await;
    send(&mut client, "hi").await;
    assert_eq!(next(&mut client).await, Message::text("hi"));
}

#[tokio::test]
async fn a_handshake_is_refused_with_the_status_asked_for() {
    let server = Server::start().await;
    let unasked = head(&server, "/reject").await;
    assert!(unasked.starts_with("HTTP/1.1 401 "), "{unasked}");
    assert!(unasked.contains("www-authenticate: Basic realm=\"wsbench\"\r\n"), "{unasked}");
    let busy = head(&server, "/reject?status=503&retry_after=2m").await;
    assert!(busy.starts_with("HTTP/1.1 503 "), "{busy}");
    assert!(busy.contains("retry-after: 120\r\n"), "{busy}");
    let soon = head(&server, "/reject?status=503&retry_after=1500ms").await;
    assert!(soon.contains("retry-after: 2\r\n"), "{soon}");
    for status in [204, 205, 304] {
        let head = head(&server, &format!("/reject?status={status}")).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(!head.contains("\r\ncontent-type"), "it has no content: {head}");
        assert!(!head.contains("content-length") || head.contains("length: 0\r\n"), "{head}");
        assert!(status != 204 || !head.contains("content-length"), "{head}");
    }
    for status in [200, 302, 404, 429, 599] {
        let head = head(&server, &format!("/reject?status={status}")).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    }
}

#[tokio::test]
async fn a_request_can_stay_without_an_answer() {
    let server = Server::start().await;
    for query in ["for=200ms", "stage=accept&for=200ms"] {
        let began = Instant::now();
        let mut stream = asking(&server, &format!("/hang?{query}")).await;
        assert_eq!(until_end(&mut stream).await, b"");
        assert!(began.elapsed() >= Duration::from_millis(200), "{query}: {:?}", began.elapsed());
    }
    // Not for long: a client that is gone may not be noticed.
    assert!(head(&server, "/hang?for=301s").await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn an_answer_can_begin_and_never_end() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut stream = asking(&server, "/hang?stage=handshake&for=200ms").await;
    let answer = String::from_utf8(until_end(&mut stream).await).unwrap();
    assert_eq!(answer, "HTTP/1.1 101 Switching Protocols\r\n");
    assert!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_hangs_has_a_place_and_does_not_hold_up_a_stop() {
    let limits = Limits { connections: 2, drain: NEVER, ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    let mut accept = asking(&server, "/hang?stage=accept&for=5m").await;
    let mut handshake = asking(&server, "/hang?stage=handshake&for=5m").await;
    // Its answer has begun: both have their place.
    soon("half an answer", handshake.read_exact(&mut [0; 34])).await.unwrap();
    let asked = async || {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        raw::shake_hands(&mut stream, "/ws", "").await
    };
    let refused = async { while !asked().await.starts_with("HTTP/1.1 503 ") {} };
    soon("the last place to be taken", refused).await;
    server.stop().await;
    assert_eq!(until_end(&mut accept).await, b"");
    assert_eq!(until_end(&mut handshake).await, b"");
}

#[tokio::test]
async fn a_plain_request_tells_what_a_handshake_would_meet() {
    let server = Server::start().await;
    for (path, selected) in [
        ("/subprotocol", Some("x-wsbench-subprotocol: \r\n")),
        ("/subprotocol?accept=other", Some("x-wsbench-subprotocol: other\r\n")),
        ("/echo", None),
        ("/abort", None),
    ] {
        let answer = get(&server, path).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{path}: {answer}");
        assert!(answer.contains("sec-websocket-version: 13\r\n"), "{path}: {answer}");
        let has_selected = selected.is_none_or(|line| answer.contains(line));
        assert!(has_selected, "{path}: {answer}");
        assert_eq!(answer.contains("x-wsbench-subprotocol"), selected.is_some(), "{path}");
    }
    let unnamed = get(&server, "/chat/").await;
    assert!(unnamed.starts_with("HTTP/1.1 404 "), "{unnamed}");
    assert!(unnamed.ends_with("Room name missing. Add one, such as /chat/lobby.\n"), "{unnamed}");
}
