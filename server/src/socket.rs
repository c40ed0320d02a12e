//! One open WebSocket: reads, lets every message be answered, and writes the answers.
//!
//! Bytes are read to a buffer that belongs to the thread, and answers are collected in another: an
//! idle connection holds neither. What was read at once is answered at once, by one system call.
//! With 64 messages in flight that is worth a factor of ten in CPU time; where messages come one by
//! one it changes nothing (`docs/decisions/0003-engine.md`).

use std::{
    borrow::Cow,
    cell::RefCell,
    future::poll_fn,
    io, mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use protocol::{Bounds, Close, Deflate, Kind, Received, Receiver, Violation};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadBuf},
    time::timeout,
};
use tokio_util::io::poll_read_buf;

use crate::{Config, outbox::Outbox, wire::Wire};

/// Bytes read from a socket at once.
const READ: usize = 64 << 10;

/// Answers of this many bytes are written before more is read.
const BATCH: usize = 64 << 10;

/// Bytes of messages after which other connections of the thread have their turn. The runtime
/// counts reads and writes; compressed messages can make much of one read.
const TURN: usize = 1 << 20;

/// Bytes that a thread's buffer for answers may have and still be kept.
const KEPT: usize = 1 << 20;

/// What a peer still sends after the end is read and thrown away for this long. Ended with bytes
/// unread, TCP would reset the connection, and a reset may overtake the Close frame that says why.
const LINGER: Duration = Duration::from_secs(2);

/// Bytes that are read at once to be thrown away.
const REST: usize = 16 << 10;

/// The buffers of a thread. One connection uses them at a time, within one poll.
struct Scratch {
    input: Box<[u8]>,
    answers: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> =
        RefCell::new(Scratch { input: vec![0; READ].into(), answers: Vec::new() });
}

/// Why an exchange is over.
#[derive(Debug)]
pub(crate) enum End {
    /// The peer sent a Close frame.
    Closed(Option<Close>),
    /// The peer did something that it must not.
    Violated(Violation),
    /// The connection ended without a Close frame.
    Dropped,
}

/// What moved on a connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// Bytes came in.
    pub(crate) read: bool,
    /// The peer's side took bytes. Only what fills the buffers between proves that it reads: a
    /// little is taken for a peer that is gone, too.
    pub(crate) written: bool,
}

/// An endpoint's side of the conversation.
pub(crate) trait Answer {
    /// Answers a message, by any number of messages to `outbox`.
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, outbox: &mut Outbox);

    /// Answers a ping (RFC 6455 section 5.5.2).
    fn answer_ping(&mut self, payload: &[u8], outbox: &mut Outbox);

    /// Bytes that it keeps to be sent later.
    fn held(&self) -> usize;
}

/// A WebSocket over `T`, from the server's side.
pub(crate) struct Socket<T> {
    io: T,
    receiver: Receiver,
    pub(crate) outbox: Outbox,
    /// Bytes that were read and must wait until the peer has taken more of what it is owed.
    unread: Vec<u8>,
    /// Bytes for one peer past which nothing more is read from it.
    waiting_bound: usize,
    pub(crate) traffic: Traffic,
    /// Bytes of messages in this turn.
    turn: usize,
}

impl<T: Wire> Socket<T> {
    /// `unread` is what came with the handshake's last bytes.
    pub(crate) fn new(io: T, unread: Vec<u8>, deflate: Option<Deflate>, config: &Config) -> Self {
        let limits = &config.limits;
        let bounds = Bounds { frame: limits.frame, message: limits.message };
        Self {
            io,
            receiver: Receiver::new(bounds, deflate),
            outbox: Outbox::new(deflate, config.compression.from),
            unread,
            waiting_bound: limits.waiting,
            traffic: Traffic::default(),
            turn: 0,
        }
    }

    /// Answers all that can be read now, and writes the answers. `Pending` when there is nothing
    /// to read, or when the peer has to take what it is owed first.
    pub(crate) fn poll_exchange(
        &mut self,
        context: &mut Context<'_>,
        endpoint: &mut impl Answer,
    ) -> Poll<End> {
        self.turn = 0;
        SCRATCH.with_borrow_mut(|Scratch { input, answers }| {
            self.outbox.lend(answers);
            let poll = match self.exchange(context, input, endpoint) {
                Ok(()) => Poll::Pending,
                Err(end) => Poll::Ready(end),
            };
            self.outbox.reclaim(answers);
            if answers.capacity() > KEPT {
                *answers = Vec::new();
            }
            poll
        })
    }

    fn exchange(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
        endpoint: &mut impl Answer,
    ) -> Result<(), End> {
        loop {
            if !self.may_go_on(context, endpoint)? {
                return Ok(());
            }
            if !self.unread.is_empty() {
                let mut unread = mem::take(&mut self.unread);
                self.answer_all(context, &mut unread, endpoint)?;
                continue;
            }
            if let Some(mut room) = self.receiver.room() {
                let read = poll_read_buf(Pin::new(&mut self.io), context, &mut room);
                let Some(count) = self.after_read(context, &read)? else { return Ok(()) };
                if let Some(received) = self.receiver.filled(count).map_err(End::Violated)? {
                    self.answer(received, endpoint)?;
                }
            } else {
                let mut room = ReadBuf::new(buffer);
                let read = Pin::new(&mut self.io).poll_read(context, &mut room);
                let read = read.map_ok(|()| room.filled().len());
                let Some(count) = self.after_read(context, &read)? else { return Ok(()) };
                self.answer_all(context, &mut buffer[..count], endpoint)?;
            }
        }
    }

