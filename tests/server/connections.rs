//! The server over real sockets, asked by an independent client.

use std::{net::Ipv6Addr, time::Duration};

use futures::{SinkExt, StreamExt, future::join_all};
use harness::{Client, Server, connect, raw, soon};
use server::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Barrier,
};
use tokio_tungstenite::{
    MaybeTlsStream, connect_async,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

async fn next(client: &mut Client) -> Message {
    soon("a message", client.next()).await.expect("the connection is open").expect("it is well")
}

/// Sends `message` and returns what comes back.
async fn ask(client: &mut Client, message: impl Into<Message>) -> Message {
    client.send(message.into()).await.expect("the connection takes a message");
    next(client).await
}

/// A GET request as a browser without WebSockets makes it; returns the whole answer.
async fn get(server: &Server, path: &str) -> String {
    request(server, path, "").await
}

/// A GET request with these header lines; returns the whole answer.
async fn request(server: &Server, path: &str, headers: &str) -> String {
    let host = format!("Host: {}\r\n", server.authority());
    raw::request(server.authority(), "GET", path, &(host + headers)).await
}

/// Longer than any test may take: a test that passes did not wait for it.
const NEVER: Duration = Duration::from_hours(1);
const MOMENT: Duration = Duration::from_millis(50);
const PATIENT: Limits =
    Limits { close_timeout: NEVER, drain: NEVER, ping: NEVER, ..Limits::DEFAULT };

#[tokio::test]
async fn text_is_greeted_on_both_paths() {
    let server = Server::start().await;
    for path in ["/", "/ws", ""] {
        let mut client = connect(&server.ws(path)).await;
        assert_eq!(ask(&mut client, "hi").await, Message::text("Echo: hi"), "{path}");
        assert_eq!(ask(&mut client, "").await, Message::text("Echo: "), "{path}");
        assert_eq!(ask(&mut client, "안녕 🙂").await, Message::text("Echo: 안녕 🙂"), "{path}");
    }
}

#[tokio::test]
async fn binary_comes_back_as_it_is() {
    let server = Server::start().await;
    for path in ["/", "/ws", "/echo"] {
        let mut client = connect(&server.ws(path)).await;
        for bytes in [vec![], vec![0, 255, 128, 10], vec![b'x'; 70_000]] {
            let message = Message::binary(bytes);
            assert_eq!(ask(&mut client, message.clone()).await, message, "{path}");
        }
    }
}

#[tokio::test]
async fn echo_is_verbatim() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/echo")).await;
    for text in ["hi", "", "안녕 🙂"] {
        assert_eq!(ask(&mut client, text).await, Message::text(text));
    }
}

#[tokio::test]
async fn a_megabyte_comes_back_whole() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/ws")).await;
    let text = "0123456789abcdef".repeat(1 << 16);
    assert_eq!(ask(&mut client, text.as_str()).await, Message::text(format!("Echo: {text}")));
}

#[tokio::test]
async fn messages_in_flight_keep_their_order() {
    const MESSAGES: usize = 10_000;
    let server = Server::start().await;
    let (mut sink, mut stream) = connect(&server.ws("/ws")).await.split();
    let sending = async {
        for number in 0..MESSAGES {
            sink.feed(Message::text(number.to_string())).await.expect("the server reads");
        }
        sink.flush().await.expect("the server reads");
    };
    let receiving = async {
        for number in 0..MESSAGES {
            let message = stream.next().await.expect("the connection is open").expect("it is well");
            assert_eq!(message, Message::text(format!("Echo: {number}")));
        }
    };
    soon("all answers", async { tokio::join!(sending, receiving) }).await;
}

#[tokio::test]
async fn two_hundred_clients_at_once_get_their_own_answers() {
    const CLIENTS: usize = 200;
    let server = Server::start().await;
    let all_are_connected = Barrier::new(CLIENTS);
    let clients = (0..CLIENTS).map(async |number| {
        let mut client = connect(&server.ws("/ws")).await;
        all_are_connected.wait().await;
        for round in 0..10 {
            let text = format!("{number}/{round}");
            let answer = ask(&mut client, text.as_str()).await;
            assert_eq!(answer, Message::text(format!("Echo: {text}")));
        }
    });
    soon("all answers", join_all(clients)).await;
}

#[tokio::test]
async fn ping_is_answered_by_pong_with_the_same_payload() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/ws")).await;
    for payload in [&b""[..], b"are you there", &[7; 125]] {
        let ping = Message::Ping(payload.to_vec().into());
        assert_eq!(ask(&mut client, ping).await, Message::Pong(payload.to_vec().into()));
    }
}

