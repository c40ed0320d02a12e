//! Throttle: limits the bytes per second of a transport, for `/slow`.
//!
//! Each direction has a token bucket. A byte counts on the transport: frame headers included, and
//! compressed if the message is.

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

use super::Transport;
use crate::accept::http2_connection::Http2Connection;

/// Refills of the bucket per second, at a rate of at least as many bytes: enough for a steady flow.
const REFILLS: usize = 20;

/// Bytes of one read, at most.
const MAX_READ: usize = 16 << 10;

/// Limits in bytes per second; `None` for no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Throttle {
    /// Bytes per second from the peer.
    pub(crate) read: Option<usize>,
    /// Bytes per second to the peer.
    pub(crate) write: Option<usize>,
}

impl Throttle {
    /// True if there is a limit.
    pub(crate) fn is_limited(self) -> bool {
        self.read.is_some() || self.write.is_some()
    }
}

/// Transport with a throttle.
pub(crate) struct Throttled<T> {
    io: T,
    /// Bucket for bytes from the peer; `None` for no limit.
    read: Option<TokenBucket>,
    /// Bucket for bytes to the peer; `None` for no limit.
    write: Option<TokenBucket>,
    /// True if the last read waited for its bucket.
    is_behind: bool,
}

impl<T> Throttled<T> {
    /// Wraps a transport. Both buckets begin empty, and are filled at once.
    pub(crate) fn new(io: T, throttle: Throttle) -> Self {
        Self {
            io,
            read: throttle.read.map(TokenBucket::new),
            write: throttle.write.map(TokenBucket::new),
            is_behind: false,
        }
    }
}

/// Token bucket: one token a byte, refilled at a steady rate, without bursts.
struct TokenBucket {
    /// Tokens of one refill.
    size: usize,
    /// Time between refills.
    interval: Duration,
    /// Tokens left.
    tokens: usize,
    /// Timer of the next refill.
    refill: Pin<Box<Sleep>>,
}

impl TokenBucket {
    /// Creates a bucket for a rate in bytes per second, at least 1.
    fn new(rate: usize) -> Self {
        let size = (rate / REFILLS).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
        let interval = Duration::from_secs_f64(size as f64 / rate as f64);
        Self { size, interval, tokens: 0, refill: Box::pin(sleep_until(Instant::now())) }
    }

    /// Tokens available, at least one.
    fn poll_tokens(&mut self, context: &mut Context<'_>) -> Poll<usize> {
        if self.tokens == 0 {
            ready!(self.refill.as_mut().poll(context));
            self.tokens = self.size;
            self.refill.as_mut().reset(Instant::now() + self.interval);
        }
        Poll::Ready(self.tokens)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Throttled<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(bucket) = &mut this.read else {
            return Pin::new(&mut this.io).poll_read(context, buffer);
        };
        let tokens = bucket.poll_tokens(context);
        this.is_behind = tokens.is_pending();
        let room = ready!(tokens).min(buffer.remaining()).min(MAX_READ);
        let mut bytes = [0; MAX_READ];
        let mut part = ReadBuf::new(&mut bytes[..room]);
        ready!(Pin::new(&mut this.io).poll_read(context, &mut part))?;
        bucket.tokens -= part.filled().len();
        buffer.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Throttled<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(bucket) = &mut this.write else {
            return Pin::new(&mut this.io).poll_write(context, bytes);
        };
        let room = ready!(bucket.poll_tokens(context)).min(bytes.len());
        let written = ready!(Pin::new(&mut this.io).poll_write(context, &bytes[..room]))?;
        bucket.tokens -= written;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

impl<T: Transport> Transport for Throttled<T> {
    fn reset_on_close(&self) {
        self.io.reset_on_close();
    }

    fn is_slowed(&self) -> bool {
        self.read.is_some() || self.io.is_slowed()
    }

    fn is_behind(&self) -> bool {
        self.is_behind
    }

    fn http2(&self) -> Option<Http2Connection> {
        self.io.http2()
    }

    fn unsent(&self) -> usize {
        self.io.unsent()
    }

    fn read_ahead(&self) -> usize {
        self.io.read_ahead()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Time for 100 bytes at 10 per second, less the first one, which passes at once.
    const EXPECTED: Duration = Duration::from_millis(9_900);

    #[tokio::test(start_paused = true)]
    async fn writes_are_throttled() {
        let (here, mut there) = duplex(1 << 10);
        let mut here = Throttled::new(here, Throttle { read: None, write: Some(10) });
        let began = Instant::now();
        here.write_all(&[7; 100]).await.unwrap();
        assert!(
            (EXPECTED..EXPECTED + Duration::from_secs(1)).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
        there.read_exact(&mut [0; 100]).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn reads_are_throttled() {
        let (here, mut there) = duplex(1 << 10);
        let mut here = Throttled::new(here, Throttle { read: Some(10), write: None });
        there.write_all(&[7; 100]).await.unwrap();
        let began = Instant::now();
        here.read_exact(&mut [0; 100]).await.unwrap();
        assert!(
            (EXPECTED..EXPECTED + Duration::from_secs(1)).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
    }
}
