//! Socket of a session: one attempt to connect, from opening to end.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use connector::{ConnectError, Connection, OpeningReport};
use futures::{FutureExt, future::BoxFuture};
use protocol::{Deflate, Received, Violation};
use session::{Close, CloseCode, Direction, EndReason, Fact, Frame, Handshake, Message};
use tokio::{
    task::coop::cooperative,
    time::{Instant, Sleep, sleep_until, timeout},
};

use crate::{
    handshake::shown_url,
    quantity::format_counted,
    websocket::{Outgoing, ReceiveError, WebSocket, to_close, to_message},
};

/// Bytes waiting to be written, beyond which no other message is encoded.
const MAX_UNWRITTEN: usize = 128 << 10;

/// Bytes of pongs that the peer has not read, at most: past it, nothing more is read from the peer until
/// they are written. Some 500 pings; a peer that keeps pinging but does not read costs no more.
const MAX_PONGS: usize = 64 << 10;

/// Closing handshake timeout: for the peer's Close frame and the end of TCP, counted from the last
/// byte written.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// HTTP status of a handshake that opens a WebSocket.
const SWITCHING_PROTOCOLS: u16 = 101;

/// Event of the socket.
pub(crate) enum SocketEvent {
    /// End of a successful opening handshake.
    Opened(Opened),
    /// Opening that failed; no event follows.
    Failed(ConnectError),
    /// Complete message of the peer.
    Received(Message),
    /// Frames sent and received, in their order; the event that they belong to follows.
    Frames(Vec<(Direction, Frame)>),
    /// Ping received; the pong is sent.
    Ping(Vec<u8>),
    /// Pong of the peer, with its data.
    Pong(Vec<u8>),
    /// Close frame received; [`Self::Ended`] follows.
    Close(Close),
    /// Ready for the next [`Socket::send`], or flushed.
    Ready,
    /// End of the socket; no event follows.
    Ended(SocketEnd),
}

impl SocketEvent {
    /// Fact of a message or control frame received, or of the end of an open socket, for records.
    pub(crate) fn fact(&self) -> Option<Fact> {
        Some(match self {
            Self::Received(message) => Fact::Message(Direction::In, message.clone(), None),
            Self::Ping(data) => Fact::Ping(Direction::In, data.clone()),
            Self::Pong(data) => Fact::Pong(Direction::In, data.clone(), None),
            Self::Close(close) => Fact::Close(Direction::In, close.clone()),
            Self::Ended(end) => {
                Fact::Ended(EndReason::Closed(end.close()), end.cause(), Handshake::default())
            }
            Self::Opened(_) | Self::Failed(_) | Self::Frames(_) | Self::Ready => return None,
        })
    }
}

/// Result of the opening handshake.
pub(crate) struct Opened {
    /// URL of the server, after redirects.
    pub(crate) url: String,
    /// Address of the TCP connection.
    pub(crate) address: Option<SocketAddr>,
    /// Report of the opening; none of one that was accepted.
    pub(crate) report: Option<Box<OpeningReport>>,
    /// Subprotocol that the server selected.
    pub(crate) subprotocol: Option<String>,
    /// Parameters of permessage-deflate, if it was agreed on.
    pub(crate) deflate: Option<Deflate>,
}

impl Opened {
    /// Handshake of attempt `attempt`, for records.
    pub(crate) fn handshake(&self, attempt: Option<u32>) -> Handshake {
        Handshake {
            attempt,
            url: Some(self.url.clone()),
            address: self.address.map(|address| address.to_string()),
            status: Some(SWITCHING_PROTOCOLS),
            subprotocol: self.subprotocol.clone(),
            extensions: self.deflate.map(|deflate| deflate.to_string()),
        }
    }
}

