//! Open socket: messages and frames out and in, up to the end of the closing handshake.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::FutureExt;
use protocol::Received;
use session::Close;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{SocketEnd, SocketEvent};
use crate::websocket::{Outgoing, ReceiveError, WebSocket, to_close, to_message};

/// Bytes waiting to be written, beyond which no other message is encoded.
pub(super) const MAX_UNWRITTEN: usize = 128 << 10;

/// Bytes of pongs that the peer has not read, at most: past it, nothing more is read from the peer until
/// they are written. Some 500 pings; a peer that keeps pinging but does not read costs no more.
const MAX_PONGS: usize = 64 << 10;

/// Closing handshake timeout: for the peer's Close frame and the end of TCP, counted from the last
/// byte written.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// Socket after the opening handshake.
#[expect(clippy::struct_excessive_bools, reason = "any of them can be true")]
pub(super) struct OpenSocket {
    /// Codec and buffers over the stream.
    pub(super) websocket: WebSocket,
    /// Event after the frames that belong to it.
    next: Option<SocketEvent>,
    /// Accepted by [`Socket::send`](super::Socket::send), not yet encoded: the peer may have to read first.
    pub(super) queued: Option<Outgoing>,
    /// Close frame to send after it.
    pub(super) then_close: Option<Close>,
    /// True while bytes may not be written to the system.
    pub(super) unflushed: bool,
    /// True once a write has failed.
    pub(super) has_failed: bool,
    /// True if a message may be among them, or was lost with them.
    holds_message: bool,
    /// Time of the last flush that completed a message.
    pub(super) last_message: Instant,
    /// Bytes of pongs since everything was written.
    pongs: usize,
    /// True if writing comes before reading in the next poll: neither may starve the other.
    writes_first: bool,
    /// Close frame received.
    pub(super) peers_close: Option<Close>,
    /// Runs from the first Close frame on; restarted while bytes are written.
    pub(super) close_timer: Option<Pin<Box<Sleep>>>,
    /// Upper limit of the restarts.
    pub(super) close_deadline: Option<Instant>,
}

impl OpenSocket {
    /// Socket with nothing to send.
    pub(super) fn new(websocket: WebSocket) -> Self {
        Self {
            websocket,
            next: None,
            queued: None,
            then_close: None,
            unflushed: false,
            has_failed: false,
            holds_message: false,
            last_message: Instant::now(),
            pongs: 0,
            writes_first: false,
            peers_close: None,
            close_timer: None,
            close_deadline: None,
        }
    }

    /// Starts the close timer, unless it runs.
    pub(super) fn start_close_timer(&mut self) {
        let until = Instant::now() + CLOSE_TIMEOUT;
        self.close_timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
    }

    /// Ready when the closing handshake has timed out. Every byte written restarts its time.
    fn poll_close_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(timer) = &mut self.close_timer else { return Poll::Pending };
        loop {
            ready!(timer.poll_unpin(context));
            let until = self.websocket.last_write() + CLOSE_TIMEOUT;
            let until = self.close_deadline.map_or(until, |deadline| until.min(deadline));
            if until <= timer.deadline() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
    }

