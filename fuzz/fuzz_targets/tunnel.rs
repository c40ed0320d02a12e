//! Responses of proxies: any bytes open a tunnel or are refused with a sentence, however they are
//! cut. Headers of a response are the same as `httparse` finds.

#![no_main]

// The connector's own files, without TLS: that takes minutes to build.
#[allow(dead_code, reason = "requests are not fuzzed")]
#[path = "../../connector/src/handshake/mod.rs"]
mod handshake;
#[allow(dead_code, reason = "flags are not fuzzed")]
#[path = "../../connector/src/header.rs"]
mod header;
#[allow(dead_code, reason = "URLs are not fuzzed here")]
#[path = "../../connector/src/proxy.rs"]
mod proxy;
#[allow(dead_code, reason = "only the word for what is hidden is needed")]
#[path = "../../connector/src/secret.rs"]
mod secret;
#[allow(dead_code, reason = "URLs are not fuzzed here")]
#[path = "../../connector/src/server_url.rs"]
mod server_url;
#[allow(dead_code, reason = "kinds of failures are the connector's")]
#[path = "../../connector/src/transport/tunnel.rs"]
mod tunnel;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures::FutureExt;
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Stream below a tunnel, as the connector defines it.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// Proxy that answers in pieces, independently of the request.
struct Answer {
    /// Whole response.
    bytes: Vec<u8>,
    /// Number of bytes read so far.
    read: usize,
    /// Sizes of the pieces, over and over.
    pieces: Vec<u8>,
    /// Number of reads so far.
    reads: usize,
}

impl AsyncRead for Answer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let piece = self.pieces.get(self.reads % self.pieces.len().max(1));
        let piece = piece.map_or(usize::MAX, |piece| usize::from(*piece).max(1));
        let left = &self.bytes[self.read..];
        let count = left.len().min(piece).min(buffer.remaining());
        buffer.put_slice(&left[..count]);
        self.read += count;
        self.reads += 1;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Answer {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Opens a tunnel; false if the proxy refuses.
fn is_open(scheme: &str, bytes: &[u8], pieces: &[u8]) -> bool {
    let proxy = format!("{scheme}localhost").parse().expect("it is a proxy");
    let url = "wss://example.org".parse().expect("it is a URL");
    let stream = Answer { bytes: bytes.to_vec(), read: 0, pieces: pieces.to_vec(), reads: 0 };
    let opening = tunnel::open(stream, &proxy, &url);
    match opening.now_or_never().expect("it never waits") {
        Ok(_) => true,
        Err(error) => {
            let sentence = error.to_string();
            assert!(!sentence.is_empty() && !sentence.contains(char::is_control), "{sentence:?}");
            false
        }
    }
}

/// Compares the headers with those of `httparse`.
fn compare_heads(mut bytes: &[u8]) {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut parsed = httparse::Response::new(&mut headers);
    let is_complete = matches!(parsed.parse(bytes), Ok(httparse::Status::Complete(_)));
    let read = handshake::read_response(&mut bytes).now_or_never().expect("it never waits");
    let Ok(response) = read else { return assert!(!is_complete) };
    assert_eq!(parsed.code, Some(response.status));
    let expected = parsed.headers.iter().map(|header| (header.name, header.value));
    assert!(response.head.headers().eq(expected), "{response:?}");
}

fuzz_target!(|input: (u8, &[u8], &[u8])| {
    let (kind, pieces, bytes) = input;
    let schemes = ["http://", "http://me:pw@", "socks5://", "socks5://me:pw@"];
    let scheme = schemes[usize::from(kind) % schemes.len()];
    assert_eq!(is_open(scheme, bytes, pieces), is_open(scheme, bytes, &[]));
    compare_heads(bytes);
});
