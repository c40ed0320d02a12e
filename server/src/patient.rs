//! A connection that gives up a peer that takes nothing.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// The bytes of an answer that begins and never ends: a status line.
const HALF: usize = b"HTTP/1.1 101 Switching Protocols\r\n".len();

/// How long a connection is to be held with half an answer, once one is to have no other.
pub(crate) type Held = Arc<OnceLock<Duration>>;

/// Fails a write that made no progress for `patience`. HTTP needs it: hyper limits the time to read
/// a request, but not the time to write its answer.
pub(crate) struct Patient<T> {
    io: T,
    patience: Duration,
    /// Made with the first write that has to wait.
    deadline: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
    held: Held,
    /// Bytes of half an answer that may still be written.
    half: usize,
}

impl<T> Patient<T> {
    pub(crate) fn new(io: T, patience: Duration, held: Held) -> Self {
        Self { io, patience, deadline: None, is_waiting: false, held, half: HALF }
    }

    /// The connection itself, with no limit any more.
    pub(crate) fn into_inner(self) -> T {
        self.io
    }

    fn limit<V>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<V>>,
    ) -> Poll<io::Result<V>> {
        if written.is_ready() {
            self.is_waiting = false;
            return written;
        }
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(self.patience)));
        if !self.is_waiting {
            self.is_waiting = true;
            deadline.as_mut().reset(Instant::now() + self.patience);
        }
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncWrite + Unpin> Patient<T> {
    /// Writes what belongs to half an answer, and is pending ever after.
    fn poll_write_half(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.half == 0 {
            return Poll::Pending;
        }
        let bytes = &bytes[..bytes.len().min(self.half)];
        let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes))?;
        self.half -= written;
        Poll::Ready(Ok(written))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = if let Some(time) = self.held.get() {
            self.patience = *time;
            self.poll_write_half(context, bytes)
        } else {
            Pin::new(&mut self.io).poll_write(context, bytes)
        };
        self.limit(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.held.get().is_some() {
            let first = slices.iter().find(|slice| !slice.is_empty());
            return self.poll_write(context, first.map_or(&[], |slice| slice));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.limit(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.limit(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.io).poll_shutdown(context);
        self.limit(context, ended)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_given_up() {
        let (here, _there) = duplex(8);
        let mut here = Patient::new(here, PATIENCE, Held::default());
        let began = Instant::now();
        let error = here.write_all(&[0; 9]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_held_stays_half_for_its_time() {
        const TIME: Duration = Duration::from_mins(5);
        let (here, mut there) = duplex(1 << 10);
        let held = Held::default();
        let mut here = Patient::new(here, PATIENCE, Arc::clone(&held));
        held.set(TIME).unwrap();
        let began = Instant::now();
        let error = here.write_all(&[b'x'; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), TIME);
        drop(here);
        let mut half = Vec::new();
        there.read_to_end(&mut half).await.unwrap();
        assert_eq!(half.len(), HALF);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_peer_is_not() {
        let (here, mut there) = duplex(8);
        let mut here = Patient::new(here, PATIENCE, Held::default());
        let reading = async {
            for _ in 0..4 {
                sleep(PATIENCE * 9 / 10).await;
                there.read_exact(&mut [0; 8]).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(here.write_all(&[0; 32]), reading);
        written.unwrap();
    }
}
