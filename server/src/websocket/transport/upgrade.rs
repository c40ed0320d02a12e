//! Upgraded stream: the transport, unwrapped from hyper after the opening handshake.

use hyper::upgrade::{OnUpgrade, Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use super::http2::Http2Stream;
use crate::accept::{http2_connection::Http2Connection, write_timeout::WriteTimeout};

/// Transport, with the bytes that arrived along with the handshake.
pub(crate) enum Upgrade {
    /// HTTP/1.1 over TCP.
    Tcp(TcpStream, Vec<u8>),
    /// HTTP/1.1 over TLS.
    Tls(Box<TlsStream<TcpStream>>, Vec<u8>),
    /// Stream of HTTP/2 (RFC 8441).
    Http2(Http2Stream),
}

impl Upgrade {
    /// Waits until the response is sent, and unwraps the transport. `http2` is the connection of HTTP/2.
    pub(crate) async fn complete(
        upgrade: OnUpgrade,
        http2: Option<Http2Connection>,
    ) -> hyper::Result<Self> {
        let upgraded = match unwrap(upgrade.await?) {
            Ok((stream, unread)) => return Ok(Self::Tcp(stream, unread)),
            Err(upgraded) => upgraded,
        };
        Ok(match unwrap(upgraded) {
            Ok((stream, unread)) => Self::Tls(Box::new(stream), unread),
            Err(upgraded) => Self::Http2(Http2Stream::new(upgraded, http2)),
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