/// Handshake of attempt `attempt` that failed, for records.
pub(crate) fn failed_handshake(
    error: &ConnectError,
    attempt: Option<u32>,
    shows_secrets: bool,
) -> Handshake {
    Handshake {
        attempt,
        url: Some(shown_url(error.url(), shows_secrets)),
        address: error.address().map(|address| address.to_string()),
        status: error.status(),
        ..Handshake::default()
    }
}

/// End of an open socket.
#[derive(Debug)]
pub(crate) enum SocketEnd {
    /// With a Close frame of the peer.
    Closed {
        /// Its code and reason.
        close: Close,
        /// Minimum number of bytes not written, if they belong to messages.
        unsent: Option<u64>,
    },
    /// Without a Close frame of the peer.
    Lost {
        /// I/O error, if any.
        cause: Option<String>,
        /// As of [`Self::Closed`].
        unsent: Option<u64>,
    },
    /// Violation of the protocol, or of the maximum size, by the peer.
    Violation(Violation),
}

impl SocketEnd {
    /// Close code and reason of the end: the peer's; 1006 without a Close frame; after a violation, those of the
    /// Close frame that was sent for it.
    pub(crate) fn close(&self) -> Close {
        match self {
            Self::Closed { close, .. } => close.clone(),
            Self::Lost { .. } => Close::abnormal(),
            Self::Violation(violation) => {
                Close { code: CloseCode(violation.close_code()), reason: String::new() }
            }
        }
    }

    /// Cause in words, if it is known.
    pub(crate) fn cause(&self) -> Option<String> {
        match self {
            Self::Closed { .. } => None,
            Self::Lost { cause, .. } => cause.clone(),
            Self::Violation(violation) => Some(violation.to_string()),
        }
    }
}

/// Sentence about a violation by the peer.
pub(crate) fn violation_sentence(violation: Violation) -> String {
    match violation {
        Violation::LargeFrame(limit) | Violation::LargeMessage(limit) => {
            let limit = format_counted(limit as u64, "byte", "bytes");
            format!("The peer sent a message larger than {limit}; --max-message raises the limit.")
        }
        violation => format!("The peer violated the protocol: {violation}."),
    }
}

/// Stage of a socket.
#[expect(clippy::large_enum_variant, reason = "there is one")]
enum Stage {
    /// No connection.
    Idle,
    Opening(BoxFuture<'static, Result<(Opened, WebSocket), ConnectError>>),
    /// Open, or in the closing handshake.
    Open(OpenSocket),
}

/// Socket of the session's current attempt, if any.
pub(crate) struct Socket {
    /// Opening, open or ended.
    stage: Stage,
    /// Maximum size of a received message, in bytes.
    max_message: usize,
    /// Minimum size of a message to be compressed, in bytes, if compression was negotiated.
    compress_from: usize,
    /// True to report frames.
    shows_frames: bool,
}

/// Socket after the opening handshake.
#[expect(clippy::struct_excessive_bools, reason = "any of them can be true")]
struct OpenSocket {
    /// Codec and buffers over the stream.
    websocket: WebSocket,
    /// Event after the frames that belong to it.
    next: Option<SocketEvent>,
    /// Accepted by [`Socket::send`], not yet encoded: the peer may have to read first.
    queued: Option<Outgoing>,
    /// Close frame to send after it.
    then_close: Option<Close>,
    /// True while bytes may not be written to the system.
    unflushed: bool,
    /// True once a write has failed.
    has_failed: bool,
    /// True if a message may be among them, or was lost with them.
    holds_message: bool,
    /// Time of the last flush that completed a message.
    last_message: Instant,
    /// Bytes of pongs since everything was written.
    pongs: usize,
    /// True if writing comes before reading in the next poll: neither may starve the other.
    writes_first: bool,
    /// Close frame received.
    peers_close: Option<Close>,
    /// Runs from the first Close frame on; restarted while bytes are written.
    close_timer: Option<Pin<Box<Sleep>>>,
    /// Upper limit of the restarts.
    close_deadline: Option<Instant>,
}

impl Socket {
    /// Socket without a connection.
    pub(crate) fn new(max_message: usize) -> Self {
        Self { stage: Stage::Idle, max_message, compress_from: 0, shows_frames: false }
    }

