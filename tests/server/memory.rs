//! Memory over all connections: peers that make the server hold much for little are closed, and nobody
//! else notices.

use std::time::Duration;

use futures::{StreamExt, stream::FuturesUnordered};
use harness::{
    Server,
    raw::{self, BINARY, CLOSE, FIN, PING, PONG, RSV1, TEXT, frame, head, open, read_frame},
    soon,
};
use server::Limits;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::sleep,
};

/// Longer than any test may take: a test that passes did not wait for it.
const NEVER: Duration = Duration::from_hours(1);
const MOMENT: Duration = Duration::from_millis(50);
const PATIENT: Limits =
    Limits { drain: NEVER, ping: NEVER, pong: NEVER, message_timeout: NEVER, ..Limits::DEFAULT };
const MIB: usize = 1 << 20;
const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/// The figure of this name in `/metrics`; 0 if it was never counted.
pub(super) async fn figure(server: &Server, name: &str) -> usize {
    let answer = raw::ask(server.authority(), "/metrics").await;
    let lines = answer.lines().filter(|line| line.starts_with(name));
    let value = |line: &str| line.rsplit(' ').next()?.trim().parse::<usize>().ok();
    lines.map(|line| value(line).expect("a whole number")).sum()
}

async fn held(server: &Server) -> usize {
    figure(server, "wsbench_memory_held_bytes").await
}

async fn shed(server: &Server, reason: &str) -> usize {
    figure(server, &format!("wsbench_shed_total{{reason=\"{reason}\"}}")).await
}

/// Waits until the figure of this name fits.
async fn becomes(server: &Server, name: &str, fits: impl Fn(usize) -> bool) {
    let asking = async {
        while !fits(figure(server, name).await) {
            sleep(MOMENT).await;
        }
    };
    soon(name, asking).await;
}

/// A connection with permessage-deflate.
async fn open_compressed(server: &Server, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    let head = raw::shake_hands(&mut stream, path, OFFER).await;
    assert!(head.contains("permessage-deflate"), "{head}");
    stream
}

/// A connection for which the system keeps little: what the peer does not read waits in the server.
async fn open_narrow(server: &Server, path: &str, lines: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 << 10).unwrap();
    let port = server.authority().rsplit_once(':').unwrap().1;
    let mut stream = socket.connect(format!("127.0.0.1:{port}").parse().unwrap()).await.unwrap();
    let head = raw::shake_hands(&mut stream, path, lines).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    stream
}

/// The close codes of `count` streams, the first to be closed.
async fn close_codes(streams: &mut [TcpStream], count: usize) -> Vec<Option<u16>> {
    let codes = streams.iter_mut().map(raw::close_code).collect::<FuturesUnordered<_>>();
    codes.take(count).collect().await
}

/// A compressed message of `len` zeros, about a thousandth of that.
fn bomb(len: usize) -> Vec<u8> {
    frame(FIN | RSV1 | BINARY, &raw::deflated_zeros(len))
}

/// Asks for an echo of a text.
async fn echo(stream: &mut TcpStream, text: &str) {
    stream.write_all(&frame(FIN | TEXT, text.as_bytes())).await.unwrap();
    assert_eq!(read_frame(stream).await.unwrap(), (FIN | TEXT, text.as_bytes().to_vec()));
}

#[tokio::test]
async fn half_sent_compressed_messages_are_closed_with_1013_and_nobody_else() {
    const MEMORY: usize = 64 * MIB;
    let server = Server::start_with(Limits { memory: MEMORY, ..PATIENT }).await;
    let bomb = bomb(15 * MIB);
    let mut friend = open_compressed(&server, "/echo").await;
    // One with as much in the making, of which it sent every byte.
    let mut upload = open(server.authority(), "/echo").await;
    upload.write_all(&frame(FIN | BINARY, &vec![7; 8 * MIB])[..8 * MIB]).await.unwrap();
    let mut attackers = Vec::new();
    for number in 0..40 {
        let mut attacker = open(server.authority(), "/echo").await;
        if number % 2 == 0 {
            attacker = TcpStream::connect(server.authority()).await.unwrap();
            raw::shake_hands(&mut attacker, "/echo", OFFER).await;
        }
        // Short of memory, the server declines compression: RSV1 is a violation then.
        let _ = attacker.write_all(&bomb[..bomb.len() - 1]).await;
        attackers.push(attacker);
        echo(&mut friend, &format!("hello {number}")).await;
        assert!(held(&server).await <= MEMORY + 16 * MIB, "{}", held(&server).await);
    }
    close_codes(&mut attackers, 30).await;
    echo(&mut friend, "still here").await;
    upload.write_all(&frame(FIN | BINARY, &vec![7; 8 * MIB])[8 * MIB..]).await.unwrap();
    assert_eq!(read_frame(&mut upload).await.unwrap().1.len(), 8 * MIB);
    drop(attackers);
    becomes(&server, "wsbench_memory_held_bytes", |held| held < MIB).await;
    server.still_serves().await;
}

