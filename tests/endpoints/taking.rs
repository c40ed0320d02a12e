//! Endpoints that take messages: `/sink`, `/silent`, `/slow`.

use std::time::{Duration, Instant};

use harness::{
    Server, connect,
    raw::{self, BINARY, FIN, PING, PONG, TEXT, frame, read_frame},
};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::{close_frame, next, rest, send};

/// SHA-256 of nothing, and of `abc` (FIPS 180-2 appendix B.1).
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn receipt(message: Message) -> Value {
    serde_json::from_str(message.into_text().unwrap().as_str()).unwrap()
}

#[tokio::test]
async fn a_receipt_is_given_on_demand_and_before_the_close() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/sink")).await;
    send(&mut client, "receipt").await;
    let none = receipt(next(&mut client).await);
    assert_eq!((&none["messages"], &none["bytes"]), (&0.into(), &0.into()));
    assert_eq!((&none["first"], &none["last"]), (&Value::Null, &Value::Null));
    assert_eq!(none["sha256"], OF_NOTHING);
    send(&mut client, "ab").await;
    send(&mut client, Message::binary(b"c".to_vec())).await;
    send(&mut client, "receipt").await;
    let some = receipt(next(&mut client).await);
    assert_eq!((&some["messages"], &some["bytes"]), (&2.into(), &3.into()));
    assert_eq!(some["sha256"], OF_ABC);
    assert!(some["first"].as_str().unwrap() <= some["last"].as_str().unwrap(), "{some}");
    client.close(None).await.unwrap();
    let messages = rest(&mut client).await;
    assert_eq!(receipt(messages[0].clone()), some);
    assert!(messages[1].is_close(), "{messages:?}");
}

#[tokio::test]
async fn another_text_can_demand_the_receipt() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/sink?demand=%3F")).await;
    send(&mut client, "receipt").await;
    send(&mut client, "?").await;
    assert_eq!(receipt(next(&mut client).await)["messages"], 1);
}

#[tokio::test]
async fn silence_is_broken_by_a_pong_alone() {
    let server = Server::start().await;
    let mut stream = raw::open(server.authority(), "/silent").await;
    stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    stream.write_all(&frame(FIN | PING, b"well?")).await.unwrap();
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | PONG, b"well?".to_vec()));
    stream.write_all(&close_frame(1000)).await.unwrap();
    assert_eq!(raw::close_code(&mut stream).await, Some(1000));
}

#[tokio::test]
async fn a_narrow_line_takes_its_time() {
    let server = Server::start().await;
    for query in ["write=2KiB/s", "read=2KiB/s", "read=4KiB/s&write=4KiB/s"] {
        let mut stream = raw::open(server.authority(), &format!("/slow?{query}")).await;
        let began = Instant::now();
        stream.write_all(&frame(FIN | BINARY, &[7; 1 << 10])).await.unwrap();
        let echo = read_frame(&mut stream).await.unwrap();
        assert_eq!(echo, (FIN | BINARY, vec![7; 1 << 10]), "{query}");
        // A quarter of a second at 4 KiB a second, less the first portions.
        assert!(began.elapsed() >= Duration::from_millis(150), "{query}: {:?}", began.elapsed());
    }
}