#[tokio::test]
async fn close_is_answered_by_close_with_the_same_code() {
    let server = Server::start().await;
    for code in [1000, 1001, 1011, 3000, 4999] {
        let mut client = connect(&server.ws("/ws")).await;
        let frame = CloseFrame { code: CloseCode::from(code), reason: "bye".into() };
        let Message::Close(Some(answer)) = ask(&mut client, Message::Close(Some(frame))).await
        else {
            panic!("{code} is not answered by a close code");
        };
        assert_eq!(u16::from(answer.code), code);
        assert!(soon("the end", client.next()).await.is_none(), "the server ends the connection");
    }
}

#[tokio::test]
async fn a_close_without_a_code_is_answered_in_kind() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/ws")).await;
    assert_eq!(ask(&mut client, Message::Close(None)).await, Message::Close(None));
}

#[tokio::test]
async fn answers_owed_are_given_before_a_close_is_answered() {
    let server = Server::start().await;
    let mut client = connect(&server.ws("/ws")).await;
    for number in 0..100 {
        client.feed(Message::text(number.to_string())).await.unwrap();
    }
    client.send(Message::Close(None)).await.unwrap();
    for number in 0..100 {
        assert_eq!(next(&mut client).await, Message::text(format!("Echo: {number}")));
    }
    assert_eq!(next(&mut client).await, Message::Close(None));
}

#[tokio::test]
async fn localhost_is_served_on_both_loopback_addresses() {
    let server = Server::start().await;
    let port = server.authority().rsplit_once(':').unwrap().1;
    let has_ipv6 = tokio::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok();
    let hosts = if has_ipv6 { &["127.0.0.1", "[::1]"][..] } else { &["127.0.0.1"] };
    for host in hosts {
        let mut client = connect(&format!("ws://{host}:{port}/ws")).await;
        assert_eq!(ask(&mut client, "hi").await, Message::text("Echo: hi"), "{host}");
    }
}

#[tokio::test]
async fn a_stop_closes_every_connection_with_1001() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = connect(&server.ws("/ws")).await;
        ask(&mut client, "hi").await;
        clients.push(client);
    }
    let url = server.ws("/ws");
    let closing = join_all(clients.iter_mut().map(async |client| {
        let close = next(client).await;
        // The answer to the Close frame goes out while reading on.
        soon("the end", client.next()).await;
        close
    }));
    let (_, closes) = tokio::join!(server.stop(), closing);
    for close in closes {
        let Message::Close(Some(frame)) = close else { panic!("{close:?} is not a Close frame") };
        assert_eq!(u16::from(frame.code), 1001);
    }
    assert!(connect_async(url).await.is_err(), "a stopped server accepts no connection");
}

#[tokio::test]
async fn a_stop_waits_only_so_long_for_the_answer_to_a_close() {
    let server = Server::start_with(Limits { close_timeout: MOMENT, ..PATIENT }).await;
    let mut client = connect(&server.ws("/ws")).await;
    ask(&mut client, "hi").await;
    server.stop().await;
}

#[tokio::test]
async fn a_stop_waits_only_so_long_for_a_peer_that_never_reads() {
    let server = Server::start_with(Limits { close_timeout: MOMENT, ..PATIENT }).await;
    let mut client = connect(&server.ws("/echo")).await;
    // Until every buffer on the way is full and the server waits for the client to read.
    let message = Message::binary(vec![0; 1 << 20]);
    while tokio::time::timeout(MOMENT * 4, client.send(message.clone())).await.is_ok() {}
    server.stop().await;
}

#[tokio::test]
async fn a_stop_drains_only_so_long() {
    let server = Server::start_with(Limits { drain: MOMENT, ..PATIENT }).await;
    let mut client = connect(&server.ws("/ws")).await;
    ask(&mut client, "hi").await;
    server.stop().await;
}