    /// Sends messages of fewer bytes uncompressed.
    pub(crate) fn compress_from(self, compress_from: usize) -> Self {
        Self { compress_from, ..self }
    }

    /// With `shows_frames`, reports each frame as [`SocketEvent::Frames`]. Frames then cost an
    /// event each.
    pub(crate) fn show_frames(self, shows_frames: bool) -> Self {
        Self { shows_frames, ..self }
    }

    /// Opens a socket with the future `connecting`; the previous one must have ended.
    pub(crate) fn open(
        &mut self,
        connecting: impl Future<Output = Result<Connection, ConnectError>> + Send + 'static,
    ) {
        let (max_message, compress_from) = (self.max_message, self.compress_from);
        self.stage = Stage::Opening(Box::pin(async move {
            let mut connection = connecting.await?;
            let opened = Opened {
                url: connection.url.to_string(),
                address: connection.address,
                report: Some(std::mem::take(&mut connection.opening)),
                subprotocol: connection.subprotocol.clone(),
                deflate: connection.deflate,
            };
            Ok((opened, WebSocket::new(connection, max_message, compress_from)))
        }));
    }

    /// Opens a socket with the future `accepting`, of a peer that connects; the previous one must have ended.
    pub(crate) fn accept(
        &mut self,
        accepting: impl Future<Output = (Opened, WebSocket)> + Send + 'static,
    ) {
        self.stage = Stage::Opening(Box::pin(accepting.map(Ok)));
    }

    /// Sends, and waits until everything is written to the system, or a write has failed. Returns
    /// false if the peer does not read it in `time`. Nothing is read meanwhile. Does nothing unless
    /// the socket [is ready](Self::is_ready).
    pub(crate) async fn write(&mut self, outgoing: Outgoing, time: Duration) -> bool {
        if !self.is_ready() {
            return true;
        }
        self.send(outgoing);
        let written = std::future::poll_fn(|context| {
            let Stage::Open(socket) = &mut self.stage else { return Poll::Ready(()) };
            while !socket.has_failed && (socket.queued.is_some() || socket.unflushed) {
                if socket.poll_write(context).is_pending() && !socket.has_failed {
                    return Poll::Pending;
                }
            }
            Poll::Ready(())
        });
        timeout(time, written).await.is_ok()
    }

    /// True if [`Self::send`] may be called.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(&self.stage, Stage::Open(OpenSocket { queued: None, close_timer: None, .. }))
    }

    /// True if everything sent was written to the system.
    pub(crate) fn is_flushed(&self) -> bool {
        matches!(&self.stage, Stage::Open(OpenSocket { queued: None, unflushed: false, .. }))
    }

