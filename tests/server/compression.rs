//! permessage-deflate (RFC 7692) by a client that has only zlib: what is agreed, and that it is kept.

use flate2::{Compress, Compression as Level, Decompress, FlushCompress, FlushDecompress};
use harness::{
    Server,
    raw::{self, BINARY, FIN, PING, PONG, RSV1, TEXT, frame, open, read_frame},
};
use server::{Compression, Config, Limits};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Tail of a sync flush, omitted from each message (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// A client's side of what was agreed.
struct Deflate {
    compress: Compress,
    decompress: Decompress,
    forgets: bool,
    server_bits: u8,
    server_forgets: bool,
}

impl Deflate {
    /// By the server's answer; `bits` is the client's window.
    fn agreed(answer: &str, bits: u8) -> Self {
        let server_bits = answer.split_once("server_max_window_bits=").map_or(15, |(_, bits)| {
            bits.split(';').next().and_then(|bits| bits.parse().ok()).expect("a number of bits")
        });
        Self {
            compress: Compress::new_with_window_bits(Level::default(), false, bits),
            // zlib has none of 256 bytes.
            decompress: Decompress::new_with_window_bits(false, server_bits.max(9)),
            forgets: answer.contains("client_no_context_takeover"),
            server_bits,
            server_forgets: answer.contains("server_no_context_takeover"),
        }
    }

    fn deflate(&mut self, message: &[u8]) -> Vec<u8> {
        if self.forgets {
            self.compress.reset();
        }
        let mut out = Vec::with_capacity(message.len() + 1_000);
        self.compress.compress_vec(message, &mut out, FlushCompress::Sync).unwrap();
        assert!(out.ends_with(&TAIL));
        out.truncate(out.len() - TAIL.len());
        out
    }

    fn inflate(&mut self, payload: &[u8]) -> Vec<u8> {
        /// More than any message here.
        const ROOM: usize = 4 << 20;
        if self.server_forgets {
            self.decompress.reset(false);
        }
        let mut out = Vec::with_capacity(ROOM);
        for part in [payload, &TAIL] {
            self.decompress.decompress_vec(part, &mut out, FlushDecompress::Sync).unwrap();
        }
        out
    }
}

/// A connection to `/echo` with `lines` in its handshake, and the extension that was answered.
async fn offer_lines(server: &Server, lines: &str) -> (TcpStream, Option<String>) {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    let head = raw::shake_hands(&mut stream, "/echo", lines).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let answer = head.lines().find_map(|line| line.strip_prefix("sec-websocket-extensions: "));
    let answer = answer.map(str::to_owned);
    (stream, answer)
}

async fn offer(server: &Server, offer: &str) -> (TcpStream, Option<String>) {
    offer_lines(server, &format!("Sec-WebSocket-Extensions: {offer}\r\n")).await
}

/// A connection on which plain permessage-deflate was agreed.
async fn compressed(server: &Server) -> (TcpStream, Deflate) {
    let (stream, answer) = offer(server, "permessage-deflate").await;
    (stream, Deflate::agreed(&answer.expect("it is agreed"), 15))
}

async fn started(from: usize, limits: Limits) -> Server {
    let compression = Compression { offered: true, from };
    Server::start_as(Config { compression, limits, ..Config::default() }).await
}

/// Bytes that come again after `period`, and compress only where a window reaches so far back.
fn noise(len: usize, period: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let once = (0..period).map(|_| next()).collect::<Vec<_>>();
    once.into_iter().cycle().take(len).collect()
}

/// The client forgets what the server has to forget, and would not inflate what refers to it.
#[tokio::test]
async fn windows_and_their_takeover_are_as_agreed() {
    let server = started(1, Limits::DEFAULT).await;
    let text = "a text that compresses to less when it is known. ".repeat(40);
    for (offered, bits) in [
        ("permessage-deflate", 15),
        ("permessage-deflate; server_no_context_takeover", 15),
        ("permessage-deflate; client_no_context_takeover", 15),
        ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", 15),
        ("permessage-deflate; server_max_window_bits=9", 15),
        ("permessage-deflate; server_max_window_bits=8", 15),
        ("permessage-deflate; client_max_window_bits=9", 9),
        ("permessage-deflate; server_max_window_bits=12; client_max_window_bits=10", 10),
        ("permessage-deflate; server_no_context_takeover; server_max_window_bits=10", 15),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=9; client_max_window_bits=9",
            9,
        ),
    ] {
        let (mut stream, answer) = offer(&server, offered).await;
        assert_eq!(answer.as_deref(), Some(offered));
        let mut deflate = Deflate::agreed(offered, bits);
        let too_far = noise(70_000, (1 << deflate.server_bits) + 100);
        let mut sizes = Vec::new();
        for (first, message) in [
            (FIN | RSV1 | TEXT, text.as_bytes()),
            (FIN | RSV1 | BINARY, &too_far),
            (FIN | RSV1 | TEXT, text.as_bytes()),
            (FIN | RSV1 | TEXT, text.as_bytes()),
        ] {
            stream.write_all(&frame(first, &deflate.deflate(message))).await.unwrap();
            let (answered, payload) = read_frame(&mut stream).await.unwrap();
            assert_eq!(answered, first, "{offered}");
            assert!(deflate.inflate(&payload) == message, "{offered}");
            sizes.push(payload.len());
        }
        assert!(sizes[1] > too_far.len(), "no window is larger: {offered}: {sizes:?}");
        if deflate.server_forgets {
            assert_eq!(sizes[3], sizes[2], "{offered}");
        } else {
            assert!(sizes[3] < sizes[2], "{offered}: {sizes:?}");
        }
    }
}