#[tokio::test]
async fn a_silent_peer_that_answers_pings_is_kept() {
    // Long enough for a busy machine to answer in.
    let server = Server::start_with(Limits { pong: MOMENT * 8, ping: MOMENT * 8, ..PATIENT }).await;
    let mut client = connect(&server.ws("/ws")).await;
    for _ in 0..4 {
        // Reading on is what answers them.
        let ping = soon("a ping", client.next()).await.unwrap().unwrap();
        assert_eq!(ping, Message::Ping(Vec::new().into()));
    }
    assert_eq!(ask(&mut client, "hi").await, Message::text("Echo: hi"));
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_dropped() {
    let server = Server::start_with(Limits { pong: MOMENT * 8, ping: MOMENT * 8, ..PATIENT }).await;
    let mut client = connect(&server.ws("/ws")).await;
    // Below the client's own WebSocket, which would answer.
    let MaybeTlsStream::Plain(stream) = client.get_mut() else { panic!("there is no TLS") };
    let mut read = Vec::new();
    let _ = soon("the end", stream.read_to_end(&mut read)).await;
    assert_eq!(read, [0x89, 0], "one ping, and no more");
}

/// Far slower than the pings, but never without a byte for long.
#[tokio::test]
async fn a_slow_peer_is_not_taken_for_a_dead_one() {
    // Less than the message takes, and more than a busy machine stalls.
    let server =
        Server::start_with(Limits { pong: MOMENT * 20, ping: MOMENT * 4, ..PATIENT }).await;
    let mut client = connect(&server.ws("/echo")).await;
    let MaybeTlsStream::Plain(stream) = client.get_mut() else { panic!("there is no TLS") };
    // A text frame of 40 bytes, masked with zeroes.
    stream.write_all(&[0x81, 0x80 | 0x28, 0, 0, 0, 0]).await.unwrap();
    for _ in 0..40 {
        tokio::time::sleep(MOMENT).await;
        stream.write_all(b"x").await.expect("the server still reads");
    }
    // A stall of the machine may have earned a ping.
    let mut answer = next(&mut client).await;
    while let Message::Ping(_) = answer {
        answer = next(&mut client).await;
    }
    assert_eq!(answer, Message::text("x".repeat(40)));
}

#[tokio::test]
async fn a_peer_that_sends_and_never_reads_is_dropped() {
    let server = Server::start_with(Limits { pong: MOMENT, ping: MOMENT, ..PATIENT }).await;
    let mut client = connect(&server.ws("/echo")).await;
    let message = Message::binary(vec![0; 1 << 20]);
    let sending = async { while client.send(message.clone()).await.is_ok() {} };
    soon("the end", sending).await;
}

#[tokio::test]
async fn an_upgrade_to_something_else_is_a_request_for_the_page() {
    let server = Server::start().await;
    let headers = "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    let answer = request(&server, "/", headers).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn websocket_paths_tell_a_browser_what_they_are() {
    let server = Server::start().await;
    for path in ["/ws", "/echo"] {
        let answer = get(&server, path).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("\r\nupgrade: websocket\r\n"), "{answer}");
        assert!(answer.contains("This is a WebSocket endpoint"), "{answer}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_404_also_for_websockets() {
    let server = Server::start().await;
    let answer = get(&server, "/nothing-here").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let error = connect_async(server.ws("/nothing-here")).await.unwrap_err();
    assert!(
        matches!(&error, tungstenite::Error::Http(answer) if answer.status() == 404),
        "{error}"
    );
}

#[tokio::test]
async fn the_page_is_served_at_the_root() {
    let server = Server::start().await;
    let answer = get(&server, "/").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("content-type: text/html"), "{answer}");
}

#[tokio::test]
async fn the_page_is_compressed_for_those_who_accept_it() {
    let server = Server::start().await;
    for encoding in ["br", "gzip"] {
        let headers = format!("Accept-Encoding: {encoding}\r\n");
        let answer = request(&server, "/", &headers).await;
        assert!(answer.contains(&format!("content-encoding: {encoding}\r\n")), "{answer}");
    }
    assert!(!get(&server, "/").await.contains("content-encoding"));
}

#[tokio::test]
async fn no_path_leads_out_of_the_page() {
    let server = Server::start().await;
    for path in [
        "/../Cargo.toml",
        "/../../../../../../../etc/passwd",
        "/%2e%2e/Cargo.toml",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/./../Cargo.toml",
        "/index.html/../../Cargo.toml",
        "/%00",
    ] {
        let answer = get(&server, path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_peer_that_vanishes_is_not_missed() {
    let server = Server::start().await;
    for _ in 0..50 {
        let mut client = connect(&server.ws("/ws")).await;
        client.send(Message::text("hi")).await.unwrap();
        drop(client);
    }
    let mut client = connect(&server.ws("/ws")).await;
    assert_eq!(ask(&mut client, "still here").await, Message::text("Echo: still here"));
    client.close(None).await.unwrap();
    drop(client);
    server.stop().await;
}