    /// Time at which the last message was written; while one is unfinished, of the last byte written.
    pub(crate) fn last_write(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Open(socket) if self.is_flushed() => Some(socket.last_message),
            Stage::Open(socket) => Some(socket.websocket.last_write()),
            _ => None,
        }
    }

    /// True if a Close frame was received.
    pub(crate) fn is_closed_by_peer(&self) -> bool {
        matches!(&self.stage, Stage::Open(OpenSocket { peers_close: Some(_), .. }))
    }

    /// Queues a message or frame. Only if the socket [is ready](Self::is_ready).
    pub(crate) fn send(&mut self, outgoing: Outgoing) {
        debug_assert!(self.is_ready(), "{outgoing:?} would be lost");
        if let Stage::Open(socket) = &mut self.stage {
            socket.queued = Some(outgoing);
        }
    }

    /// Starts the closing handshake, or cancels the opening. Returns true if the socket is gone at
    /// once.
    pub(crate) fn close(&mut self, close: Close) -> bool {
        let Stage::Open(socket) = &mut self.stage else {
            self.stage = Stage::Idle;
            return true;
        };
        // The peer's Close frame is answered already.
        if socket.peers_close.is_none() {
            socket.then_close = Some(close);
        }
        socket.start_close_timer();
        false
    }

    /// Limits the rest of the closing handshake to `time`, even while bytes are written.
    pub(crate) fn limit_close(&mut self, time: Duration) {
        if let Stage::Open(socket) = &mut self.stage {
            let deadline = Instant::now() + time;
            socket.close_deadline = Some(deadline);
            if let Some(timer) = &mut socket.close_timer
                && timer.deadline() > deadline
            {
                timer.as_mut().reset(deadline);
            }
        }
    }

    /// Next event. Cancel safe.
    pub(crate) async fn event(&mut self) -> SocketEvent {
        // Per event, not per read: a read buffer holds thousands of small messages, and the timers run
        // only when the task yields.
        cooperative(std::future::poll_fn(|context| self.poll_event(context))).await
    }

    /// Polls the current stage.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        let event = match &mut self.stage {
            Stage::Idle => return Poll::Pending,
            Stage::Opening(connecting) => match ready!(connecting.poll_unpin(context)) {
                Ok((opened, mut websocket)) => {
                    if self.shows_frames {
                        websocket.watch_frames();
                    }
                    self.stage = Stage::Open(OpenSocket::new(websocket));
                    return Poll::Ready(SocketEvent::Opened(opened));
                }
                Err(error) => SocketEvent::Failed(error),
            },
            Stage::Open(socket) => ready!(socket.poll_next(context)),
        };
        if matches!(event, SocketEvent::Failed(_) | SocketEvent::Ended(_)) {
            self.stage = Stage::Idle;
        }
        Poll::Ready(event)
    }
}

impl OpenSocket {
    /// Socket with nothing to send.
    fn new(websocket: WebSocket) -> Self {
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
    fn start_close_timer(&mut self) {
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
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
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
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::*;

    /// Open socket, and the other end of its stream, which holds 16 bytes.
    async fn open() -> (Socket, DuplexStream) {
        let (stream, peer) = tokio::io::duplex(16);
        let websocket = WebSocket::of_role(protocol::Server, Box::new(stream), &[], None, 1_000, 0);
        let opened = Opened {
            url: String::new(),
            address: None,
            report: None,
            subprotocol: None,
            deflate: None,
        };
        let mut socket = Socket::new(1_000);
        socket.accept(std::future::ready((opened, websocket)));
        assert!(matches!(socket.event().await, SocketEvent::Opened(_)));
        (socket, peer)
    }

    #[tokio::test]
    async fn a_message_that_the_peers_close_overtakes_is_unsent() {
        let (mut socket, mut peer) = open().await;
        for bytes in [MAX_UNWRITTEN, 99] {
            while !socket.is_ready() {
                socket.event().await;
            }
            socket.send(Outgoing::Message(Message::Binary(vec![0; bytes])));
        }
        // Masked with zeros: 1000.
        peer.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await.unwrap();
        while !matches!(socket.event().await, SocketEvent::Close(_)) {}
        let reading = tokio::spawn(async move { peer.read_to_end(&mut Vec::new()).await });
        let end = loop {
            if let SocketEvent::Ended(end) = socket.event().await {
                break end;
            }
        };
        assert!(matches!(end, SocketEnd::Closed { unsent: Some(99), .. }), "{end:?}");
        drop(socket);
        reading.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_failed_write_is_not_waited_for() {
        let (mut socket, peer) = open().await;
        drop(peer);
        let message = Outgoing::Message(Message::Binary(vec![0; 99]));
        assert!(socket.write(message, CLOSE_TIMEOUT).await, "it waited for a peer that is gone");
        let end = socket.event().await;
        assert!(matches!(end, SocketEvent::Ended(SocketEnd::Lost { unsent: Some(_), .. })));
    }
}