#[tokio::test]
async fn the_first_offer_that_can_be_met_is_answered() {
    let server = started(1, Limits::DEFAULT).await;
    let met = "permessage-deflate; server_max_window_bits=10";
    let in_one = format!("x-other, permessage-deflate; server_max_window_bits=7, {met}, x-more");
    assert_eq!(offer(&server, &in_one).await.1.as_deref(), Some(met));
    let in_two = format!(
        "Sec-WebSocket-Extensions: permessage-deflate; what=1\r\nSec-WebSocket-Extensions: {met}\r\n"
    );
    assert_eq!(offer_lines(&server, &in_two).await.1.as_deref(), Some(met));
    // What cannot be met, or is not understood, is left out, and no reason to refuse.
    for offered in ["x-other", "permessage-deflate; server_max_window_bits=7", ";;,=", ""] {
        let (mut stream, answer) = offer(&server, offered).await;
        assert_eq!(answer, None, "{offered}");
        stream.write_all(&frame(FIN | TEXT, b"plain")).await.unwrap();
        assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | TEXT, b"plain".to_vec()));
    }
}

#[tokio::test]
async fn a_server_without_compression_agrees_to_none() {
    let compression = Compression { offered: false, ..Compression::default() };
    let server = Server::start_as(Config { compression, ..Config::default() }).await;
    let (mut stream, answer) = offer(&server, "permessage-deflate").await;
    assert_eq!(answer, None);
    stream.write_all(&frame(FIN | RSV1 | TEXT, &[0])).await.unwrap();
    assert_eq!(raw::close_code(&mut stream).await, Some(1002));
    server.still_serves().await;
}

#[tokio::test]
async fn a_message_is_compressed_from_a_size_on() {
    const FROM: usize = 100;
    let server = started(FROM, Limits::DEFAULT).await;
    let (mut stream, mut deflate) = compressed(&server).await;
    for len in [0, 1, FROM - 1, FROM, FROM + 1] {
        let message = vec![b'x'; len];
        // Sent both ways: only the size of what is answered counts.
        for sent in
            [frame(FIN | TEXT, &message), frame(FIN | RSV1 | TEXT, &deflate.deflate(&message))]
        {
            stream.write_all(&sent).await.unwrap();
            let (first, payload) = read_frame(&mut stream).await.unwrap();
            if len < FROM {
                assert_eq!((first, &payload), (FIN | TEXT, &message));
            } else {
                assert_eq!(first, FIN | RSV1 | TEXT);
                assert_eq!(deflate.inflate(&payload), message);
            }
        }
    }
}

#[tokio::test]
async fn large_messages_come_back_whole_in_whatever_pieces_they_came() {
    let server = started(1, Limits::DEFAULT).await;
    let (mut stream, mut deflate) = compressed(&server).await;
    let message = [noise(300_000, 300_000), vec![0; 1 << 20], noise(100_000, 20_000)].concat();
    for pieces in [1, 2, 50] {
        let payload = deflate.deflate(&message);
        let size = payload.len().div_ceil(pieces);
        let count = payload.chunks(size).count();
        let (mut read, mut write) = stream.split();
        let sending = async {
            for (index, piece) in payload.chunks(size).enumerate() {
                // RSV1 is for the first frame alone.
                let opening = if index == 0 { RSV1 | BINARY } else { 0 };
                let fin = if index + 1 == count { FIN } else { 0 };
                write.write_all(&frame(fin | opening, piece)).await.unwrap();
                if fin == 0 {
                    write.write_all(&frame(FIN | PING, &[])).await.unwrap();
                }
            }
        };
        let reading = async {
            for _ in 1..count {
                assert_eq!(read_frame(&mut read).await.unwrap(), (FIN | PONG, Vec::new()));
            }
            read_frame(&mut read).await.unwrap()
        };
        let ((), (first, payload)) = tokio::join!(sending, reading);
        assert_eq!(first, FIN | RSV1 | BINARY);
        assert!(deflate.inflate(&payload) == message, "in {pieces} pieces");
    }
}

