//! Raw WebSocket client: bytes out as a test writes them, frames in as they come.

use std::io;

use flate2::{Compress, Compression, FlushCompress};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::soon;

/// The frame is the last of its message.
pub const FIN: u8 = 0x80;
/// The message is compressed (RFC 7692 section 6).
pub const RSV1: u8 = 0x40;
/// Opcode of a frame that begins a text.
pub const TEXT: u8 = 1;
/// Opcode of a frame that begins bytes.
pub const BINARY: u8 = 2;
/// Opcode of a Close frame.
pub const CLOSE: u8 = 8;
/// Opcode of a ping.
pub const PING: u8 = 9;
/// Opcode of a pong.
pub const PONG: u8 = 10;

/// Set with the length of a frame that is masked.
const MASKED: u8 = 0x80;

/// Header lines of an opening handshake, each with its end: the example of RFC 6455.
pub const OPENING: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                           Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A connection to `path`, after its opening handshake.
pub async fn open(authority: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(authority).await.expect("the server listens");
    let head = shake_hands(&mut stream, path, "").await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    stream
}

/// Asks for a WebSocket with more header `lines`, each with its end; returns the answer's head.
pub async fn shake_hands<T>(stream: &mut T, path: &str, lines: &str) -> String
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{OPENING}{lines}\r\n");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    read_head(stream).await
}

/// Accepts the opening handshake with this head, with more header `lines`, each with its end.
pub async fn accept<T: AsyncWrite + Unpin>(stream: &mut T, head: &str, lines: &str) {
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = derive_accept_key(key.expect("a key").as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{lines}\r\n"
    );
    stream.write_all(answer.as_bytes()).await.expect("the client reads");
}

/// Status of an answer.
#[must_use]
pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

/// The head of the answer to a request.
pub async fn read_head<T: AsyncRead + Unpin>(stream: &mut T) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon("an answer", stream.read_u8()).await.expect("the server answers"));
    }
    String::from_utf8(head).expect("a head is text")
}

/// The answer to a GET request, whole, with its head.
pub async fn get<T: AsyncRead + AsyncWrite + Unpin>(stream: T, path: &str) -> String {
    exchange(stream, "GET", path, "Host: localhost\r\n").await
}

/// The answer to a GET request to `HOST:PORT`, whole, with its head.
pub async fn ask(authority: &str, path: &str) -> String {
    request(authority, "GET", path, "Host: localhost\r\n").await
}

/// The answer to a request of `method` with these header lines, whole.
pub async fn request(authority: &str, method: &str, path: &str, lines: &str) -> String {
    let stream = TcpStream::connect(authority).await.expect("the server listens");
    exchange(stream, method, path, lines).await
}

async fn exchange<T>(mut stream: T, method: &str, path: &str, lines: &str) -> String
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    soon("the answer", stream.read_to_end(&mut answer)).await.expect("the server answers");
    String::from_utf8_lossy(&answer).into_owned()
}

/// `len` zeros compressed as the payload of a message, to about a thousandth of that.
#[must_use]
pub fn deflated_zeros(len: usize) -> Vec<u8> {
    let mut payload = Vec::with_capacity(len / 500 + 1_000);
    let mut compress = Compress::new(Compression::best(), false);
    let done = compress.compress_vec(&vec![0; len], &mut payload, FlushCompress::Sync);
    done.expect("zeros can be compressed");
    payload.truncate(payload.len() - 4);
    payload
}

/// The head of a frame of `len` bytes, whose mask is zero, so that the payload stands as it is.
#[must_use]
pub fn head(first: u8, len: u64) -> Vec<u8> {
    let mut head = vec![first];
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ ..=125), _) => head.push(MASKED | len),
        (_, Ok(len)) => {
            head.push(MASKED | 0x7e);
            head.extend(len.to_be_bytes());
        }
        _ => {
            head.push(MASKED | 0x7f);
            head.extend(len.to_be_bytes());
        }
    }
    head.extend([0; 4]);
    head
}

/// A whole frame; `first` is its first byte.
#[must_use]
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, payload.len() as u64);
    frame.extend(payload);
    frame
}

/// The next frame from the server: its first byte and its payload.
///
/// # Errors
/// The connection ended, or was reset.
pub async fn read_frame<T: AsyncRead + Unpin>(stream: &mut T) -> io::Result<(u8, Vec<u8>)> {
    let reading = async {
        let first = stream.read_u8().await?;
        let len = match stream.read_u8().await? {
            0x7e => usize::from(stream.read_u16().await?),
            0x7f => usize::try_from(stream.read_u64().await?).expect("it fits into memory"),
            len => usize::from(len),
        };
        let mut payload = vec![0; len];
        stream.read_exact(&mut payload).await?;
        Ok((first, payload))
    };
    soon("a frame", reading).await
}

/// The next frame from a client: its first byte and its payload, unmasked.
pub async fn read_client_frame<T: AsyncRead + Unpin>(stream: &mut T) -> (u8, Vec<u8>) {
    let reading = async {
        let first = stream.read_u8().await?;
        let len = stream.read_u8().await?;
        assert!(len >= MASKED, "a client masks");
        let len = match len & !MASKED {
            0x7e => usize::from(stream.read_u16().await?),
            0x7f => usize::try_from(stream.read_u64().await?).expect("it fits into memory"),
            len => usize::from(len),
        };
        let mut key = [0; 4];
        stream.read_exact(&mut key).await?;
        let mut payload = vec![0; len];
        stream.read_exact(&mut payload).await?;
        payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        io::Result::Ok((first, payload))
    };
    soon("a frame", reading).await.expect("the client sends")
}

/// The code of the Close frame that ends the connection, whatever comes before it; `None` when the
/// connection ends without one.
pub async fn close_code<T: AsyncRead + Unpin>(stream: &mut T) -> Option<u16> {
    loop {
        let (first, payload) = read_frame(stream).await.ok()?;
        if first == FIN | CLOSE {
            let mut after = Vec::new();
            // A reset after the frame is fine.
            let _ = soon("the end", stream.read_to_end(&mut after)).await;
            assert!(after.is_empty(), "nothing follows a Close frame: {after:?}");
            return payload.first_chunk().map(|code| u16::from_be_bytes(*code));
        }
    }
}
