//! Transport of a WebSocket: TCP, TLS, or a stream of HTTP/2.

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

/// Byte stream that can end with a reset.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes dropping the stream send a TCP reset. Does nothing on a transport without resets.
    fn reset_on_close(&self) {}

    /// True if reads are slowed down on this side.
    fn is_slowed(&self) -> bool {
        false
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
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn reset_on_close(&self) {
        (**self).reset_on_close();
    }

    fn is_slowed(&self) -> bool {
        (**self).is_slowed()
    }
}

#[cfg(test)]
impl Transport for tokio::io::DuplexStream {}
