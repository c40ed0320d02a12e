//! Stream of HTTP/2 that carries a WebSocket (RFC 8441).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Transport;
use crate::{
    accept::http2_connection::Http2Connection,
    limits::{HTTP2_STREAM_WINDOW, HTTP2_UNSENT, HTTP2_WRITE},
};

/// Stream that writes at most [`HTTP2_WRITE`] bytes at once, and bounds the bytes that hyper may
/// hold of them.
pub(crate) struct Http2Stream {
    /// Stream as hyper hands it over.
    io: TokioIo<Upgraded>,
    /// Connection that carries the stream.
    http2: Option<Http2Connection>,
    /// Bytes written, up to [`HTTP2_UNSENT`]: hyper does not say when they are sent.
    unsent: usize,
}

impl Http2Stream {
    pub(super) fn new(stream: Upgraded, http2: Option<Http2Connection>) -> Self {
        Self { io: TokioIo::new(stream), http2, unsent: 0 }
    }
}

// hyper cannot reset an upgraded stream of HTTP/2: it ends in order.
impl Transport for Http2Stream {
    fn http2(&self) -> Option<Http2Connection> {
        self.http2.clone()
    }

    fn unsent(&self) -> usize {
        self.unsent
    }

    fn read_ahead(&self) -> usize {
        HTTP2_STREAM_WINDOW as usize
    }
}

impl AsyncRead for Http2Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl AsyncWrite for Http2Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let bytes = &bytes[..bytes.len().min(HTTP2_WRITE)];
        let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes))?;
        self.unsent = (self.unsent + written).min(HTTP2_UNSENT);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
