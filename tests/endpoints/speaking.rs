//! Endpoints that speak by themselves: `/stream`, `/time`, `/ping`; and `/no-pong`, which does not.

use std::time::{Duration, Instant};

use harness::{
    Server, connect,
    raw::{self, BINARY, FIN, PING, PONG, TEXT, frame, read_frame},
};
use serde_json::Value;
use server::Limits;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::{NEVER, next, open_with_seed, rest};

/// The messages of a stream that ends, and its close code.
async fn stream(server: &Server, query: &str) -> Vec<Vec<u8>> {
    let mut client = connect(&server.ws(&format!("/stream?{query}"))).await;
    let mut messages = rest(&mut client).await;
    let Some(Message::Close(Some(close))) = messages.pop() else { panic!("{query}: no Close") };
    assert_eq!(u16::from(close.code), 1000, "{query}");
    messages.into_iter().map(|message| message.into_data().to_vec()).collect()
}

#[tokio::test]
async fn a_stream_numbers_its_messages_and_closes_after_the_last() {
    let server = Server::start().await;
    let texts = stream(&server, "count=3&rate=1000/s").await;
    assert_eq!(
        texts,
        [
            &b"0 abcdefghijklmnopqrstuvwxyzABCD"[..],
            b"1 bcdefghijklmnopqrstuvwxyzABCDE",
            b"2 cdefghijklmnopqrstuvwxyzABCDEF",
        ]
        .map(|text| text[..text.len().min(32)].to_vec())
    );
}

#[tokio::test]
async fn a_stream_has_the_size_that_is_asked_for() {
    let server = Server::start().await;
    for kind in ["text", "binary", "json"] {
        for pattern in ["seq", "random", "time"] {
            for size in [100, 1 << 10, 100_000] {
                let query = format!("size={size}&kind={kind}&pattern={pattern}&count=12&rate=max");
                let messages = stream(&server, &query).await;
                assert_eq!(messages.len(), 12, "{query}");
                assert!(messages.iter().all(|message| message.len() == size), "{query}");
            }
        }
    }
    // A number is never cut.
    let least = stream(&server, "size=1&count=11&rate=max").await;
    assert_eq!(least.last().unwrap(), b"10");
    let least = stream(&server, "size=1&count=1&rate=max&kind=binary").await;
    assert_eq!(least, [vec![0; 8]]);
}

#[tokio::test]
async fn each_kind_says_its_number() {
    let server = Server::start().await;
    for (number, message) in (0_u64..).zip(stream(&server, "kind=text&count=20&rate=max").await) {
        let text = String::from_utf8(message).unwrap();
        assert_eq!(text.split(' ').next().unwrap(), number.to_string());
    }
    for (number, message) in (0_u64..).zip(stream(&server, "kind=binary&count=20&rate=max").await) {
        assert_eq!(message[..8], number.to_be_bytes());
        let first = u8::try_from(number).unwrap();
        assert_eq!(message[8..], (first..first + 24).collect::<Vec<_>>());
    }
    for (number, message) in (0_u64..).zip(stream(&server, "kind=json&count=20&rate=max").await) {
        let object = serde_json::from_slice::<Value>(&message).unwrap();
        assert_eq!(object["seq"], number);
    }
}

#[tokio::test]
async fn a_stream_can_say_when() {
    let server = Server::start().await;
    let query = "pattern=time&size=64&count=2&rate=max";
    let text = String::from_utf8(stream(&server, query).await.remove(1)).unwrap();
    // "1 2026-01-02T03:04:05.678901Z " and the filling.
    let [number, moment, filling] = text.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{text}")
    };
    assert_eq!((number, moment.len(), filling.len()), ("1", 27, 64 - 30), "{text}");
    assert!(moment.ends_with('Z') && &moment[10..11] == "T", "{text}");
    let message = stream(&server, &format!("{query}&kind=json")).await.remove(1);
    let object = serde_json::from_slice::<Value>(&message).unwrap();
    assert!(object["time"].as_str().unwrap().ends_with('Z'));
    let message = stream(&server, &format!("{query}&kind=binary")).await.remove(1);
    let micros = u64::from_be_bytes(message[8..16].try_into().unwrap());
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    let age = now - u128::from(micros);
    assert!(age < harness::PATIENCE.as_micros(), "{age} µs");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_stream() {
    const QUERY: &str = "pattern=random&size=200&count=20&rate=max";
    let server = Server::start().await;
    let (mut client, seed) = open_with_seed(&server, &format!("/stream?{QUERY}")).await;
    let first = rest(&mut client).await.into_iter().filter(Message::is_text);
    let first = first.map(|message| message.into_data().to_vec()).collect::<Vec<_>>();
    let seed = seed.expect("the seed is named");
    assert_eq!(stream(&server, &format!("{QUERY}&seed={seed}")).await, first);
    assert_ne!(stream(&server, &format!("{QUERY}&seed=77")).await, first);
    assert_eq!(
        stream(&server, &format!("{QUERY}&seed=77&kind=binary")).await,
        stream(&server, &format!("{QUERY}&seed=77&kind=binary")).await,
    );
}

