//! Socket: reads messages, passes them to a handler, and writes its answers.
//!
//! Bytes are read into a buffer of the thread, and answers encoded into another: an idle connection
//! holds neither. Messages of one read are answered with one write, which saves a factor of ten in
//! CPU time with 64 messages in flight (`docs/decisions/0003-engine.md`).

use std::{
    borrow::Cow,
    cell::RefCell,
    future::poll_fn,
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use protocol::{Close, Deflate, Kind, Received, Receiver, Violation};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadBuf},
    time::timeout,
};
use tokio_util::io::poll_read_buf;

use super::{outbox::Outbox, transport::Transport};
use crate::{
    accept::http2_connection::Http2Connection, config::Config, memory::account::Held,
    operation::metrics::Wire,
};

/// Bytes of one read, at most.
const READ: usize = 64 << 10;

/// Bytes of answers to collect before they are written.
const BATCH: usize = 64 << 10;

/// Bytes of messages after which other tasks of the thread get their turn. The runtime's budget
/// counts reads and writes only, and one read of compressed messages may inflate to many bytes.
const TURN: usize = 1 << 20;

/// Bytes that a message or control frame counts for besides its payload: an empty one is work, too.
const EACH: usize = 64;

/// Maximum bytes of an incomplete message inflated in a turn. Lower than for complete messages: these bytes stay in
/// memory, and a few received bytes may inflate to many.
const INFLATED_TURN: usize = 256 << 10;

/// Max capacity of a thread's answer buffer to be kept.
const MAX_KEPT: usize = 1 << 20;

/// Time to discard bytes that the peer still sends after the end. Closed with unread bytes, TCP
/// resets the connection, and a reset may overtake the Close frame.
const LINGER: Duration = Duration::from_secs(2);

/// Bytes of one read to be discarded.
const DISCARD: usize = 16 << 10;

/// Buffers of a thread, used by one connection at a time, within one poll.
struct Scratch {
    /// Bytes of a read, [`READ`] long.
    input: Box<[u8]>,
    /// Encoded answers, lent to the outbox.
    answers: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> =
        RefCell::new(Scratch { input: vec![0; READ].into(), answers: Vec::new() });
}

/// End of a connection by its peer.
#[derive(Debug)]
pub(crate) enum End {
    /// Close frame of the peer.
    Closed(Option<Close>),
    /// Breach of the protocol or of a limit.
    Violation(Violation),
    /// Connection lost without a Close frame.
    Dropped,
}

/// Activity on a connection since the last keep-alive check.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// True if bytes were received.
    pub(crate) read: bool,
    /// True if bytes were written. That proves a reading peer only once the network's buffers are
    /// full.
    pub(crate) written: bool,
}

/// Receiver of a socket's messages.
pub(crate) trait MessageHandler {
    /// Handles a message, and puts any number of answers into `outbox`.
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, outbox: &mut Outbox);

    /// Answers a ping (RFC 6455 section 5.5.2).
    fn on_ping(&mut self, payload: &[u8], outbox: &mut Outbox);

    /// Handles a pong.
    fn on_pong(&mut self, _: &[u8]) {}

    /// Bytes held back to be sent later.
    fn pending_bytes(&self) -> usize;
}

/// WebSocket over `T`, on the server's side.
pub(crate) struct Socket<T> {
    io: T,
    /// Decoder of frames, with the incomplete message.
    receiver: Receiver,
    /// Frames to be written.
    pub(crate) outbox: Outbox,
    /// Bytes received but not parsed, until the peer has read more of its answers.
    unread: Vec<u8>,
    /// Max bytes waiting to be written before reading stops ([`Limits::waiting`](crate::Limits)).
    max_waiting: usize,
    /// Activity for the keep-alive.
    pub(crate) traffic: Traffic,
    /// Bytes received.
    pub(crate) received: usize,
    /// Counters of the bytes of all sockets.
    wire: Arc<Wire>,
    /// Bytes of messages in this turn, up to [`TURN`], and [`EACH`] for each.
    turn: usize,
}

impl<T: Transport> Socket<T> {
    /// Creates a socket. `unread` are bytes that arrived along with the handshake.
    pub(crate) fn new(
        io: T,
        unread: Vec<u8>,
        deflate: Option<Deflate>,
        wire: Arc<Wire>,
        config: &Config,
    ) -> Self {
        wire.received.inc_by(unread.len() as u64);
        let limits = &config.limits;
        let receive_limits = protocol::Limits { frame: limits.frame, message: limits.message };
        Self {
            io,
            receiver: Receiver::new(receive_limits, deflate),
            outbox: Outbox::new(deflate, config.compression.from),
            unread,
            max_waiting: limits.waiting,
            traffic: Traffic::default(),
            received: 0,
            wire,
            turn: 0,
        }
    }

