//! What HTTP hands over once a WebSocket is open: the stream itself, out of its wrappers.

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

use crate::{patient::Patient, wire::Wire};

/// Bytes that a stream of HTTP/2 takes at once. hyper copies what it is given, all of it, and says
/// that it is written: whether the peer takes it would not be seen.
const PORTION: usize = 16 << 10;

/// A stream, and what came on it with the handshake's last bytes.
pub(crate) enum Upgrade {
    Tcp(TcpStream, Vec<u8>),
    Tls(Box<TlsStream<TcpStream>>, Vec<u8>),
    Http2(InPortions<TokioIo<Upgraded>>),
}

impl Upgrade {
    pub(crate) async fn of(upgrade: OnUpgrade) -> hyper::Result<Self> {
        let upgraded = match unwrap(upgrade.await?) {
            Ok((stream, unread)) => return Ok(Self::Tcp(stream, unread)),
            Err(upgraded) => upgraded,
        };
        Ok(match unwrap(upgraded) {
            Ok((stream, unread)) => Self::Tls(Box::new(stream), unread),
            Err(upgraded) => Self::Http2(InPortions(TokioIo::new(upgraded))),
        })
    }
}

fn unwrap<T>(upgraded: Upgraded) -> Result<(T, Vec<u8>), Upgraded>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<Patient<T>>>()?;
    Ok((io.into_inner().into_inner(), read_buf.to_vec()))
}

// hyper has no way to reset a stream of HTTP/2 that was handed over: it ends in order.
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for InPortions<T> {}

/// Passes on [`PORTION`] bytes at once, at most.
pub(crate) struct InPortions<T>(T);

impl<T: AsyncRead + Unpin> AsyncRead for InPortions<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for InPortions<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, &bytes[..bytes.len().min(PORTION)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