#[tokio::test]
async fn a_stream_is_as_fast_as_it_is_asked_to_be() {
    let server = Server::start().await;
    let began = Instant::now();
    // The first comes at once.
    assert_eq!(stream(&server, "rate=50/s&count=11").await.len(), 11);
    assert!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
    let began = Instant::now();
    assert_eq!(stream(&server, "rate=600/m&count=3").await.len(), 3);
    assert!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_fastest_stream_is_whole() {
    let server = Server::start().await;
    let messages = stream(&server, "rate=max&size=64KiB&count=1000&kind=binary").await;
    for (number, message) in (0_u64..).zip(&messages) {
        assert_eq!(message[..8], number.to_be_bytes());
    }
    assert_eq!(messages.len(), 1000);
}

#[tokio::test]
async fn who_does_not_read_a_stream_is_dropped_and_others_are_served() {
    let beat = Duration::from_millis(200);
    let limits = Limits { ping: beat, pong: beat, ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    let mut idle = raw::open(server.authority(), "/stream?rate=max&size=1MiB").await;
    server.still_serves().await;
    // It takes nothing until it is given up.
    let given_up = async {
        while !crate::get(&server, "/metrics").await.contains("pings_without_pong_total 1") {}
    };
    harness::soon("the end of its patience", given_up).await;
    assert_eq!(raw::close_code(&mut idle).await, None, "no Close frame for who does not read");
}

#[tokio::test]
async fn the_server_stops_though_it_speaks() {
    let server = Server::start_with(Limits { drain: NEVER, ..Limits::DEFAULT }).await;
    let mut fast = connect(&server.ws("/stream?rate=max")).await;
    let mut slow = connect(&server.ws("/time?every=10ms")).await;
    next(&mut fast).await;
    next(&mut slow).await;
    let reading = async { (rest(&mut fast).await.pop(), rest(&mut slow).await.pop()) };
    let (_, (fast, slow)) = tokio::join!(server.stop(), reading);
    for last in [fast, slow] {
        let Some(Message::Close(Some(close))) = last else { panic!("no Close: {last:?}") };
        assert_eq!(u16::from(close.code), 1001);
    }
}

#[tokio::test]
async fn the_time_is_said_again_and_again() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut client = connect(&server.ws("/time?every=50ms")).await;
    let mut last = String::new();
    for _ in 0..4 {
        let now = next(&mut client).await.into_text().unwrap().to_string();
        assert!(now > last && now.len() == "2026-01-02T03:04:05.678901Z".len(), "{now}");
        last = now;
    }
    assert!(began.elapsed() >= Duration::from_millis(100), "{:?}", began.elapsed());
}

#[tokio::test]
async fn pings_are_numbered() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut stream = raw::open(server.authority(), "/ping?every=50ms").await;
    for number in 0..4 {
        let expected = (FIN | PING, number.to_string().into_bytes());
        assert_eq!(read_frame(&mut stream).await.unwrap(), expected);
    }
    assert!(began.elapsed() >= Duration::from_millis(100), "{:?}", began.elapsed());
    let mut stream = raw::open(server.authority(), "/ping?every=1h").await;
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | PING, b"0".to_vec()));
    stream.write_all(&frame(FIN | BINARY, b"hi")).await.unwrap();
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | BINARY, b"hi".to_vec()));
    stream.write_all(&frame(FIN | PING, b"you?")).await.unwrap();
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | PONG, b"you?".to_vec()));
}

#[tokio::test]
async fn a_ping_can_stay_without_a_pong() {
    let server = Server::start().await;
    let mut stream = raw::open(server.authority(), "/no-pong").await;
    stream.write_all(&frame(FIN | PING, b"well?")).await.unwrap();
    stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
}