    /// Next event, the frames that belong to it first.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        if let Some(event) = self.next.take() {
            return Poll::Ready(event);
        }
        let event = ready!(self.poll_event(context));
        let frames = self.websocket.take_frames();
        if frames.is_empty() {
            return Poll::Ready(event);
        }
        self.next = Some(event);
        Poll::Ready(SocketEvent::Frames(frames))
    }

    /// Polls close timer, reads and writes. Reads and writes take turns to be first.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        // First, or a peer that keeps sending would never time out.
        if self.poll_close_timer(context).is_ready() {
            return Poll::Ready(SocketEvent::Ended(self.end_without_error()));
        }
        self.writes_first = !self.writes_first;
        if self.writes_first
            && let Poll::Ready(event) = self.poll_write(context)
        {
            return Poll::Ready(event);
        }
        if let Poll::Ready(event) = self.poll_read(context) {
            return Poll::Ready(event);
        }
        if !self.writes_first
            && let Poll::Ready(event) = self.poll_write(context)
        {
            return Poll::Ready(event);
        }
        Poll::Pending
    }

    /// Encodes the queued frame once there is room for it; flushes if there is none. A message that was
    /// queued when the peer closed stays, to be reported: nothing follows a Close frame.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        if self.queued.is_none() {
            self.queued = self.then_close.take().map(Outgoing::Close);
        }
        if self.queued.is_some() && self.peers_close.is_none() {
            if self.websocket.unwritten() >= MAX_UNWRITTEN {
                ready!(self.poll_output(context, MAX_UNWRITTEN / 2));
            }
            if let Some(outgoing) = self.queued.take() {
                self.encode(&outgoing);
            }
            return Poll::Ready(SocketEvent::Ready);
        }
        if self.unflushed {
            ready!(self.poll_output(context, 0));
            return Poll::Ready(SocketEvent::Ready);
        }
        Poll::Pending
    }

    /// Appends a frame to the output.
    fn encode(&mut self, outgoing: &Outgoing) {
        self.unflushed = true;
        self.holds_message |= matches!(outgoing, Outgoing::Message(_) | Outgoing::Fragments(..));
        self.websocket.send(outgoing);
    }

    /// Writes the output until at most `rest` bytes are left. Pending once a write has failed: reading
    /// reports the better error.
    fn poll_output(&mut self, context: &mut Context<'_>, rest: usize) -> Poll<()> {
        if ready!(self.websocket.poll_write(context, rest)).is_err() {
            self.has_failed = true;
            return Poll::Pending;
        }
        if self.websocket.unwritten() == 0 {
            self.unflushed = false;
            self.pongs = 0;
            if std::mem::take(&mut self.holds_message) {
                self.last_message = Instant::now();
            }
        }
        Poll::Ready(())
    }

    /// Next message or frame of the peer. Nothing is read from a peer that does not read.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        if self.peers_close.is_some() {
            ready!(self.websocket.poll_end(context));
            return Poll::Ready(SocketEvent::Ended(self.end_without_error()));
        }
        if self.pongs.min(self.websocket.unwritten()) > MAX_PONGS
            && self.websocket.poll_write(context, MAX_PONGS / 2).is_pending()
        {
            return Poll::Pending;
        }
        let received = match ready!(self.websocket.poll_receive(context)) {
            Ok(received) => received,
            Err(error) => return Poll::Ready(SocketEvent::Ended(self.end(context, error))),
        };
        Poll::Ready(match received {
            Received::Message(kind, payload) => SocketEvent::Received(to_message(kind, payload)),
            Received::Ping(payload) => {
                let before = self.websocket.unwritten();
                self.encode(&Outgoing::Pong(payload.to_vec()));
                self.pongs += self.websocket.unwritten() - before;
                SocketEvent::Ping(payload.into_owned())
            }
            Received::Pong(payload) => SocketEvent::Pong(payload.into_owned()),
            // Frames of an incomplete message.
            Received::Progress(_) => SocketEvent::Ready,
            Received::Close(close) => {
                let close = to_close(close);
                self.encode(&Outgoing::Close(close.clone()));
                self.peers_close = Some(close.clone());
                self.start_close_timer();
                SocketEvent::Close(close)
            }
        })
    }

    /// End of the stream: closed if a Close frame was received, else lost.
    fn end_without_error(&mut self) -> SocketEnd {
        let unsent = self.unsent();
        match self.peers_close.take() {
            Some(close) => SocketEnd::Closed { close, unsent },
            None => SocketEnd::Lost { cause: None, unsent },
        }
    }

    /// Number of bytes not written, if messages are among them.
    fn unsent(&self) -> Option<u64> {
        let queued = match &self.queued {
            Some(Outgoing::Message(message) | Outgoing::Fragments(message, _)) => {
                Some(message.len())
            }
            _ => None,
        };
        let left = (self.websocket.unwritten() + queued.unwrap_or_default()) as u64;
        (self.holds_message || queued.is_some()).then_some(left)
    }

    /// End before a Close frame of the peer. Answers a violation with one (RFC 6455 section 7.1.7).
    fn end(&mut self, context: &mut Context<'_>, error: ReceiveError) -> SocketEnd {
        match error {
            ReceiveError::Lost(error) => {
                let error = error.filter(|error| error.kind() != io::ErrorKind::UnexpectedEof);
                let cause = error.map(|error| error.to_string());
                SocketEnd::Lost { cause, unsent: self.unsent() }
            }
            ReceiveError::Violation(violation) => {
                let end = SocketEnd::Violation(violation);
                self.encode(&Outgoing::Close(end.close()));
                // One attempt without waiting: a peer that violates the protocol may not read either.
                let _ = self.websocket.poll_write(context, 0);
                end
            }
        }
    }
}
