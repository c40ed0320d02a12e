//! Sink: events on their way to the page, many in one message.

use std::borrow::Cow;

use relay::{Event, Frame};

use crate::websocket::handler::Responder;

/// Bytes of events in one message, from which on it is sent.
const BATCH: usize = 32 << 10;

/// Bytes of a message from which on it is not copied into a batch.
const LARGE: usize = 16 << 10;

/// Bytes of events that may be on their way to a page, by its own count.
pub(super) const WINDOW: u32 = 1 << 20;

/// Unsent events, and the page's acknowledgements of sent ones.
#[derive(Default)]
pub(super) struct Queue {
    /// Encoded events that are not sent yet.
    batch: Vec<u8>,
    /// Bytes of messages sent to the page.
    sent: u64,
    /// Bytes of them that the page has acknowledged.
    taken: u64,
}

impl Queue {
    /// Records the page's acknowledgement. False if it exceeds the bytes sent.
    pub(super) fn acknowledge(&mut self, taken: u64) -> bool {
        let is_possible = taken <= self.sent;
        if is_possible {
            self.taken = taken.max(self.taken);
        }
        is_possible
    }

    /// True while the page lets more come.
    pub(super) fn is_open(&self) -> bool {
        self.sent + self.batch.len() as u64 - self.taken < u64::from(WINDOW)
    }

    /// Sink that sends by `responder`.
    pub(super) fn sink<'a, 'b>(&'a mut self, responder: &'a mut Responder<'b>) -> Sink<'a, 'b> {
        Sink { queue: self, responder }
    }
}

/// Queue with the way to the page. [`Sink::flush`] must follow the last event.
pub(super) struct Sink<'a, 'b> {
    /// Queue of the session.
    queue: &'a mut Queue,
    /// Sending side of the page's WebSocket.
    responder: &'a mut Responder<'b>,
}

impl Sink<'_, '_> {
    /// True while the page reads: few bytes wait for its socket.
    pub(super) fn has_room(&self) -> bool {
        self.responder.has_room() && self.queue.is_open()
    }

    /// Memory held for the page.
    pub(super) fn held(&self) -> usize {
        self.responder.outbox.held().own + self.queue.batch.capacity()
    }

    /// Sends an event of few bytes.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        event.encode(&mut self.queue.batch);
        if self.queue.batch.len() >= BATCH {
            self.flush();
        }
    }

    /// Sends a frame with the message that it completes, which is not copied if it is large and owned.
    pub(super) fn message(&mut self, frame: Frame<'_>, message: Cow<'_, [u8]>) {
        let event = Event::Frame(Frame { payload: Some(&message), ..frame });
        if message.len() < LARGE {
            return self.event(&event);
        }
        self.flush();
        event.encode_head(&mut self.queue.batch);
        self.queue.sent += (self.queue.batch.len() + message.len()) as u64;
        self.responder.headed_message(&self.queue.batch, message);
        self.queue.batch.clear();
    }

    /// Sends the collected events as one message.
    pub(super) fn flush(&mut self) {
        if !self.queue.batch.is_empty() {
            self.queue.sent += self.queue.batch.len() as u64;
            self.responder.headed_message(&self.queue.batch, Cow::Borrowed(&[]));
            self.queue.batch.clear();
        }
    }
}