#[tokio::test]
async fn what_breaks_the_rules_is_named_by_its_close_code() {
    let server = started(1, Limits { message: 100_000, ..Limits::DEFAULT }).await;
    let deflated = |message: &[u8]| Deflate::agreed("", 15).deflate(message);
    let hello = deflated(b"hello");
    let cut = [0xe2, 0x82];
    let within = [frame(RSV1 | TEXT, &deflated(&cut)), frame(FIN, &deflated(&[0x28]))].concat();
    let second = [frame(RSV1 | TEXT, &hello), frame(FIN | RSV1, &[])].concat();
    for (what, bytes, expected) in [
        ("what is no UTF-8 once inflated", frame(FIN | RSV1 | TEXT, &deflated(b"\xff")), 1007),
        ("an end within a character", frame(FIN | RSV1 | TEXT, &deflated(&cut)), 1007),
        ("no UTF-8 over two frames", within, 1007),
        ("a block of a kind that there is not", frame(FIN | RSV1 | TEXT, &[0x07, 0xff]), 1007),
        ("a distance before the start", frame(FIN | RSV1 | BINARY, &[0x4b, 0x84, 0x32]), 1007),
        ("a compressed ping", frame(FIN | RSV1 | PING, &hello), 1002),
        ("RSV1 on a continuation", second, 1002),
        ("RSV2 beside RSV1", frame(FIN | RSV1 | 0x20 | TEXT, &hello), 1002),
        ("more than the bound", frame(FIN | RSV1 | BINARY, &deflated(&vec![0; 100_001])), 1009),
    ] {
        let (mut stream, _) = compressed(&server).await;
        stream.write_all(&bytes).await.unwrap();
        assert_eq!(raw::close_code(&mut stream).await, Some(expected), "{what}");
        server.still_serves().await;
    }
    let (mut stream, mut deflate) = compressed(&server).await;
    let largest = vec![0; 100_000];
    stream.write_all(&frame(FIN | RSV1 | BINARY, &deflate.deflate(&largest))).await.unwrap();
    let (_, payload) = read_frame(&mut stream).await.unwrap();
    assert!(deflate.inflate(&payload) == largest, "at the bound");
}

/// A gibibyte of zeroes in one megabyte.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_bomb_is_refused_before_the_memory_is_spent() {
    use harness::Program;

    const MIB: usize = 1 << 20;
    let mut one = Deflate::agreed("client_no_context_takeover", 15).deflate(&vec![0; MIB]);
    one.extend(TAIL);
    let bomb = one.repeat(1 << 10);
    assert!(bomb.len() < 2 * MIB);
    for compressed_frame in [frame(FIN | RSV1 | BINARY, &bomb), frame(RSV1 | BINARY, &bomb)] {
        // One server a bomb: the allocator keeps what was freed for a second.
        let mut server = Program::server_here(&["--max-message", "16MiB"]);
        let authority = server.address("ws://").await;
        let before = server.peak_memory();
        let mut stream = TcpStream::connect(&authority).await.unwrap();
        let lines = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
        raw::shake_hands(&mut stream, "/echo", lines).await;
        let (mut read, mut write) = stream.split();
        let sending = async {
            // The server may end the connection before it has read everything.
            let _ = write.write_all(&compressed_frame).await;
        };
        let ((), code) = tokio::join!(sending, raw::close_code(&mut read));
        assert_eq!(code, Some(1009));
        // The bound itself, what its buffer has left over, and what a server needs anyway.
        let spent = server.peak_memory() - before;
        assert!(spent < 64 * MIB as u64, "{spent} bytes");
        let mut stream = open(&authority, "/echo").await;
        stream.write_all(&frame(FIN | TEXT, b"still here")).await.unwrap();
        assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | TEXT, b"still here".to_vec()));
    }
}
