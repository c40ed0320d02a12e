//! Handler: an endpoint's part in a WebSocket connection.

use std::{
    borrow::Cow,
    task::{Context, Poll},
    time::Duration,
};

use protocol::{Close, Kind, Part};

use super::{outbox::Outbox, shared_message::SharedMessage};
use crate::{memory::account::Held, operation::record::Tally};

/// Bytes waiting to be written above which a handler that sends unasked must wait.
pub(crate) const ROOM: usize = 64 << 10;

/// Endpoint's part in a connection. The default methods echo messages, answer pings, and do nothing else.
pub(crate) trait Handler: Send {
    /// Handles a message, and answers with any number of messages.
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, responder: &mut Responder<'_>) {
        responder.message(kind, payload);
    }

    /// Answers a ping (RFC 6455 section 5.5.2).
    fn on_ping(&mut self, payload: &[u8], responder: &mut Responder<'_>) {
        responder.outbox.pong(payload);
    }

    /// Handles a pong.
    fn on_pong(&mut self, _: &[u8]) {}

    /// Handles the peer's Close frame; `None` if it was empty.
    fn on_close(&mut self, _: Option<&Close>) {}

    /// True if [`Handler::poll`] does anything.
    fn is_active(&self) -> bool {
        true
    }

    /// Sends messages that are due, as long as [`Responder::has_room`]. Ready to end the connection.
    ///
    /// Called after each activity on the connection, and when `context` is woken.
    fn poll(&mut self, _: &mut Context<'_>, _: &mut Responder<'_>) -> Poll<Finish> {
        Poll::Pending
    }

    /// Bytes held back to be sent later, here or by another connection. They count towards
    /// [`Limits::waiting`](crate::Limits::waiting).
    fn pending_bytes(&self) -> usize {
        0
    }

    /// Memory held for the peer.
    fn held(&self) -> Held {
        Held::own(self.pending_bytes())
    }

    /// True if the handler's own memory budget requires the connection to end. Checked after each poll, and during the
    /// closing handshake.
    fn is_shed(&self) -> bool {
        false
    }

    /// Frees the memory held for the peer, which gets nothing more.
    fn discard(&mut self) {}

    /// False if messages are not to be logged.
    fn logs_messages(&self) -> bool {
        true
    }

    /// Sends held-back messages, before a Close frame of either side is answered or sent.
    fn before_close(&mut self, _: &mut Responder<'_>) {}

    /// Time to leave the peer's Close frame unanswered before dropping the connection. `None` to
    /// answer it.
    fn close_delay(&self) -> Option<Duration> {
        None
    }
}

/// Sending side of a handler. Counts messages for the metrics.
pub(crate) struct Responder<'a> {
    /// Queue of the connection, for control frames too.
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) tally: &'a mut Tally,
}

impl Responder<'_> {
    /// True while fewer than [`ROOM`] bytes wait to be written.
    pub(crate) fn has_room(&self) -> bool {
        self.outbox.waiting() < ROOM
    }

    /// Sends a message.
    #[inline]
    pub(crate) fn message(&mut self, kind: Kind, payload: Cow<'_, [u8]>) {
        self.count(payload.len());
        self.outbox.message(kind, payload);
    }

    /// Sends a binary message that begins with `head`, uncompressed.
    pub(crate) fn headed_message(&mut self, head: &[u8], payload: Cow<'_, [u8]>) {
        self.count(head.len() + payload.len());
        self.outbox.headed_message(head, payload);
    }

    /// Sends a message shared with other peers.
    pub(crate) fn shared_message(&mut self, message: &SharedMessage) {
        self.count(message.len());
        self.outbox.shared_message(message);
    }

    /// Sends a part of a message. Nothing else may be sent before the last one.
    pub(crate) fn part(&mut self, part: Part<'_>) {
        if part.is_first {
            self.count(part.message_len);
        }
        self.outbox.part(part);
    }

    /// Sends a message in frames of `len` bytes; the last one may be shorter.
    pub(crate) fn fragmented_message(&mut self, kind: Kind, payload: &[u8], len: usize) {
        self.count(payload.len());
        self.outbox.fragmented_message(kind, payload, len);
    }

    /// Sends raw bytes, valid frames or not.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.outbox.raw(bytes);
    }

    /// Counts a message of `len` bytes as sent, whether it is compressed or not.
    fn count(&mut self, len: usize) {
        self.tally.sent += 1;
        self.tally.sent_bytes += len as u64;
    }
}

/// End of a connection by its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// Closing handshake, with a code and reason or an empty Close frame.
    Close(Option<Close>),
    /// Waiting for the peer's Close frame: the handler has sent its own, raw. `code` is for the
    /// metrics.
    Closed { code: u16 },
    /// End of the connection without a Close frame.
    Abort(Abort),
}

/// Method of ending a connection without a Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abort {
    /// TCP's orderly end: everything sent arrives.
    Fin,
    /// TCP reset: bytes sent may be lost.
    Reset,
}
