//! `/echo` with options.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt, future};
use harness::{
    Client, Server, connect,
    raw::{self, BINARY, CLOSE, FIN, RSV1, TEXT, frame, read_frame},
    soon,
};
use server::{Compression, Config, Limits};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::{NEVER, close_frame, next, open_with_seed, rest, send};

const DEFLATE: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/// Sends the numbers to 40, then closes, and returns the texts that came.
async fn counted(client: &mut Client) -> Vec<String> {
    for number in 0..40 {
        send(client, number.to_string()).await;
    }
    client.close(None).await.unwrap();
    let messages = rest(client).await;
    let texts = messages.into_iter().filter(Message::is_text);
    texts.map(|text| text.to_text().unwrap().to_owned()).collect()
}

fn numbers() -> Vec<String> {
    (0..40).map(|number| number.to_string()).collect()
}

/// Answers of `/echo` with these options to 40 messages.
async fn transcript(server: &Server, query: &str) -> Vec<String> {
    counted(&mut connect(&server.ws(&format!("/echo?{query}"))).await).await
}

/// A raw connection that offers compression, and the head of the answer.
async fn compressing(server: &Server, path: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    let head = raw::shake_hands(&mut stream, path, DEFLATE).await;
    (stream, head)
}

#[tokio::test]
async fn a_prefix_is_for_text_only() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/echo?prefix=%3E%20")).await;
    send(&mut client, "hi").await;
    assert_eq!(next(&mut client).await, Message::text("> hi"));
    send(&mut client, Message::binary([0, 255].to_vec())).await;
    assert_eq!(next(&mut client).await, Message::binary([0, 255].to_vec()));
}

#[tokio::test]
async fn a_delay_keeps_each_echo_back_and_their_order() {
    const DELAY: Duration = Duration::from_millis(200);
    let server = Server::start().await;
    let mut client = connect(&server.ws("/echo?delay=200ms")).await;
    let began = Instant::now();
    for number in 0..10 {
        send(&mut client, number.to_string()).await;
    }
    for number in 0..10 {
        assert_eq!(next(&mut client).await, Message::text(number.to_string()));
        assert!(began.elapsed() >= DELAY, "{:?}", began.elapsed());
    }
    // Not one after the other: all were sent at once.
    assert!(began.elapsed() < 10 * DELAY, "{:?}", began.elapsed());
}

