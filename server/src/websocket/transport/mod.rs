//! Transport of a WebSocket: TCP, TLS, or a stream of HTTP/2.

mod http2;
pub(crate) mod throttle;
pub(crate) mod upgrade;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use crate::{accept::http2_connection::Http2Connection, limits::TLS_UNSENT};

/// Byte stream that can end with a reset.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes dropping the stream send a TCP reset. Does nothing on a transport without resets.
    fn reset_on_close(&self) {}

    /// True if reads are slowed down on this side.
    fn is_slowed(&self) -> bool {
        false
    }

    /// True if the last read waited on this side: the peer may have sent more.
    fn is_behind(&self) -> bool {
        false
    }

    /// HTTP/2 connection that carries it; `None` for HTTP/1.1.
    fn http2(&self) -> Option<Http2Connection> {
        None
    }

    /// Max bytes written to it that it may still hold, in memory of the program.
    fn unsent(&self) -> usize {
        0
    }

    /// Max bytes it may hold of a peer that is not read.
    fn read_ahead(&self) -> usize {
        0
    }
}

impl Transport for TcpStream {
    fn reset_on_close(&self) {
        // On an error the connection ends all the same.
        let _ = self.set_zero_linger();
    }
}

impl Transport for TlsStream<TcpStream> {
    fn reset_on_close(&self) {
        self.get_ref().0.reset_on_close();
    }

    fn unsent(&self) -> usize {
        if self.get_ref().1.wants_write() { TLS_UNSENT } else { 0 }
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn reset_on_close(&self) {
        (**self).reset_on_close();
    }

    fn is_slowed(&self) -> bool {
        (**self).is_slowed()
    }

    fn is_behind(&self) -> bool {
        (**self).is_behind()
    }

    fn http2(&self) -> Option<Http2Connection> {
        (**self).http2()
    }

    fn unsent(&self) -> usize {
        (**self).unsent()
    }

    fn read_ahead(&self) -> usize {
        (**self).read_ahead()
    }
}

#[cfg(test)]
impl Transport for tokio::io::DuplexStream {}
