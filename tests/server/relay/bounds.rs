//! Rule 13: what a target or a page can make the relay hold, and for how long.

use std::time::Duration;

use futures::{StreamExt, stream::FuturesUnordered};
use h2::ext::Protocol;
use harness::{
    Program, Server,
    raw::{self, BINARY, CLOSE, FIN, PING, RSV1, frame, status},
    relayed::{RelayClient, ask_for_token, to, token},
    soon,
};
use relay::{
    Command, EndCause, Event, FailureCause, Fragments, Message, Open, PayloadKind, Stage, VERSION,
};
use server::{Config, Limits};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::http::{Request, StatusCode};

use super::{Listener, connected, shake_hands};
use crate::tls::{http2_over, perform};

const MIB: usize = 1 << 20;

/// Memory that no attack of a target may pass (issue 19).
const BAR: u64 = 200 << 20;

/// Time without progress after which a side counts as held back.
const STALL: Duration = Duration::from_secs(3);

/// A server's frame of more than 65,535 bytes.
fn head(first: u8, len: usize) -> Vec<u8> {
    [&[first, 127][..], &(len as u64).to_be_bytes()].concat()
}

/// A compressed message of `len` zeros, about a thousandth of that.
fn bomb(len: usize) -> Vec<u8> {
    let payload = raw::deflated_zeros(len);
    let len = u16::try_from(payload.len()).unwrap();
    [&[FIN | RSV1 | BINARY, 126], &len.to_be_bytes()[..], &payload].concat()
}

async fn program() -> (Program, String) {
    let mut server = Program::server_here(&[]);
    let authority = server.address("ws://").await;
    (server, authority)
}

/// Options of a connection to `target` that offers compression.
fn to_compressed(target: &Listener) -> Open {
    let offers = vec!["permessage-deflate".to_owned()];
    Open { offers, ..to(&format!("ws://127.0.0.1:{}", target.port)) }
}

/// Page whose connection to `target` offers compression, and the target's side of it.
async fn compressed(authority: &str, target: &Listener) -> (RelayClient, TcpStream) {
    let connecting = RelayClient::connected(authority, to_compressed(target));
    let (page, stream) = tokio::join!(connecting, target.accept());
    (page.0, stream)
}

/// H1: half-sent compressed messages, which a relay must hold inflated, on as many connections as there can be.
#[tokio::test]
async fn rule_13_half_sent_compressed_messages_stay_under_200_mib_and_an_honest_one_goes_on() {
    const ATTACKERS: usize = 120;
    let (server, authority) = program().await;
    let target = Listener::start().await;
    let echo = to(&format!("ws://{authority}/echo"));
    let (mut honest, _) = RelayClient::connected(&authority, echo).await;
    let bomb = bomb(15 * MIB);
    let mut pages = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..ATTACKERS {
        let (page, mut stream) = compressed(&authority, &target).await;
        stream.write_all(&bomb[..bomb.len() - 1]).await.unwrap();
        pages.push(page);
        streams.push(stream);
    }
    // 1.8 GB in all: most connections must be shed, and those that do say why.
    let mut ends = pages.iter_mut().map(RelayClient::end).collect::<FuturesUnordered<_>>();
    for _ in 0..ATTACKERS / 2 {
        let end = ends.next().await.expect("there are more");
        assert_eq!(end.cause, EndCause::Memory);
    }
    drop(ends);
    honest.send_text("still there?").await;
    let mut answer = honest.payload().await;
    // Pings of the echo server, if the attack took long: to it this side was silent.
    while answer.is_empty() {
        answer = honest.payload().await;
    }
    assert_eq!(answer, b"still there?");
    let peak = server.peak_memory();
    assert!(peak < BAR, "{} MiB", peak >> 20);
}

#[tokio::test]
async fn rule_13_whole_compressed_messages_to_pages_that_read_nothing_stay_under_200_mib() {
    unread_stay_under_the_bar(&bomb(15 * MIB).repeat(20), compressed).await;
}