#[tokio::test]
async fn jitter_keeps_the_order() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/echo?delay=10ms&jitter=50ms&seed=1")).await;
    let began = Instant::now();
    for number in numbers() {
        send(&mut client, number).await;
    }
    for number in numbers() {
        assert_eq!(next(&mut client).await, Message::text(number));
    }
    // By chance, all of 40 waits would have to be short.
    assert!(began.elapsed() >= Duration::from_millis(30), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_kept_back_is_sent_before_the_connection_closes() {
    let server = Server::start().await;
    for query in ["delay=1m", "reorder=41", "delay=1m&jitter=1m&fragment=1"] {
        let mut texts = transcript(&server, query).await;
        texts.sort_by_key(|text| text.parse::<u32>().unwrap());
        assert_eq!(texts, numbers(), "{query}");
    }
    let mut client = connect(&server.ws("/echo?delay=1m")).await;
    send(&mut client, "kept").await;
    // The answer to the ping shows that the message before it is there.
    send(&mut client, Message::Ping("well?".into())).await;
    assert_eq!(next(&mut client).await, Message::Pong("well?".into()));
    server.stop().await;
    assert_eq!(next(&mut client).await, Message::text("kept"));
    assert!(next(&mut client).await.is_close());
}

#[tokio::test]
async fn what_is_kept_back_is_bounded() {
    const MESSAGE: usize = 64 << 10;
    let limits = Limits { waiting: 1 << 20, ping: NEVER, ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    let mut stream = raw::open(server.authority(), "/echo?delay=1m").await;
    let message = frame(FIN | BINARY, &vec![7; MESSAGE]);
    let flooding = async {
        for _ in 0..10_000 {
            stream.write_all(&message).await.unwrap();
        }
    };
    let stalled = timeout(Duration::from_secs(2), flooding).await;
    assert!(stalled.is_err(), "the server takes 640 MB to keep them");
    server.still_serves().await;
}

#[tokio::test]
async fn a_message_is_dropped_or_doubled_as_probably_as_asked() {
    let server = Server::start().await;
    assert_eq!(transcript(&server, "drop=1").await, [""; 0]);
    assert_eq!(transcript(&server, "drop=0&duplicate=0").await, numbers());
    let doubled = numbers().into_iter().flat_map(|it| [it.clone(), it]).collect::<Vec<_>>();
    assert_eq!(transcript(&server, "duplicate=1").await, doubled);
    let half = transcript(&server, "drop=0.5&seed=1").await;
    assert!((8..=32).contains(&half.len()), "{half:?}");
    let more = transcript(&server, "duplicate=0.5&seed=1").await;
    assert!((48..=72).contains(&more.len()), "{more:?}");
}

#[tokio::test]
async fn echoes_change_places_within_their_window() {
    let server = Server::start().await;
    let texts = transcript(&server, "reorder=8&seed=1").await;
    assert_ne!(texts, numbers());
    for (window, expected) in texts.chunks(8).zip(numbers().chunks(8)) {
        let mut window = window.to_vec();
        window.sort_by_key(|text| text.parse::<u32>().unwrap());
        assert_eq!(window, expected);
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_transcript() {
    const OPTIONS: &str = "drop=0.2&duplicate=0.3&reorder=7&jitter=2ms";
    let server = Server::start().await;
    let (mut client, seed) = open_with_seed(&server, &format!("/echo?{OPTIONS}")).await;
    let first = counted(&mut client).await;
    let again = format!("{OPTIONS}&seed={}", seed.expect("the seed is named"));
    assert_eq!(transcript(&server, &again).await, first, "the seed that the server chose");
    assert_eq!(transcript(&server, &again).await, first);
    let (mut client, seed) = open_with_seed(&server, &format!("/echo?{OPTIONS}&seed=77")).await;
    assert_eq!(seed.as_deref(), Some("77"));
    assert_ne!(counted(&mut client).await, first, "another seed");
}

#[tokio::test]
async fn an_echo_comes_in_frames_of_the_size_asked_for() {
    let server = Server::start().await;
    let mut stream = raw::open(server.authority(), "/echo?fragment=3").await;
    for (kind, payload, frames) in [
        (TEXT, "abcdefgh", &[(TEXT, "abc"), (0, "def"), (FIN, "gh")][..]),
        (BINARY, "abcdef", &[(BINARY, "abc"), (FIN, "def")]),
        (TEXT, "ab", &[(FIN | TEXT, "ab")]),
        (TEXT, "", &[(FIN | TEXT, "")]),
    ] {
        stream.write_all(&frame(FIN | kind, payload.as_bytes())).await.unwrap();
        for (first, payload) in frames {
            let expected = (*first, payload.as_bytes().to_vec());
            assert_eq!(read_frame(&mut stream).await.unwrap(), expected);
        }
    }
}

#[tokio::test]
async fn compression_is_for_all_or_for_none() {
    let compression = Compression { offered: false, ..Compression::default() };
    let without = Server::start_as(Config { compression, ..Config::default() }).await;
    for server in [Server::start().await, without] {
        let (mut stream, head) = compressing(&server, "/echo?compress=on").await;
        assert!(head.contains("sec-websocket-extensions: permessage-deflate\r\n"), "{head}");
        stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
        let (first, _) = read_frame(&mut stream).await.unwrap();
        assert_eq!(first, FIN | RSV1 | TEXT);
        let (_, head) = compressing(&server, "/echo?compress=off").await;
        assert!(!head.contains("sec-websocket-extensions"), "{head}");
    }
}

#[tokio::test]
async fn a_compressed_echo_comes_in_frames_too() {
    let server = Server::start().await;
    let (mut stream, _) = compressing(&server, "/echo?compress=on&fragment=4&prefix=yes:").await;
    stream.write_all(&frame(FIN | TEXT, b"one two three")).await.unwrap();
    let (mut message, mut first) = (Vec::new(), RSV1 | TEXT);
    loop {
        let (got, payload) = read_frame(&mut stream).await.unwrap();
        assert_eq!(got & !FIN, first, "the first frame alone is marked");
        message.extend(payload);
        if got & FIN != 0 {
            break;
        }
        first = 0;
    }
    message.extend([0, 0, 0xff, 0xff]);
    let mut text = Vec::with_capacity(100);
    let mut inflate = flate2::Decompress::new(false);
    inflate.decompress_vec(&message, &mut text, flate2::FlushDecompress::Sync).unwrap();
    assert_eq!(text, b"yes:one two three");
}

#[tokio::test]
async fn a_message_past_the_limit_is_closed_with_1009() {
    let server = Server::start().await;
    let mut stream = raw::open(server.authority(), "/echo?limit=4").await;
    stream.write_all(&frame(FIN | TEXT, b"four")).await.unwrap();
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | TEXT, b"four".to_vec()));
    stream.write_all(&frame(FIN | TEXT, b"fiver")).await.unwrap();
    stream.write_all(&close_frame(1000)).await.unwrap();
    assert_eq!(raw::close_code(&mut stream).await, Some(1009));
}

#[tokio::test]
async fn it_closes_after_so_many_messages_with_code_and_reason() {
    let server = Server::start().await;
    let path = "/echo?close_after=2&code=4001&reason=that%20is%20all";
    let mut stream = raw::open(server.authority(), path).await;
    stream.write_all(&frame(FIN | TEXT, b"hi").repeat(3)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
    }
    let (first, payload) = read_frame(&mut stream).await.unwrap();
    assert_eq!((first, &payload[2..]), (FIN | CLOSE, &b"that is all"[..]));
    assert_eq!(payload[..2], 4001_u16.to_be_bytes());
}

#[tokio::test]
async fn it_closes_after_a_time() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut stream = raw::open(server.authority(), "/echo?close_after=150ms").await;
    assert_eq!(raw::close_code(&mut stream).await, Some(1000));
    assert!(began.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_flood_with_a_delay_comes_back_whole() {
    const MESSAGES: usize = 300;
    const MESSAGE: usize = 10 << 10;
    let limits = Limits { waiting: 64 << 10, ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    let client = connect(&server.ws("/echo?delay=5ms&duplicate=1&reorder=50&fragment=1KiB")).await;
    let (mut sink, stream) = client.split();
    let sending = async {
        for _ in 0..MESSAGES {
            sink.feed(Message::binary(vec![7; MESSAGE])).await.unwrap();
        }
        sink.close().await.unwrap();
    };
    // Past the bound the server stops reading, and reads on when echoes have left.
    let receiving = stream
        .take_while(|message| future::ready(message.as_ref().is_ok_and(Message::is_binary)))
        .count();
    let ((), received) = soon("the end", async { tokio::join!(sending, receiving) }).await;
    assert_eq!(received, 2 * MESSAGES);
}
