//! `/chat/{room}`.

use futures::future;
use harness::{
    Server, connect,
    raw::{self, BINARY, CLOSE, FIN, read_frame},
};
use server::Limits;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::{NEVER, get, next, send};

/// Waits until the message of one member is with another: both are in.
async fn greet(from: &mut harness::Client, to: &mut harness::Client) {
    send(from, "hello").await;
    assert_eq!(next(to).await, Message::text("hello"));
}

#[tokio::test]
async fn a_message_goes_to_all_others_in_the_room() {
    let server = Server::start().await;
    let mut one = connect(&server.ws("/chat/blue")).await;
    let mut two = connect(&server.ws("/chat/blue")).await;
    greet(&mut two, &mut one).await;
    let mut three = connect(&server.ws("/chat/bl%75e")).await;
    let mut elsewhere = connect(&server.ws("/chat/red")).await;
    greet(&mut three, &mut one).await;
    assert_eq!(next(&mut two).await, Message::text("hello"));
    send(&mut one, Message::binary(b"both".to_vec())).await;
    for other in [&mut two, &mut three] {
        assert_eq!(next(other).await, Message::binary(b"both".to_vec()));
    }
    // Nothing came to who sent it, nor to another room.
    for alone in [&mut one, &mut elsewhere] {
        send(alone, Message::Ping("well?".into())).await;
        assert_eq!(next(alone).await, Message::Pong("well?".into()));
    }
    drop(two);
    greet(&mut three, &mut one).await;
}

#[tokio::test]
async fn a_room_has_a_name_that_is_not_too_long() {
    let server = Server::start().await;
    let answer = get(&server, &format!("/chat/{}", "x".repeat(65))).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("Invalid value 'xxxx"), "{answer}");
    assert!(answer.contains("' of option 'room'."), "{answer}");
    connect(&server.ws(&format!("/chat/{}", "x".repeat(64)))).await;
}

#[tokio::test]
async fn who_reads_gets_all_of_a_burst() {
    for (size, count) in [(1, 50_000), (100, 20_000), (60_000, 40)] {
        let server = Server::start().await;
        let mut sender = raw::open(server.authority(), "/chat/room").await;
        let mut members = Vec::new();
        for _ in 0..3 {
            let mut member = connect(&server.ws("/chat/room")).await;
            send(&mut member, Message::Ping("in?".into())).await;
            assert_eq!(next(&mut member).await, Message::Pong("in?".into()));
            members.push(member);
        }
        let burst = raw::frame(FIN | BINARY, &vec![7; size]).repeat(count);
        let reading = future::join_all(members.iter_mut().map(async |member| {
            for number in 0..count {
                let message = next(member).await;
                assert!(message.is_binary(), "{size} bytes, {number} of {count}: {message}");
            }
        }));
        let (sent, _) = tokio::join!(sender.write_all(&burst), reading);
        sent.unwrap();
    }
}

#[tokio::test]
async fn who_is_too_slow_is_closed_and_not_waited_for() {
    const MESSAGE: usize = 64 << 10;
    let limits =
        Limits { waiting: 2 * MESSAGE, close_timeout: NEVER, pong: NEVER, ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    let mut slow = raw::open(server.authority(), "/chat/room").await;
    let mut sender = connect(&server.ws("/chat/room")).await;
    let mut fast = connect(&server.ws("/chat/room")).await;
    greet(&mut sender, &mut fast).await;
    let hello = read_frame(&mut slow).await.unwrap();
    assert_eq!(hello.1, b"hello");
    // More than all buffers between take.
    for _ in 0..1_000 {
        send(&mut sender, Message::binary(vec![7; MESSAGE])).await;
        assert_eq!(next(&mut fast).await.len(), MESSAGE);
    }
    let mut taken = 0;
    loop {
        let (first, payload) = read_frame(&mut slow).await.unwrap();
        if first == FIN | CLOSE {
            assert_eq!(payload[..2], 1008_u16.to_be_bytes());
            break;
        }
        assert_eq!(payload.len(), MESSAGE);
        taken += 1;
    }
    assert!(taken < 1_000, "it got all {taken}");
}