    /// Reads and answers all that has arrived, and writes the answers. Pending when there is nothing
    /// to read, or when the peer must read its answers first.
    pub(crate) fn poll_exchange(
        &mut self,
        context: &mut Context<'_>,
        handler: &mut impl MessageHandler,
    ) -> Poll<End> {
        self.turn = 0;
        SCRATCH.with_borrow_mut(|Scratch { input, answers }| {
            self.outbox.lend(answers);
            let poll = match self.exchange(context, input, handler) {
                Ok(()) => Poll::Pending,
                Err(end) => Poll::Ready(end),
            };
            self.outbox.reclaim(answers);
            if answers.capacity() > MAX_KEPT {
                *answers = Vec::new();
            }
            poll
        })
    }

    /// Reads into the thread's buffer, or straight into a large message, until the transport has no
    /// more or the turn is over.
    fn exchange(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
        handler: &mut impl MessageHandler,
    ) -> Result<(), End> {
        loop {
            if !self.may_go_on(context, handler)? {
                return Ok(());
            }
            if !self.unread.is_empty() {
                let mut unread = mem::take(&mut self.unread);
                self.answer_all(context, &mut unread, handler)?;
                continue;
            }
            if let Some(mut room) = self.receiver.room() {
                let read = poll_read_buf(Pin::new(&mut self.io), context, &mut room);
                let Some(count) = self.after_read(context, &read)? else { return Ok(()) };
                if let Some(received) = self.receiver.filled(count).map_err(End::Violation)? {
                    self.answer(received, handler)?;
                }
            } else {
                let mut room = ReadBuf::new(buffer);
                let read = Pin::new(&mut self.io).poll_read(context, &mut room);
                let read = read.map_ok(|()| room.filled().len());
                let Some(count) = self.after_read(context, &read)? else { return Ok(()) };
                self.answer_all(context, &mut buffer[..count], handler)?;
            }
        }
    }

    /// Number of bytes read; `None` when there are none for now. Then writes the answers.
    fn after_read(
        &mut self,
        context: &mut Context<'_>,
        read: &Poll<io::Result<usize>>,
    ) -> Result<Option<usize>, End> {
        match read {
            Poll::Ready(Ok(count @ 1..)) => {
                self.traffic.read = true;
                self.received = self.received.saturating_add(*count);
                self.wire.received.inc_by(*count as u64);
                Ok(Some(*count))
            }
            Poll::Ready(_) => Err(End::Dropped),
            Poll::Pending => self.poll_write(context).map(|_| None),
        }
    }

    /// Answers everything in `input`, or keeps the rest until the peer has read more.
    fn answer_all(
        &mut self,
        context: &mut Context<'_>,
        mut input: &mut [u8],
        handler: &mut impl MessageHandler,
    ) -> Result<(), End> {
        while let Some(received) = self.receiver.receive(&mut input).map_err(End::Violation)? {
            self.answer(received, handler)?;
            if !self.may_go_on(context, handler)? {
                self.unread.extend_from_slice(input);
                break;
            }
        }
        Ok(())
    }

    /// Passes a message or control frame to the handler. `Err` for a Close frame.
    #[expect(clippy::inline_always, reason = "as `Receiver::receive`")]
    #[inline(always)]
    fn answer(
        &mut self,
        received: Received<'_>,
        handler: &mut impl MessageHandler,
    ) -> Result<(), End> {
        self.turn += EACH;
        match received {
            Received::Message(kind, payload) => {
                self.turn += payload.len();
                handler.on_message(kind, payload, &mut self.outbox);
            }
            Received::Ping(payload) => handler.on_ping(&payload, &mut self.outbox),
            Received::Pong(payload) => handler.on_pong(&payload),
            // So that memory is accounted for before much more is held.
            Received::Progress(inflated) => self.turn += inflated * (TURN / INFLATED_TURN),
            Received::Close(close) => return Err(End::Closed(close)),
        }
        Ok(())
    }

    /// Writes answers once enough are collected. False when the peer must read some first, or when it
    /// is the turn of other tasks.
    #[inline]
    fn may_go_on(
        &mut self,
        context: &mut Context<'_>,
        handler: &impl MessageHandler,
    ) -> Result<bool, End> {
        let waiting = self.outbox.waiting();
        if waiting >= self.max_waiting.min(BATCH) {
            let _ = self.poll_write(context)?;
        }
        if self.turn >= TURN {
            context.waker().wake_by_ref();
            return Ok(false);
        }
        Ok(self.has_room(handler))
    }

    /// True if more of the peer's messages may be read: its backlog is below the limit.
    pub(crate) fn has_room(&self, handler: &impl MessageHandler) -> bool {
        self.outbox.waiting() + handler.pending_bytes() < self.max_waiting
    }

