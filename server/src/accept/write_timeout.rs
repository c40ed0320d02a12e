//! Write timeout: drops a peer that reads nothing. Also the stalled response of `/hang`.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// Bytes of a stalled response: the status line.
const STALLED_LEN: usize = b"HTTP/1.1 101 Switching Protocols\r\n".len();

/// Time for which a connection stalls after the status line, once a response is to.
pub(crate) type Stall = Arc<OnceLock<Duration>>;

/// Progress of the writes to a peer.
#[derive(Default)]
pub(super) struct Progress {
    /// Bytes written; wraps.
    written: AtomicUsize,
    /// True while a write is pending.
    is_waiting: AtomicBool,
}

impl Progress {
    /// Bytes written so far; wraps.
    pub(super) fn written(&self) -> usize {
        self.written.load(Relaxed)
    }

    /// True while the peer has to read before more can be written, for which it has the time limit of a write.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Relaxed)
    }
}

/// Stream that fails a write without progress for `limit` with [`io::ErrorKind::TimedOut`]. Needed
/// for HTTP: hyper limits the time to read a request, but not the time to write its response.
pub(crate) struct WriteTimeout<T> {
    io: T,
    /// Time without progress until a write fails; once the response stalls, the time of the stall.
    limit: Duration,
    /// Created by the first write that has to wait.
    deadline: Option<Pin<Box<Sleep>>>,
    /// Progress; `deadline` counts while a write is pending.
    progress: Arc<Progress>,
    /// Set to stall the response from now on.
    stall: Stall,
    /// Bytes of a stalled response that may still be written.
    stalled_len: usize,
}

impl<T> WriteTimeout<T> {
    /// Wraps `io`. `stall` may be set at any time before the response is written.
    pub(crate) fn new(io: T, limit: Duration, stall: Stall) -> Self {
        let progress = Arc::default();
        Self { io, limit, deadline: None, progress, stall, stalled_len: STALLED_LEN }
    }

    /// Progress of the writes, as they go on.
    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Stream without the timeout.
    pub(crate) fn into_inner(self) -> T {
        self.io
    }

    /// Counts the bytes of a write.
    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = written {
            self.progress.written.fetch_add(count, Relaxed);
        }
        written
    }

    /// Turns a write that is pending for too long into an error.
    fn check<V>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<V>>,
    ) -> Poll<io::Result<V>> {
        if written.is_ready() {
            self.progress.is_waiting.store(false, Relaxed);
            return written;
        }
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(self.limit)));
        if !self.progress.is_waiting.swap(true, Relaxed) {
            deadline.as_mut().reset(Instant::now() + self.limit);
        }
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncWrite + Unpin> WriteTimeout<T> {
    /// Writes the status line, then stays pending.
    fn poll_write_stalled(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.stalled_len == 0 {
            return Poll::Pending;
        }
        let bytes = &bytes[..bytes.len().min(self.stalled_len)];
        let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes))?;
        self.stalled_len -= written;
        Poll::Ready(Ok(written))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for WriteTimeout<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = if let Some(time) = self.stall.get() {
            self.limit = *time;
            self.poll_write_stalled(context, bytes)
        } else {
            Pin::new(&mut self.io).poll_write(context, bytes)
        };
        let written = self.count(written);
        self.check(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.stall.get().is_some() {
            let first = slices.iter().find(|slice| !slice.is_empty());
            return self.poll_write(context, first.map_or(&[], |slice| slice));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        let written = self.count(written);
        self.check(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.check(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.io).poll_shutdown(context);
        self.check(context, ended)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_write_without_progress_times_out() {
        let (here, _there) = duplex(8);
        let mut here = WriteTimeout::new(here, LIMIT, Stall::default());
        let began = Instant::now();
        let error = here.write_all(&[0; 9]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stalled_response_is_a_status_line_until_its_time_is_over() {
        const TIME: Duration = Duration::from_mins(5);
        let (here, mut there) = duplex(1 << 10);
        let stall = Stall::default();
        let mut here = WriteTimeout::new(here, LIMIT, Arc::clone(&stall));
        stall.set(TIME).unwrap();
        let began = Instant::now();
        let error = here.write_all(&[b'x'; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), TIME);
        drop(here);
        let mut received = Vec::new();
        there.read_to_end(&mut received).await.unwrap();
        assert_eq!(received.len(), STALLED_LEN);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_peer_does_not_time_out() {
        let (here, mut there) = duplex(8);
        let mut here = WriteTimeout::new(here, LIMIT, Stall::default());
        let reading = async {
            for _ in 0..4 {
                sleep(LIMIT * 9 / 10).await;
                there.read_exact(&mut [0; 8]).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(here.write_all(&[0; 32]), reading);
        written.unwrap();
    }
}
