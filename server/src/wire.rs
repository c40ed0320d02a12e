//! A connection that can be reset.

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

/// What a WebSocket runs over.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes the end that follows a reset, where the transport has one; otherwise the end is what it
    /// is when a connection is dropped.
    fn make_end_reset(&self) {}
}

impl Wire for TcpStream {
    fn make_end_reset(&self) {
        // A system that refuses ends the connection all the same.
        let _ = self.set_zero_linger();
    }
}

impl Wire for TlsStream<TcpStream> {
    fn make_end_reset(&self) {
        self.get_ref().0.make_end_reset();
    }
}

impl<W: Wire + ?Sized> Wire for Box<W> {
    fn make_end_reset(&self) {
        (**self).make_end_reset();
    }
}

#[cfg(test)]
impl Wire for tokio::io::DuplexStream {}