    /// How many bytes were read; `None` when there are none for now, and then what is owed is
    /// written.
    fn after_read(
        &mut self,
        context: &mut Context<'_>,
        read: &Poll<io::Result<usize>>,
    ) -> Result<Option<usize>, End> {
        match read {
            Poll::Ready(Ok(count @ 1..)) => {
                self.traffic.read = true;
                Ok(Some(*count))
            }
            Poll::Ready(_) => Err(End::Dropped),
            Poll::Pending => self.poll_write(context).map(|_| None),
        }
    }

    /// Answers everything in `input`, or keeps the rest for when the peer has taken more.
    fn answer_all(
        &mut self,
        context: &mut Context<'_>,
        mut input: &mut [u8],
        endpoint: &mut impl Answer,
    ) -> Result<(), End> {
        while let Some(received) = self.receiver.receive(&mut input).map_err(End::Violated)? {
            self.answer(received, endpoint)?;
            if !self.may_go_on(context, endpoint)? {
                self.unread.extend_from_slice(input);
                break;
            }
        }
        Ok(())
    }

    fn answer(&mut self, received: Received<'_>, endpoint: &mut impl Answer) -> Result<(), End> {
        match received {
            Received::Message(kind, payload) => {
                self.turn += payload.len();
                endpoint.answer(kind, payload, &mut self.outbox);
            }
            Received::Ping(payload) => endpoint.answer_ping(&payload, &mut self.outbox),
            Received::Pong(_) => {}
            Received::Close(close) => return Err(End::Closed(close)),
        }
        Ok(())
    }

    /// Writes where enough waits. False when too much does, and the peer must take some first; or
    /// when it is the turn of others.
    fn may_go_on(
        &mut self,
        context: &mut Context<'_>,
        endpoint: &impl Answer,
    ) -> Result<bool, End> {
        let waiting = self.outbox.waiting();
        if waiting >= self.waiting_bound.min(BATCH) {
            let _ = self.poll_write(context)?;
        }
        if self.turn >= TURN {
            context.waker().wake_by_ref();
            return Ok(false);
        }
        Ok(self.has_room(endpoint))
    }

    /// Whether more of what the peer sends may be looked at.
    pub(crate) fn has_room(&self, endpoint: &impl Answer) -> bool {
        self.outbox.waiting() + endpoint.held() < self.waiting_bound
    }

    /// Writes until nothing waits.
    pub(crate) fn poll_write(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, End> {
        let (taken, poll) = self.outbox.poll_write(Pin::new(&mut self.io), context);
        self.traffic.written |= taken > 0;
        match poll {
            Poll::Ready(Err(_)) => Err(End::Dropped),
            Poll::Ready(Ok(())) => Ok(Poll::Ready(())),
            Poll::Pending => Ok(Poll::Pending),
        }
    }

    /// Gives back the memory that compression holds, as far as what comes next allows.
    pub(crate) fn rest(&mut self) {
        self.receiver.rest();
        self.outbox.rest();
    }

    /// Whether the peer has to take what it is owed before more of what it sent is looked at.
    pub(crate) fn is_held_up(&self, endpoint: &impl Answer) -> bool {
        !self.unread.is_empty() || !self.has_room(endpoint)
    }

    /// Writes what waits, as long as the peer takes some of it within `patience`. False when it is
    /// gone or takes nothing.
    pub(crate) async fn flush(&mut self, patience: Duration) -> bool {
        loop {
            let before = self.outbox.waiting();
            let writing = poll_fn(|context| match self.poll_write(context) {
                Ok(Poll::Ready(())) => Poll::Ready(Some(true)),
                Ok(Poll::Pending) if self.outbox.waiting() < before => Poll::Ready(None),
                Ok(Poll::Pending) => Poll::Pending,
                Err(_) => Poll::Ready(Some(false)),
            });
            match timeout(patience, writing).await {
                Ok(None) => {}
                Ok(Some(written)) => return written,
                Err(_) => return false,
            }
        }
    }

    /// Reads on until the peer's Close frame, or its end, for `patience` at most. No message is
    /// answered: after a Close frame none is sent (RFC 6455 section 5.5.1).
    pub(crate) async fn read_until_close(&mut self, patience: Duration) {
        let reading = poll_fn(|context| self.poll_exchange(context, &mut Silence));
        let _ = timeout(patience, reading).await;
    }

    /// Reads on, and answers nothing, until the connection ends, for `patience` at most.
    pub(crate) async fn read_until_end(&mut self, patience: Duration) {
        let mut rest = vec![0; REST];
        let reading = async { while let Ok(1..) = self.io.read(&mut rest).await {} };
        let _ = timeout(patience, reading).await;
    }

    /// Ends the connection at once, by a reset where there is such a thing.
    pub(crate) fn reset(self) {
        self.io.make_end_reset();
    }

    /// Ends the connection gently.
    pub(crate) async fn finish(mut self) {
        let ending = async {
            let _ = self.io.shutdown().await;
            self.read_until_end(LINGER).await;
        };
        let _ = timeout(LINGER, ending).await;
    }
}

/// Answers nothing.
struct Silence;

impl Answer for Silence {
    fn answer(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Outbox) {}

    fn answer_ping(&mut self, payload: &[u8], outbox: &mut Outbox) {
        outbox.pong(payload);
    }

    fn held(&self) -> usize {
        0
    }
}
