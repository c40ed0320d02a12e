//! Peers that send too much, read too little, or say nothing: each is held to its bound, and after
//! each a fresh client still gets its echo.

use std::{
    net::Ipv6Addr,
    time::{Duration, Instant},
};

use harness::{
    Server,
    raw::{self, BINARY, CLOSE, FIN, PING, PONG, TEXT, frame, head, open, read_frame},
    soon,
};
use server::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};

/// Longer than any test may take: a test that passes did not wait for it.
const NEVER: Duration = Duration::from_hours(1);
const MOMENT: Duration = Duration::from_millis(50);
/// A peer that takes nothing for so long takes nothing at all: long for a busy machine.
const STALL: Duration = Duration::from_secs(1);
const PATIENT: Limits =
    Limits { close_timeout: NEVER, drain: NEVER, ping: NEVER, pong: NEVER, ..Limits::DEFAULT };

/// More bytes than any system keeps between two programs on one machine, there and back: Linux
/// lets each of four buffers grow to 6 MiB, unless told otherwise.
const ON_THE_WAY: usize = 32 << 20;

/// Sends `bytes` again and again to a server that is not to take them without bound, until they
/// stall or the server ends the connection. Returns how many bytes it took.
async fn flood(stream: &mut TcpStream, bytes: &[u8], stall: Duration) -> usize {
    let mut taken = 0;
    loop {
        let part = &bytes[taken % bytes.len()..];
        match timeout(stall, stream.write(part)).await {
            Ok(Ok(count)) => taken += count,
            Ok(Err(_)) | Err(_) => return taken,
        }
        assert!(taken < ON_THE_WAY, "the server reads on though nothing is read from it");
    }
}

#[tokio::test]
async fn a_frame_has_its_bound_and_a_message_its_own() {
    let server =
        Server::start_with(Limits { frame: 1_000, message: 2_500, ..Limits::DEFAULT }).await;
    let fragments = |lens: [usize; 3]| {
        let firsts = [BINARY, 0, FIN].into_iter().zip(lens);
        firsts.flat_map(|(first, len)| frame(first, &vec![7; len])).collect::<Vec<_>>()
    };
    for (what, bytes, echoed) in [
        ("the largest frame", frame(FIN | BINARY, &[7; 1_000]), Some(1_000)),
        ("one byte more in a frame", frame(FIN | BINARY, &[7; 1_001]), None),
        ("the largest message", fragments([1_000, 1_000, 500]), Some(2_500)),
        ("one byte more in a message", fragments([1_000, 1_000, 501]), None),
        ("one byte more in a fragment", fragments([1_000, 1_001, 0]), None),
    ] {
        let mut stream = open(server.authority(), "/echo").await;
        stream.write_all(&bytes).await.unwrap();
        if let Some(len) = echoed {
            assert_eq!(
                read_frame(&mut stream).await.unwrap(),
                (FIN | BINARY, vec![7; len]),
                "{what}"
            );
        } else {
            assert_eq!(raw::close_code(&mut stream).await, Some(1009), "{what}");
        }
        server.still_serves().await;
    }
}

#[tokio::test]
async fn endless_fragments_end_at_the_bound() {
    const PART: usize = 1 << 10;
    let message = 64 * PART;
    let server = Server::start_with(Limits { message, ..PATIENT }).await;
    let mut stream = open(server.authority(), "/echo").await;
    stream.write_all(&frame(BINARY, &[7; PART])).await.unwrap();
    for _ in 1..message / PART {
        stream.write_all(&frame(0, &[7; PART])).await.unwrap();
    }
    // At the bound all is well, and fragments without a byte change nothing.
    stream.write_all(&frame(0, &[]).repeat(10_000)).await.unwrap();
    stream.write_all(&frame(FIN | PING, b"well?")).await.unwrap();
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | PONG, b"well?".to_vec()));
    stream.write_all(&frame(0, &[7])).await.unwrap();
    assert_eq!(raw::close_code(&mut stream).await, Some(1009));
    server.still_serves().await;
}

