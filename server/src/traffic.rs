//! Whether bytes move on a connection: what tells a slow peer from one that is gone.
//!
//! A large frame may take minutes in either direction, in which no message ends and no pong can come
//! between. So life is looked for in bytes, below HTTP and WebSocket.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    runtime::Handle,
    time::timeout,
};

/// What has moved since it was last asked.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    read: AtomicBool,
    written: AtomicBool,
    lingers: AtomicBool,
}

impl Traffic {
    /// Whether bytes came from the peer since the last question.
    pub(crate) fn came_in(&self) -> bool {
        self.read.swap(false, Relaxed)
    }

    /// Whether the peer's side took bytes since the last question. Only what fills the buffers
    /// between proves that it reads: a little is taken for a peer that is gone, too.
    pub(crate) fn went_out(&self) -> bool {
        self.written.swap(false, Relaxed)
    }

    /// Asks for the connection to be ended gently: what the peer still sends is read and thrown
    /// away for up to [`LINGER`]. Ended with bytes unread, TCP would reset it, and a reset may
    /// overtake the Close frame that says why.
    pub(crate) fn linger(&self) {
        self.lingers.store(true, Relaxed);
    }
}

/// How long a connection that lingers is read on.
const LINGER: Duration = Duration::from_secs(2);

/// A TCP stream that notes its traffic.
pub(crate) struct Watched {
    /// `None` only while it is dropped.
    stream: Option<TcpStream>,
    traffic: Arc<Traffic>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.traffic.lingers.load(Relaxed) {
            return;
        }
        if let (Some(stream), Ok(runtime)) = (self.stream.take(), Handle::try_current()) {
            runtime.spawn(timeout(LINGER, read_away(stream)));
        }
    }
}

async fn read_away(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    while let Ok(1..) = stream.read(&mut [0; 4096]).await {}
}

impl Watched {
    pub(crate) fn new(stream: TcpStream, traffic: Arc<Traffic>) -> Self {
        Self { stream: Some(stream), traffic }
    }

    fn stream(self: Pin<&mut Self>) -> io::Result<Pin<&mut TcpStream>> {
        let stream = self.get_mut().stream.as_mut().map(Pin::new);
        stream.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn note_written(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.traffic.written.store(true, Relaxed);
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.as_mut().stream()?.poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.traffic.read.store(true, Relaxed);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.as_mut().stream()?.poll_write(context, bytes);
        self.note_written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.as_mut().stream()?.poll_write_vectored(context, slices);
        self.note_written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }
}
