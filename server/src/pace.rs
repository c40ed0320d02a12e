//! A connection that reads and writes no faster than it is told.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use crate::wire::Wire;

/// Portions a second, where a byte is not more than one: small enough for a steady flow.
const PORTIONS: usize = 20;

/// Bytes that are read at once, at most.
const READ: usize = 16 << 10;

/// How many bytes a second, where it is limited.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paces {
    pub(crate) read: Option<usize>,
    pub(crate) write: Option<usize>,
}

impl Paces {
    /// Whether there is anything to limit.
    pub(crate) fn are_limited(self) -> bool {
        self.read.is_some() || self.write.is_some()
    }
}

/// Passes on what the paces allow.
pub(crate) struct Paced<T> {
    io: T,
    read: Option<Pace>,
    write: Option<Pace>,
}

impl<T> Paced<T> {
    pub(crate) fn new(io: T, paces: Paces) -> Self {
        Self { io, read: paces.read.map(Pace::new), write: paces.write.map(Pace::new) }
    }
}

/// Gives out bytes in portions.
struct Pace {
    portion: usize,
    /// From one portion to the next.
    every: Duration,
    /// Bytes of this portion that are left.
    left: usize,
    next: Pin<Box<Sleep>>,
}

impl Pace {
    fn new(rate: usize) -> Self {
        let portion = (rate / PORTIONS).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
        let every = Duration::from_secs_f64(portion as f64 / rate as f64);
        Self { portion, every, left: 0, next: Box::pin(sleep_until(Instant::now())) }
    }

    /// How many bytes may pass now.
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<usize> {
        if self.left == 0 {
            ready!(self.next.as_mut().poll(context));
            self.left = self.portion;
            self.next.as_mut().reset(Instant::now() + self.every);
        }
        Poll::Ready(self.left)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Paced<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(pace) = &mut this.read else {
            return Pin::new(&mut this.io).poll_read(context, buffer);
        };
        let room = ready!(pace.poll_room(context)).min(buffer.remaining()).min(READ);
        let mut bytes = [0; READ];
        let mut part = ReadBuf::new(&mut bytes[..room]);
        ready!(Pin::new(&mut this.io).poll_read(context, &mut part))?;
        pace.left -= part.filled().len();
        buffer.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Paced<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(pace) = &mut this.write else {
            return Pin::new(&mut this.io).poll_write(context, bytes);
        };
        let room = ready!(pace.poll_room(context)).min(bytes.len());
        let written = ready!(Pin::new(&mut this.io).poll_write(context, &bytes[..room]))?;
        pace.left -= written;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

impl<T: Wire> Wire for Paced<T> {
    fn make_end_reset(&self) {
        self.io.make_end_reset();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// How long 100 bytes take at 10 a second, less the first portion, which comes at once.
    const LONG: Duration = Duration::from_millis(9_900);

    #[tokio::test(start_paused = true)]
    async fn bytes_are_written_no_faster_than_they_may() {
        let (here, mut there) = duplex(1 << 10);
        let mut here = Paced::new(here, Paces { read: None, write: Some(10) });
        let began = Instant::now();
        here.write_all(&[7; 100]).await.unwrap();
        assert!(
            (LONG..LONG + Duration::from_secs(1)).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
        there.read_exact(&mut [0; 100]).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_are_read_no_faster_than_they_may() {
        let (here, mut there) = duplex(1 << 10);
        let mut here = Paced::new(here, Paces { read: Some(10), write: None });
        there.write_all(&[7; 100]).await.unwrap();
        let began = Instant::now();
        here.read_exact(&mut [0; 100]).await.unwrap();
        assert!(
            (LONG..LONG + Duration::from_secs(1)).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
    }
}