#[tokio::test]
async fn one_connection_past_the_limit_is_told_when_to_come_again() {
    for (connections, per_address) in [(2, None), (Limits::DEFAULT.connections, Some(2))] {
        let limits =
            Limits { connections, connections_per_address: per_address, ..Limits::DEFAULT };
        let server = Server::start_with(limits).await;
        let port = server.authority().rsplit_once(':').unwrap().1;
        let here = format!("127.0.0.1:{port}");
        let first = open(&here, "/ws").await;
        let mut second = open(&here, "/ws").await;
        let asked = async || {
            let mut stream = TcpStream::connect(&here).await.unwrap();
            raw::shake_hands(&mut stream, "/ws", "").await
        };
        let refused = asked().await;
        assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
        assert!(refused.contains("retry-after: 5\r\n"), "{refused}");
        let has_ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok();
        if per_address.is_some() && has_ipv6 {
            open(&format!("[::1]:{port}"), "/ws").await;
        }
        drop(first);
        let again = async { while !asked().await.starts_with("HTTP/1.1 101 ") {} };
        soon("a free place", again).await;
        second.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
        assert_eq!(read_frame(&mut second).await.unwrap(), (FIN | TEXT, b"Echo: hi".to_vec()));
    }
}

#[tokio::test]
async fn a_peer_that_never_reads_is_not_read_without_bound_and_nothing_it_sent_is_lost() {
    let server = Server::start_with(Limits { waiting: 64 << 10, ..PATIENT }).await;
    let mut stream = open(server.authority(), "/echo").await;
    let message = frame(FIN | BINARY, &vec![7; 50_000]);
    let taken = flood(&mut stream, &message, STALL).await;
    server.still_serves().await;
    // Whoever reads after all gets an answer to each that is whole.
    for number in 0..taken / message.len() {
        let answer = read_frame(&mut stream).await.unwrap();
        assert_eq!(answer, (FIN | BINARY, vec![7; 50_000]), "answer {number}");
    }
}

#[tokio::test]
async fn pings_from_a_peer_that_never_reads_end_with_its_connection() {
    let limits = Limits { waiting: 64 << 10, ping: MOMENT, pong: STALL, ..PATIENT };
    let server = Server::start_with(limits).await;
    let mut stream = open(server.authority(), "/echo").await;
    // Many in one write: what counts is what the server does.
    let pings = frame(FIN | PING, &[7; 125]).repeat(500);
    soon("the end", flood(&mut stream, &pings, NEVER)).await;
    server.still_serves().await;
}

#[tokio::test]
async fn requests_from_a_peer_that_never_reads_end_with_its_connection() {
    let server = Server::start_with(Limits { pong: STALL, ..PATIENT }).await;
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    let requests = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(500);
    soon("the end", flood(&mut stream, requests.as_bytes(), NEVER)).await;
    server.still_serves().await;
}

/// The answers are more than all buffers hold, and take longer to read than a dead peer is given.
#[tokio::test]
async fn a_slow_reader_gets_every_answer() {
    const MESSAGES: usize = 32;
    const LEN: usize = 512 << 10;
    let pong = MOMENT * 20;
    let server = Server::start_with(Limits { ping: MOMENT * 4, pong, ..PATIENT }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 << 10).unwrap();
    let port = server.authority().rsplit_once(':').unwrap().1;
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    raw::shake_hands(&mut stream, "/echo", "").await;
    let (mut read, mut write) = stream.into_split();
    let sending = async {
        for number in 0..MESSAGES {
            let payload = vec![u8::try_from(number).unwrap(); LEN];
            write.write_all(&frame(FIN | BINARY, &payload)).await.unwrap();
        }
    };
    let began = Instant::now();
    let reading = async {
        let mut numbers = Vec::new();
        while numbers.len() < MESSAGES {
            let (first, payload) = read_frame(&mut read).await.unwrap();
            // A stall of the machine may have earned a ping.
            if first == FIN | BINARY {
                assert_eq!(payload.len(), LEN);
                numbers.push(usize::from(payload[0]));
            }
            sleep(MOMENT * 2).await;
        }
        numbers
    };
    let ((), numbers) = tokio::join!(sending, reading);
    assert!(numbers.into_iter().eq(0..MESSAGES));
    assert!(began.elapsed() > pong * 2, "it was slow enough to be taken for dead");
    server.still_serves().await;
}

#[tokio::test]
async fn a_peer_that_breaks_off_in_a_frame_leaves_its_place() {
    let server = Server::start_with(Limits { connections: 1, ..PATIENT }).await;
    let text = frame(FIN | TEXT, &[b'x'; 1_000]);
    for cut in [1, 7, 500] {
        let connecting = async {
            loop {
                let mut stream = TcpStream::connect(server.authority()).await.unwrap();
                let head = raw::shake_hands(&mut stream, "/echo", "").await;
                if head.starts_with("HTTP/1.1 101 ") {
                    return stream;
                }
            }
        };
        let mut stream = soon("a free place", connecting).await;
        stream.write_all(&text[..cut]).await.unwrap();
        // The connection is reset when it is dropped.
        stream.set_zero_linger().unwrap();
    }
}