#[tokio::test]
async fn whoever_is_open_before_memory_is_short_gives_way() {
    const MEMORY: usize = 64 * MIB;
    let server = Server::start_with(Limits { memory: MEMORY, ..PATIENT }).await;
    let bomb = bomb(15 * MIB);
    let mut friend = open(server.authority(), "/echo").await;
    let mut attackers = Vec::new();
    for _ in 0..20 {
        attackers.push(open_compressed(&server, "/echo").await);
    }
    for attacker in &mut attackers {
        attacker.write_all(&bomb[..bomb.len() - 1]).await.unwrap();
        echo(&mut friend, "hello").await;
    }
    becomes(&server, "wsbench_memory_held_bytes", |held| (1..=MEMORY).contains(&held)).await;
    let closed = shed(&server, "memory").await;
    assert!((15..20).contains(&closed), "{closed} of 20 were closed");
    // Each is told to come again later.
    assert_eq!(close_codes(&mut attackers, closed).await, vec![Some(1013); closed]);
    becomes(&server, "wsbench_closed_total{code=\"1013\"", |count| count == closed).await;
    echo(&mut friend, "still here").await;
}

#[tokio::test]
async fn a_message_to_many_that_do_not_read_is_held_once() {
    const MEMBERS: usize = 40;
    let server = Server::start_with(PATIENT).await;
    let mut members = Vec::new();
    for number in 0..MEMBERS {
        let lines = if number % 2 == 0 { "" } else { OFFER };
        members.push(open_narrow(&server, "/chat/room", lines).await);
    }
    // All are in once each has answered.
    for member in &mut members {
        member.write_all(&frame(FIN | PING, b"in?")).await.unwrap();
        assert_eq!(read_frame(member).await.unwrap(), (FIN | PONG, b"in?".to_vec()));
    }
    let bomb = bomb(16 * MIB);
    members[1].write_all(&bomb).await.unwrap();
    // The kernel takes a part of what each gets, and no more.
    becomes(&server, "wsbench_messages_sent_total", |sent| sent == MEMBERS - 1).await;
    let held = held(&server).await;
    assert!((16 * MIB..20 * MIB).contains(&held), "{held} bytes for {MEMBERS} members");
    assert_eq!(read_frame(&mut members[0]).await.unwrap(), (FIN | BINARY, vec![0; 16 * MIB]));
    let (first, payload) = read_frame(&mut members[3]).await.unwrap();
    assert_eq!(first, FIN | RSV1 | BINARY);
    assert!(payload.len() < MIB, "{}", payload.len());
    members.truncate(1);
    becomes(&server, "wsbench_memory_held_bytes", |held| held < MIB).await;
}

#[tokio::test]
async fn streams_to_peers_that_do_not_read_hold_a_part_of_a_message_each() {
    const STREAMS: usize = 40;
    let server = Server::start_with(PATIENT).await;
    let mut streams = Vec::new();
    for number in 0..STREAMS {
        let kind = ["text", "binary", "json"][number % 3];
        let path = format!("/stream?size=16MiB&rate=1/h&kind={kind}");
        streams.push(open_narrow(&server, &path, "").await);
    }
    becomes(&server, "wsbench_messages_sent_total", |sent| sent == STREAMS).await;
    let held = held(&server).await;
    let part = STREAMS * (64 << 10)..=STREAMS * (96 << 10);
    assert!(part.contains(&held), "{held} bytes for {STREAMS} streams");
    // The rest is made as it is read, and a ping is answered in between.
    let stream = &mut streams[0];
    stream.write_all(&frame(FIN | PING, b"you?")).await.unwrap();
    let (mut whole, mut pongs) = (Vec::new(), 0);
    loop {
        let (first, payload) = read_frame(stream).await.unwrap();
        if first == FIN | PONG {
            pongs += 1;
            continue;
        }
        let is_first = whole.is_empty();
        whole.extend(payload);
        let is_last = whole.len() == 16 * MIB;
        assert_eq!(first, if is_last { FIN } else { 0 } | if is_first { TEXT } else { 0 });
        if is_last {
            break;
        }
    }
    assert!(whole.starts_with(b"0 abcdefg"));
    assert_eq!(pongs, 1);
}

