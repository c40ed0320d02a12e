//! How an endpoint conducts a conversation: what it answers, what it says by itself, how it ends.

use std::{
    borrow::Cow,
    task::{Context, Poll},
    time::Duration,
};

use protocol::{Close, Kind};

use crate::{metrics::Tally, outbox::Outbox};

/// Bytes that wait for the peer past which an endpoint that speaks by itself waits too.
pub(crate) const ROOM: usize = 64 << 10;

/// An endpoint's side of a conversation. What a plain echo does not need does nothing unless an
/// endpoint says otherwise.
pub(crate) trait Conduct: Send {
    /// Answers a message, by any number of messages.
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>);

    /// Answers a ping (RFC 6455 section 5.5.2).
    fn answer_ping(&mut self, payload: &[u8], speech: &mut Speech<'_>) {
        speech.outbox.pong(payload);
    }

    /// Whether [`Conduct::poll`] is worth asking.
    fn acts(&self) -> bool {
        true
    }

    /// Does what is due, as long as [`Speech::has_room`]; ready when the conversation is to end.
    /// Asked whenever something moved on the connection, and when `context` is woken.
    fn poll(&mut self, _: &mut Context<'_>, _: &mut Speech<'_>) -> Poll<Finish> {
        Poll::Pending
    }

    /// Bytes that are kept to be said later, here or by another. With those that wait for the peer
    /// they count towards [`Limits::waiting`](crate::Limits::waiting).
    fn held(&self) -> usize {
        0
    }

    /// Says what is left to say before a Close frame, whoever begins the close.
    fn last_words(&mut self, _: &mut Speech<'_>) {}

    /// The time for which the peer's Close frame is left unanswered, if it is. Then the connection is
    /// dropped.
    fn ignores_close(&self) -> Option<Duration> {
        None
    }
}

impl<C: Conduct + ?Sized> Conduct for Box<C> {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        (**self).answer(kind, payload, speech);
    }

    fn answer_ping(&mut self, payload: &[u8], speech: &mut Speech<'_>) {
        (**self).answer_ping(payload, speech);
    }

    fn acts(&self) -> bool {
        (**self).acts()
    }

    fn poll(&mut self, context: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        (**self).poll(context, speech)
    }

    fn held(&self) -> usize {
        (**self).held()
    }

    fn last_words(&mut self, speech: &mut Speech<'_>) {
        (**self).last_words(speech);
    }

    fn ignores_close(&self) -> Option<Duration> {
        (**self).ignores_close()
    }
}

/// Where an endpoint speaks. What it says is counted.
pub(crate) struct Speech<'a> {
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) tally: &'a mut Tally,
}

impl Speech<'_> {
    /// Whether the peer has taken enough for more to be said.
    pub(crate) fn has_room(&self) -> bool {
        self.outbox.waiting() < ROOM
    }

    /// Sends a message.
    pub(crate) fn message(&mut self, kind: Kind, payload: Cow<'_, [u8]>) {
        self.count(payload.len());
        self.outbox.message(kind, payload);
    }

    /// Sends a message in frames of `len` bytes, the last of which may have fewer.
    pub(crate) fn message_in_frames(&mut self, kind: Kind, payload: &[u8], len: usize) {
        self.count(payload.len());
        self.outbox.message_in_frames(kind, payload, len);
    }

    /// Sends bytes as they are, whatever the protocol says of them.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.outbox.raw(bytes);
    }

    fn count(&mut self, len: usize) {
        self.tally.sent += 1;
        self.tally.sent_bytes += len as u64;
    }
}

/// How an endpoint ends a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// By a Close frame, with a code and reason or empty, and by waiting for the peer's.
    Close(Option<Close>),
    /// By waiting for the peer's Close frame: what stands for one is said already. `code` is what is
    /// counted.
    Closed { code: u16 },
    /// By the end of the connection, without a Close frame.
    Abort(Abort),
}

/// How a connection is ended without a Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abort {
    /// TCP's orderly end. What was sent arrives.
    Fin,
    /// A reset. What was sent may be lost.
    Reset,
}