#[tokio::test]
async fn what_a_peer_sent_before_it_ended_its_side_is_answered() {
    let server = Server::start_with(PATIENT).await;
    let mut stream = open(server.authority(), "/echo").await;
    let large = vec![7; 1 << 20];
    let sent = [frame(FIN | BINARY, &large), frame(FIN | TEXT, b"bye"), frame(FIN | TEXT, b"cut")];
    let sent = sent.concat();
    let (mut read, mut write) = stream.split();
    let sending = async {
        write.write_all(&sent[..sent.len() - 1]).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let reading = async {
        assert_eq!(read_frame(&mut read).await.unwrap(), (FIN | BINARY, large.clone()));
        assert_eq!(read_frame(&mut read).await.unwrap(), (FIN | TEXT, b"bye".to_vec()));
        let rest = soon("the end", read.read_to_end(&mut Vec::new())).await;
        assert_eq!(rest.unwrap(), 0, "half a message has no answer");
    };
    tokio::join!(sending, reading);
    server.still_serves().await;
}

/// Half of them ask for nothing, half have opened a WebSocket.
#[tokio::test]
async fn two_thousand_silent_connections_keep_nobody_out() {
    // Both ends are in this process, and other tests run beside this one.
    let allowed = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(256);
    let silent = usize::try_from(allowed.saturating_sub(100) / 2).unwrap().min(2_000);
    println!("{silent} silent connections");
    assert!(silent >= 50, "the system allows only {allowed} open files");
    let server = Server::start_with(Limits { handshake_timeout: NEVER, ..PATIENT }).await;
    let mut connections = Vec::new();
    for number in 0..silent {
        connections.push(if number % 2 == 0 {
            TcpStream::connect(server.authority()).await.unwrap()
        } else {
            open(server.authority(), "/ws").await
        });
    }
    server.still_serves().await;
}

#[tokio::test]
async fn a_connection_without_messages_is_closed_with_1001() {
    let idle = MOMENT * 8;
    let server = Server::start_with(Limits { idle: Some(idle), ..PATIENT }).await;
    let began = Instant::now();
    let mut stream = open(server.authority(), "/echo").await;
    let (first, payload) = read_frame(&mut stream).await.unwrap();
    assert!(began.elapsed() >= idle);
    assert_eq!(first, FIN | CLOSE);
    assert_eq!(payload, [&1001_u16.to_be_bytes()[..], b"idle timeout: no message"].concat());
    // It waits for the answer, which may take its time.
    stream.write_all(&frame(FIN | CLOSE, &1001_u16.to_be_bytes())).await.unwrap();
    let end = soon("the end", stream.read_to_end(&mut Vec::new())).await;
    assert_eq!(end.unwrap(), 0);
    server.still_serves().await;
}

#[tokio::test]
async fn messages_keep_a_connection_open_and_pings_do_not() {
    let idle = MOMENT * 30;
    let server = Server::start_with(Limits { idle: Some(idle), ..PATIENT }).await;
    let mut stream = open(server.authority(), "/echo").await;
    let began = Instant::now();
    while began.elapsed() < idle * 2 {
        stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
        assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
        sleep(MOMENT).await;
    }
    let closed = async {
        loop {
            stream.write_all(&frame(FIN | PING, b"")).await.unwrap();
            let (first, payload) = read_frame(&mut stream).await.unwrap();
            if first != FIN | PONG {
                return (first, payload);
            }
            sleep(MOMENT).await;
        }
    };
    let (first, payload) = soon("the Close frame", closed).await;
    assert_eq!(first, FIN | CLOSE);
    assert!(payload.starts_with(&1001_u16.to_be_bytes()), "{payload:?}");
    server.still_serves().await;
}

#[tokio::test]
async fn a_close_frame_is_answered_in_time_or_not_waited_for() {
    let limits = Limits { idle: Some(MOMENT), close_timeout: MOMENT * 4, ..PATIENT };
    let server = Server::start_with(limits).await;
    let mut stream = open(server.authority(), "/echo").await;
    // Nothing is sent: the server ends the connection all the same.
    assert_eq!(raw::close_code(&mut stream).await, Some(1001));
    // Nor does a peer get more time by sending something else for ever.
    let mut stream = open(server.authority(), "/echo").await;
    let endless = head(FIN | BINARY, Limits::DEFAULT.frame as u64);
    stream.write_all(&endless).await.unwrap();
    let (mut read, mut write) = stream.split();
    let closing = async { raw::close_code(&mut read).await };
    let sending = async {
        while write.write_all(&[7]).await.is_ok() {
            sleep(MOMENT / 10).await;
        }
    };
    let (code, ()) = tokio::join!(closing, sending);
    assert_eq!(code, Some(1001));
}
