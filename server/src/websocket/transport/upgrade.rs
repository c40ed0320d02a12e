//! Upgraded stream: the transport, unwrapped from hyper after the opening handshake.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::upgrade::{OnUpgrade, Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use super::transport::Transport;
use crate::accept::write_timeout::WriteTimeout;

/// Bytes of one write to a stream of HTTP/2. hyper copies a write whole and reports it as written,
/// which would hide that the peer does not read.
const MAX_WRITE: usize = 16 << 10;

/// Transport, with the bytes that arrived along with the handshake.
pub(crate) enum Upgrade {
    /// HTTP/1.1 over TCP.
    Tcp(TcpStream, Vec<u8>),
    /// HTTP/1.1 over TLS.
    Tls(Box<TlsStream<TcpStream>>, Vec<u8>),
    /// Stream of HTTP/2 (RFC 8441).
    Http2(Chunked<TokioIo<Upgraded>>),
}

impl Upgrade {
    /// Waits until the response is sent, and unwraps the transport.
    pub(crate) async fn complete(upgrade: OnUpgrade) -> hyper::Result<Self> {
        let upgraded = match unwrap(upgrade.await?) {
            Ok((stream, unread)) => return Ok(Self::Tcp(stream, unread)),
            Err(upgraded) => upgraded,
        };
        Ok(match unwrap(upgraded) {
            Ok((stream, unread)) => Self::Tls(Box::new(stream), unread),
            Err(upgraded) => Self::Http2(Chunked(TokioIo::new(upgraded))),
        })
    }
}

/// Unwraps an HTTP/1.1 connection over `T`, and the bytes hyper has read ahead. Returns it unchanged if
/// it is over something else.
fn unwrap<T>(upgraded: Upgraded) -> Result<(T, Vec<u8>), Upgraded>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<WriteTimeout<T>>>()?;
    Ok((io.into_inner().into_inner(), read_buf.to_vec()))
}

/// Stream that writes at most [`MAX_WRITE`] bytes at once.
pub(crate) struct Chunked<T>(T);

// hyper cannot reset an upgraded stream of HTTP/2: it ends in order.
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Transport for Chunked<T> {}

impl<T: AsyncRead + Unpin> AsyncRead for Chunked<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Chunked<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, &bytes[..bytes.len().min(MAX_WRITE)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