    /// Writes everything in the outbox.
    pub(crate) fn poll_write(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, End> {
        let (count, poll) = self.outbox.poll_write(Pin::new(&mut self.io), context);
        if count > 0 {
            self.traffic.written = true;
            self.wire.sent.inc_by(count as u64);
        }
        match poll {
            Poll::Ready(Err(_)) => Err(End::Dropped),
            Poll::Ready(Ok(())) => Ok(Poll::Ready(())),
            Poll::Pending => Ok(Poll::Pending),
        }
    }

    /// Memory held: the incomplete message, bytes not parsed, the backlog, the state of
    /// compression, and bytes that the transport may hold: received ones unless they are read.
    pub(crate) fn held(&self, is_read: bool) -> Held {
        let mut own = self.receiver.held() + self.unread.capacity() + self.io.unsent();
        if !is_read || self.io.is_behind() {
            own += self.io.read_ahead();
        }
        self.outbox.held() + Held::own(own + self.outbox.room())
    }

    /// HTTP/2 connection that carries the socket; `None` for HTTP/1.1.
    pub(crate) fn http2(&self) -> Option<Http2Connection> {
        self.io.http2()
    }

    /// Number of the message that has begun and is not complete, unless reads are slowed down on this
    /// side.
    pub(crate) fn begun(&self) -> Option<u32> {
        self.receiver.begun().filter(|_| !self.io.is_slowed())
    }

    /// Frees all memory held, the backlog included. False if a Close frame cannot follow, since a
    /// frame may be half written. No message is received any more.
    pub(crate) fn discard(&mut self) -> bool {
        let is_between_frames = self.outbox.waiting() == 0;
        self.receiver = Receiver::new(protocol::Limits { frame: 0, message: 0 }, None);
        self.outbox = Outbox::new(None, 0);
        self.unread = Vec::new();
        is_between_frames
    }

    /// Frees the memory of compressor and decompressor, as far as the next message allows.
    pub(crate) fn release_memory(&mut self) {
        self.receiver.release_memory();
        self.outbox.release_memory();
    }

    /// True if the peer must read its answers before more of its messages are.
    pub(crate) fn is_blocked(&self, handler: &impl MessageHandler) -> bool {
        !self.unread.is_empty() || !self.has_room(handler)
    }

    /// Writes everything in the outbox. False if the peer is gone, or reads nothing for `limit`.
    pub(crate) async fn flush(&mut self, limit: Duration) -> bool {
        loop {
            let before = self.outbox.waiting();
            let writing = poll_fn(|context| match self.poll_write(context) {
                Ok(Poll::Ready(())) => Poll::Ready(Some(true)),
                Ok(Poll::Pending) if self.outbox.waiting() < before => Poll::Ready(None),
                Ok(Poll::Pending) => Poll::Pending,
                Err(_) => Poll::Ready(Some(false)),
            });
            match timeout(limit, writing).await {
                Ok(None) => {}
                Ok(Some(written)) => return written,
                Err(_) => return false,
            }
        }
    }

    /// Reads until the peer's Close frame or its end, for `limit` at most. Answers pings only: no message
    /// follows a Close frame (RFC 6455 section 5.5.1).
    pub(crate) async fn read_until_close(&mut self, limit: Duration) {
        let reading = poll_fn(|context| self.poll_exchange(context, &mut Ignore));
        let _ = timeout(limit, reading).await;
    }

    /// Discards bytes until the connection ends, for `limit` at most.
    pub(crate) async fn read_until_end(&mut self, limit: Duration) {
        let mut discarded = vec![0; DISCARD];
        let reading = async { while let Ok(1..) = self.io.read(&mut discarded).await {} };
        let _ = timeout(limit, reading).await;
    }

    /// Ends the connection at once, by a reset if the transport has one.
    pub(crate) fn reset(self) {
        self.io.reset_on_close();
    }

    /// Ends the connection in order: closes the writing direction, and waits for the peer's end.
    pub(crate) async fn finish(mut self) {
        let ending = async {
            let _ = self.io.shutdown().await;
            self.read_until_end(LINGER).await;
        };
        let _ = timeout(LINGER, ending).await;
    }
}

/// Handler that answers pings only.
struct Ignore;

impl MessageHandler for Ignore {
    fn on_message(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Outbox) {}

    fn on_ping(&mut self, payload: &[u8], outbox: &mut Outbox) {
        outbox.pong(payload);
    }

    fn pending_bytes(&self) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::duplex;

    use super::*;

    /// Counts what it is given.
    #[derive(Default)]
    struct Count(usize);

    impl MessageHandler for Count {
        fn on_message(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Outbox) {
            self.0 += 1;
        }

        fn on_ping(&mut self, _: &[u8], _: &mut Outbox) {
            self.0 += 1;
        }

        fn on_pong(&mut self, _: &[u8]) {
            self.0 += 1;
        }

        fn pending_bytes(&self) -> usize {
            0
        }
    }

    #[tokio::test]
    async fn a_turn_is_bounded_for_frames_without_payload() {
        const FRAMES: usize = 100_000;
        // Binary, ping, pong.
        for first in [0x82, 0x89, 0x8a] {
            let frames = [first, 0x80, 0, 0, 0, 0].repeat(FRAMES);
            let (here, mut there) = duplex(frames.len());
            there.write_all(&frames).await.unwrap();
            let config = Config::default();
            let mut socket = Socket::new(here, Vec::new(), None, Arc::default(), &config);
            let mut count = Count::default();
            let mut context = Context::from_waker(Waker::noop());
            assert!(socket.poll_exchange(&mut context, &mut count).is_pending());
            assert_eq!(count.0, TURN / EACH, "{first}");
        }
    }
}
