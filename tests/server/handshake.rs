//! Requests and handshakes of every bad kind, written byte by byte; after each the server still
//! serves a good one.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use harness::{Client, Server, connect, raw::status, soon};
use server::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

const GOOD: &str = "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
/// Time limit of a handshake: for the good ones as well, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(3);

async fn echo(client: &mut Client) {
    client.send(Message::text("hi")).await.unwrap();
    let answer = soon("the echo", client.next()).await.unwrap().unwrap();
    assert_eq!(answer, Message::text("Echo: hi"));
}

/// Sends `bytes`, reads the head of the answer, and checks that the server is as well as before.
async fn answer(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    // The server may refuse before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut head = Vec::new();
    let reading = async {
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
    };
    soon("an answer", reading).await;
    echo(&mut connect(&server.ws("/ws")).await).await;
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn the_example_of_the_rfc_is_answered_as_in_the_rfc() {
    let server = Server::start().await;
    let answer = answer(&server, GOOD.as_bytes()).await;
    assert_eq!(status(&answer), "101", "{answer}");
    assert!(answer.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
}

#[tokio::test]
async fn lists_and_several_lines_are_as_good() {
    let server = Server::start().await;
    for (from, to) in [
        ("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: upgrade"),
        ("Upgrade: websocket", "Upgrade: h2c, WebSocket"),
    ] {
        let answer = answer(&server, GOOD.replace(from, to).as_bytes()).await;
        assert_eq!(status(&answer), "101", "{to}: {answer}");
    }
}

#[tokio::test]
async fn bad_handshakes_are_refused_with_the_right_status() {
    let server = Server::start().await;
    let without = |line: &str| GOOD.replace(&format!("{line}\r\n"), "");
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    let cases = [
        ("no key", without(key), "400"),
        ("a short key", GOOD.replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), "400"),
        ("a key that is no base64", GOOD.replace("dGhlIHNhbXBsZSBub25jZQ==", "!"), "400"),
        ("two keys", GOOD.replace(key, &format!("{key}\r\n{key}")), "400"),
        ("no Host", without("Host: localhost"), "400"),
        ("two Hosts", GOOD.replace("Host: localhost", "Host: a\r\nHost: b"), "400"),
        ("HTTP/1.0", GOOD.replace("HTTP/1.1", "HTTP/1.0"), "400"),
        ("HEAD", GOOD.replace("GET", "HEAD"), "426"),
        ("POST", GOOD.replace("GET", "POST"), "405"),
        ("no Upgrade", without("Upgrade: websocket"), "426"),
        ("no Connection", without("Connection: Upgrade"), "426"),
        ("no version", without("Sec-WebSocket-Version: 13"), "426"),
        ("version 8", GOOD.replace("Version: 13", "Version: 8"), "426"),
        ("not HTTP", "\u{16}\u{3}\u{1} hello\r\n\r\n".to_owned(), "400"),
    ];
    for (what, request, expected) in cases {
        let answer = answer(&server, request.as_bytes()).await;
        assert_eq!(status(&answer), expected, "{what}: {answer}");
        if expected == "426" {
            assert!(answer.contains("\r\nsec-websocket-version: 13\r\n"), "{what}: {answer}");
        }
    }
}

#[tokio::test]
async fn heads_are_bounded_in_lines_and_bytes() {
    let server = Server::start().await;
    let with = |more: &str| GOOD.replace("\r\n\r\n", &format!("\r\n{more}\r\n"));
    let lines = |count| "X: y\r\n".repeat(count);
    let here = GOOD.matches("\r\n").count() - 2;
    let most = Limits::DEFAULT.headers - here;
    assert_eq!(status(&answer(&server, with(&lines(most)).as_bytes()).await), "101");
    assert_eq!(status(&answer(&server, with(&lines(most + 1)).as_bytes()).await), "431");
    // The bound on bytes is looked at between reads, and not exact.
    let long = |bytes| format!("X: {}\r\n", "y".repeat(bytes));
    let bound = Limits::DEFAULT.request_head;
    assert_eq!(status(&answer(&server, with(&long(bound / 2)).as_bytes()).await), "101");
    assert_eq!(status(&answer(&server, with(&long(bound * 4)).as_bytes()).await), "431");
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_cut_off() {
    let limits = Limits { handshake_timeout: TIMEOUT, ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    for start in ["", "GET /ws HTT", &GOOD[..GOOD.len() - 2]] {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Perhaps a reset: the connection is over in any case.
        let _ = soon("the cut", stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || status(&answer) == "408", "{answer}");
        echo(&mut connect(&server.ws("/ws")).await).await;
    }
    // The limit is for the handshake: an open connection may be silent for longer.
    let mut client = connect(&server.ws("/ws")).await;
    tokio::time::sleep(TIMEOUT * 3 / 2).await;
    echo(&mut client).await;
}