#[tokio::test]
async fn compression_is_declined_while_memory_is_short() {
    let server = Server::start_with(Limits { memory: 2 * MIB, ..PATIENT }).await;
    let negotiates = async || {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        let head = raw::shake_hands(&mut stream, "/ws", OFFER).await;
        head.contains("permessage-deflate")
    };
    assert!(negotiates().await);
    let whole = frame(FIN | BINARY, &vec![7; 1_700_000]);
    let mut upload = open(server.authority(), "/echo").await;
    upload.write_all(&whole[..1_600_000]).await.unwrap();
    becomes(&server, "wsbench_memory_held_bytes", |held| held > 2 * MIB / 4 * 3).await;
    assert!(!negotiates().await, "memory is short");
    upload.write_all(&whole[1_600_000..]).await.unwrap();
    assert_eq!(read_frame(&mut upload).await.unwrap().1.len(), 1_700_000);
    becomes(&server, "wsbench_memory_held_bytes", |held| held == 0).await;
    assert!(negotiates().await, "there is enough again");
}

#[tokio::test]
async fn a_message_that_is_not_complete_in_time_is_closed_with_1008() {
    let message_timeout = MOMENT * 10;
    let server = Server::start_with(Limits { message_timeout, ..PATIENT }).await;
    let whole = frame(FIN | BINARY, &[7; 100]);
    for cut in [1, 5, 50] {
        let mut stream = open(server.authority(), "/echo").await;
        stream.write_all(&whole[..cut]).await.unwrap();
        assert_eq!(raw::close_code(&mut stream).await, Some(1008), "after {cut} bytes");
    }
    // Neither more fragments nor pings in between give more time.
    let mut stream = open(server.authority(), "/echo").await;
    stream.write_all(&frame(BINARY, b"begins")).await.unwrap();
    let (mut read, mut write) = stream.split();
    let sending = async {
        let more = [frame(FIN | PING, b""), frame(0, b"goes on")].concat();
        while write.write_all(&more).await.is_ok() {
            sleep(MOMENT / 5).await;
        }
    };
    let closing = async {
        loop {
            let (first, payload) = read_frame(&mut read).await.unwrap();
            if first == FIN | CLOSE {
                return payload[..2].to_vec();
            }
        }
    };
    // The end of sending may be noticed at the same moment as the Close frame.
    let code = tokio::select! {
        biased;
        code = closing => code,
        () = sending => Vec::new(),
    };
    assert_eq!(code, 1008_u16.to_be_bytes());
    let closed = shed(&server, "message_timeout").await;
    assert_eq!(closed, 4);
}

#[tokio::test]
async fn messages_that_are_complete_in_time_go_on_for_ever() {
    let message_timeout = MOMENT * 10;
    let server = Server::start_with(Limits { message_timeout, ..PATIENT }).await;
    let mut stream = open(server.authority(), "/echo").await;
    // Each write ends within a message, but never the same for long.
    let one = frame(FIN | TEXT, b"hi");
    stream.write_all(&one[..3]).await.unwrap();
    let began = std::time::Instant::now();
    while began.elapsed() < message_timeout * 3 {
        stream.write_all(&[&one[3..], &one[..3]].concat()).await.unwrap();
        assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
        sleep(MOMENT).await;
    }
    // Nor is a peer blamed for what the server itself reads slowly.
    let mut slow = open(server.authority(), "/slow?read=100/s").await;
    let long = frame(FIN | TEXT, &[b'x'; 120]);
    slow.write_all(&long).await.unwrap();
    assert_eq!(read_frame(&mut slow).await.unwrap(), (FIN | TEXT, vec![b'x'; 120]));
}

/// A head that announces much is no memory yet; what comes is counted as it comes.
#[tokio::test]
async fn announced_payloads_hold_little() {
    let server = Server::start_with(PATIENT).await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = open(server.authority(), "/echo").await;
        stream.write_all(&head(FIN | BINARY, 16 << 20)).await.unwrap();
        streams.push(stream);
    }
    server.still_serves().await;
    assert!(held(&server).await <= 20 * MIB);
}