#[tokio::test]
async fn rule_13_whole_compressed_messages_before_a_close_frame_stay_under_200_mib() {
    let bombs = [&bomb(15 * MIB)[..], &[FIN | CLOSE, 0]].concat();
    unread_stay_under_the_bar(&bombs, compressed).await;
}

#[tokio::test]
async fn rule_13_compressed_messages_to_pages_over_http2_that_read_nothing_stay_under_200_mib() {
    unread_stay_under_the_bar(&bomb(15 * MIB).repeat(20), compressed_over_http2).await;
}

/// Page over HTTP/2, on a connection of its own, of which nothing is read, and the target's side of its connection.
async fn compressed_over_http2(
    authority: &str,
    target: &Listener,
) -> (impl Sized + use<>, TcpStream) {
    let requests = http2_over(TcpStream::connect(authority).await.unwrap()).await;
    let request = Request::connect(format!("http://{authority}/relay"))
        .header("sec-websocket-version", "13")
        .header("origin", format!("http://{authority}"))
        .extension(Protocol::from_static("websocket"));
    let (response, mut sending) = perform(&requests, request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut commands = Vec::new();
    Command::Hello { version: VERSION, token: token(authority).await }.encode(&mut commands);
    Command::Open(Box::new(to_compressed(target))).encode(&mut commands);
    sending.send_data(frame(FIN | BINARY, &commands).into(), false).unwrap();
    ((requests, response, sending), target.accept().await)
}

/// H1 again: `bombs` are whole messages, which a relay holds inflated for a page that reads nothing.
async fn unread_stay_under_the_bar<P>(
    bombs: &[u8],
    open: impl AsyncFn(&str, &Listener) -> (P, TcpStream),
) {
    const ATTACKERS: usize = 120;
    let (server, authority) = program().await;
    let target = Listener::start().await;
    let mut pages = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..ATTACKERS {
        let (page, mut stream) = open(&authority, &target).await;
        // A relay that is shed at once reads no more of it.
        let _ = stream.write_all(bombs).await;
        pages.push(page);
        streams.push(stream);
    }
    // A relay that is shed leaves its target.
    let left = |mut stream: TcpStream| async move {
        let _ = stream.read(&mut [0; 16]).await;
    };
    let mut left = streams.into_iter().map(left).collect::<FuturesUnordered<_>>();
    for _ in 0..ATTACKERS / 2 {
        soon("a relay that is shed", left.next()).await;
    }
    let echo = to(&format!("ws://{authority}/echo"));
    let (mut honest, _) = RelayClient::connected(&authority, echo).await;
    honest.send_text("still there?").await;
    assert_eq!(honest.payload().await, b"still there?");
    let peak = server.peak_memory();
    assert!(peak < BAR, "{} MiB", peak >> 20);
}

/// M1: pings whose pongs the target does not read.
#[tokio::test]
async fn rule_13_a_flood_of_pings_stays_under_200_mib() {
    let (server, authority) = program().await;
    let (mut page, stream) = connected(&authority, |open| open).await;
    let pings = [&[FIN | PING, 125][..], &[7; 125]].concat().repeat(1_000);
    // The page reads, the target does not: its flood ends when the relay reads no more.
    let (mut reader, mut writer) = stream.into_split();
    let flood = async {
        for _ in 0..2_000 {
            match tokio::time::timeout(STALL, writer.write_all(&pings)).await {
                Ok(written) => written.unwrap(),
                Err(_) => return true,
            }
        }
        false
    };
    let reading = async {
        loop {
            page.event().await;
            let taken = page.received;
            page.send(&Command::Taken(taken)).await;
        }
    };
    let is_held_back = tokio::select! {
        is_held_back = flood => is_held_back,
        () = reading => unreachable!("it has no end"),
    };
    assert!(is_held_back, "the relay reads pings whose pongs nobody takes");
    let peak = server.peak_memory();
    assert!(peak < BAR, "{} MiB", peak >> 20);
    // It serves on.
    let mut pong = [0; 2];
    soon("a pong", reader.read_exact(&mut pong)).await.unwrap();
    assert_eq!(shake_hands(&authority, &authority, &[&format!("http://{authority}")]).await, "101");
    // A reset is told, though nothing more is read from the target.
    drop((reader, writer));
    let ended = async {
        loop {
            if let Event::Ended(end) = page.event().await {
                return end;
            }
            let taken = page.received;
            page.send(&Command::Taken(taken)).await;
        }
    };
    assert_eq!(soon("the end", ended).await.cause, EndCause::Lost);
}

#[tokio::test]
async fn rule_13_a_page_that_takes_nothing_holds_the_target_back() {
    const MESSAGES: usize = 1_000;
    let (server, authority) = program().await;
    let (mut page, mut stream) = connected(&authority, |open| open).await;
    let message = [&head(FIN | BINARY, 100_000)[..], &vec![7; 100_000]].concat();
    let sending = tokio::spawn(async move {
        for _ in 0..MESSAGES {
            stream.write_all(&message).await.unwrap();
        }
        stream
    });
    // All that comes without a word of the page: the window, and the message that passed it.
    let window = 1_usize << 20;
    let mut held_back = 0;
    while held_back * 100_000 < window {
        assert_eq!(page.payload().await.len(), 100_000);
        held_back += 1;
    }
    // A ping is answered by the target's own relay only once the page takes: the next event is of the page's making.
    page.send(&Command::Ping(b"in between")).await;
    assert!(matches!(page.event().await, Event::Frame(_)), "no frame");
    assert_eq!(page.last_payload, b"in between", "nothing came past the window");
    assert!(!sending.is_finished(), "TCP holds the target back");
    for _ in held_back..MESSAGES {
        let taken = page.received;
        page.send(&Command::Taken(taken)).await;
        assert_eq!(page.payload().await.len(), 100_000);
    }
    drop(sending.await.unwrap());
    let peak = server.peak_memory();
    assert!(peak < BAR, "{} MiB", peak >> 20);
}

#[tokio::test]
async fn rule_13_a_pause_stops_reading_until_it_ends() {
    let server = Server::start().await;
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    page.send(&Command::Pause).await;
    // The pong of the relay shows that the pause has come before.
    page.send(&Command::Ping(b"paused")).await;
    let mut ping = [0; 12];
    stream.read_exact(&mut ping).await.unwrap();
    stream.write_all(&[FIN | BINARY, 1, 7]).await.unwrap();
    page.send(&Command::Ping(b"")).await;
    stream.read_exact(&mut ping[..6]).await.unwrap();
    page.send(&Command::Resume).await;
    for payload in [&b"paused"[..], b"", &[7]] {
        while !matches!(page.event().await, Event::Frame(_)) {}
        assert_eq!(page.last_payload, payload);
    }
}

#[tokio::test]
async fn rule_13_a_pause_ends_with_a_close_frame() {
    let server = Server::start().await;
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    page.send(&Command::Pause).await;
    page.send(&Command::Close { code: None, reason: b"" }).await;
    page.send(&Command::Pause).await;
    stream.read_exact(&mut [0; 6]).await.unwrap();
    stream.write_all(&[FIN | CLOSE, 0]).await.unwrap();
    assert_eq!(page.end().await.cause, EndCause::Closed);
}

#[tokio::test]
async fn rule_13_a_target_that_reads_nothing_holds_the_page_back() {
    const MESSAGES: usize = 100;
    let (server, authority) = program().await;
    let (mut page, mut stream) = connected(&authority, |open| open).await;
    let payload = vec![7; MIB];
    let (sent, mut some_sent) = tokio::sync::mpsc::unbounded_channel();
    let sending = async {
        for _ in 0..MESSAGES {
            let message = Message {
                kind: PayloadKind::Binary,
                compress: false,
                fragments: Fragments::NONE,
                payload: &payload,
            };
            page.send(&Command::Message(message)).await;
            let _ = sent.send(());
        }
    };
    let reading = async {
        // As many as the buffers on the way take without it.
        let mut taken = 0;
        while let Ok(Some(())) = tokio::time::timeout(STALL, some_sent.recv()).await {
            taken += 1;
        }
        assert!(taken < MESSAGES, "all of them were taken from the page");
        let mut left = MESSAGES * (MIB + 14);
        let mut buffer = vec![0; MIB];
        while left > 0 {
            left -= soon("more", stream.read(&mut buffer)).await.unwrap();
        }
    };
    tokio::join!(sending, reading);
    let peak = server.peak_memory();
    assert!(peak < 100 << 20, "{} MiB", peak >> 20);
}

/// Its socket is not read, so that only writing tells.
#[tokio::test]
async fn rule_13_a_page_that_leaves_while_it_is_held_back_is_noticed() {
    let mut server = Program::server_here(&["--ping", "500ms", "--pong", "500ms"]);
    let authority = server.address("ws://").await;
    let (mut page, _stream) = connected(&authority, |open| open).await;
    let payload = vec![7; MIB];
    let message = Message {
        kind: PayloadKind::Binary,
        compress: false,
        fragments: Fragments::NONE,
        payload: &payload,
    };
    while tokio::time::timeout(STALL, page.send(&Command::Message(message))).await.is_ok() {}
    drop(page);
    server.line_with("the page is gone").await;
}

#[tokio::test]
async fn rule_13_dialling_has_a_time_limit() {
    let server = Server::start().await;
    let target = Listener::start().await;
    let open = Open { timeout: 500, ..to(&format!("ws://127.0.0.1:{}", target.port)) };
    let mut page = RelayClient::asking(server.authority(), open).await;
    let (_silent, _) = target.request().await;
    let failure = page.failure().await;
    assert_eq!(failure.cause, FailureCause::TimedOut);
    // It says where the time went.
    let (last, micros) = *failure.times.last().expect("a stage");
    assert!(last == Stage::Http && micros > 250_000, "{:?}", failure.times);
}

#[tokio::test]
async fn rule_13_the_first_commands_have_a_time_limit() {
    let limits = Limits { handshake_timeout: Duration::from_secs(2), ..Limits::DEFAULT };
    let server = Server::start_as(Config { limits, ..Config::default() }).await;
    for mut page in [
        RelayClient::silent(server.authority()).await,
        RelayClient::greeted(server.authority()).await,
    ] {
        assert_eq!(u16::from(page.close().await.code), 1008);
    }
}

#[tokio::test]
async fn rule_13_there_are_128_at_once() {
    // None is cut off for its silence before the last is there, on a busy machine either.
    let limits = Limits { handshake_timeout: Duration::from_mins(5), ..Limits::DEFAULT };
    let server = Server::start_as(Config { limits, ..Config::default() }).await;
    let here = server.authority();
    let origin = format!("http://{here}");
    let mut pages = Vec::new();
    for _ in 0..128 {
        pages.push(RelayClient::silent(here).await);
    }
    assert_eq!(shake_hands(here, here, &[&origin]).await, "503");
    // The page is told why by the answer that it sees.
    let answer = ask_for_token(here).await;
    assert!(status(&answer) == "503" && answer.contains("Close some."), "{answer}");
    drop(pages);
    let again = async {
        while shake_hands(here, here, &[&origin]).await != "101" {
            tokio::task::yield_now().await;
        }
    };
    soon("room for another", again).await;
}

#[tokio::test]
async fn rule_13_a_close_frame_that_is_not_answered_has_a_time_limit() {
    let limits = Limits { close_timeout: Duration::from_millis(100), ..Limits::DEFAULT };
    let server = Server::start_as(Config { limits, ..Config::default() }).await;
    let (mut page, stream) = connected(server.authority(), |open| open).await;
    page.send(&Command::Close { code: None, reason: b"" }).await;
    assert_eq!(page.end().await.cause, EndCause::Unanswered);
    drop(stream);
}
