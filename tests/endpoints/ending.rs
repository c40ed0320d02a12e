//! Endpoints about the end: `/close`, `/abort`; and `/hang` when it is to be agreed.

use std::time::{Duration, Instant};

use harness::{
    Server,
    raw::{self, BINARY, CLOSE, FIN, TEXT, frame, open, read_frame},
    soon,
};
use server::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{NEVER, close_frame, until_end};

async fn echo(stream: &mut TcpStream) {
    stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    assert_eq!(read_frame(stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
}

#[tokio::test]
async fn it_closes_with_the_code_and_reason_asked_for() {
    let server = Server::start().await;
    let longest = "x".repeat(123);
    for (query, code, reason) in [
        (String::new(), Some(1000), ""),
        ("?code=4999".to_owned(), Some(4999), ""),
        ("?code=1013&reason=come%20back+later".to_owned(), Some(1013), "come back later"),
        (format!("?reason={longest}"), Some(1000), &longest),
        ("?code=1005".to_owned(), None, ""),
    ] {
        let mut stream = open(server.authority(), &format!("/close{query}")).await;
        let (first, payload) = read_frame(&mut stream).await.unwrap();
        let mut expected = code.map_or(Vec::new(), |code: u16| code.to_be_bytes().to_vec());
        expected.extend(reason.as_bytes());
        assert_eq!((first, payload), (FIN | CLOSE, expected), "{query}");
        stream.write_all(&close_frame(1000)).await.unwrap();
        assert_eq!(until_end(&mut stream).await, b"");
    }
}

#[tokio::test]
async fn it_echoes_until_it_closes() {
    let server = Server::start().await;
    let mut stream = open(server.authority(), "/close?after=2").await;
    echo(&mut stream).await;
    echo(&mut stream).await;
    assert_eq!(raw::close_code(&mut stream).await, Some(1000));
    let began = Instant::now();
    let mut stream = open(server.authority(), "/close?after=150ms").await;
    echo(&mut stream).await;
    assert_eq!(raw::close_code(&mut stream).await, Some(1000));
    assert!(began.elapsed() >= Duration::from_millis(150), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_ends_without_a_word() {
    let server = Server::start().await;
    for query in ["", "?how=fin", "?after=1ms"] {
        let mut stream = open(server.authority(), &format!("/abort{query}")).await;
        assert_eq!(until_end(&mut stream).await, b"", "{query}");
    }
    let mut stream = open(server.authority(), "/abort?after=2").await;
    echo(&mut stream).await;
    echo(&mut stream).await;
    assert_eq!(until_end(&mut stream).await, b"");
}

#[tokio::test]
async fn a_connection_is_reset() {
    let server = Server::start().await;
    let mut stream = open(server.authority(), "/abort?how=rst&after=1").await;
    stream.write_all(&frame(FIN | BINARY, b"hi")).await.unwrap();
    let mut bytes = Vec::new();
    let ended = soon("the reset", stream.read_to_end(&mut bytes)).await;
    let kind = ended.expect_err("a reset is no end in order").kind();
    assert_eq!(kind, std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_close_can_stay_without_an_answer() {
    let server = Server::start().await;
    let mut stream = open(server.authority(), "/hang?stage=close&for=200ms").await;
    echo(&mut stream).await;
    let began = Instant::now();
    stream.write_all(&close_frame(1000)).await.unwrap();
    assert_eq!(until_end(&mut stream).await, b"");
    assert!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_waits_for_an_answer_to_its_close_does_not_hold_up_a_stop() {
    let server = Server::start_with(Limits { drain: NEVER, ..Limits::DEFAULT }).await;
    let mut stream = open(server.authority(), "/hang?stage=close&for=5m").await;
    echo(&mut stream).await;
    stream.write_all(&close_frame(1000)).await.unwrap();
    server.stop().await;
    let mut rest = Vec::new();
    let _ = soon("the end", stream.read_to_end(&mut rest)).await;
    // The stop may come before the Close frame is read.
    assert!(rest.is_empty() || rest[0] == FIN | CLOSE, "{rest:?}");
}
