//! Socket of a session: one attempt to connect, from opening to end. tungstenite's types end here.

mod backlog;
mod metered_stream;

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, SinkExt, StreamExt};
use session::{Close, CloseCode, Message};
use tokio::{
    task::coop::cooperative,
    time::{Instant, Sleep, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self,
        error::{CapacityError, ProtocolError},
        protocol::CloseFrame,
    },
};

use self::{
    backlog::{Backlog, frame_size},
    metered_stream::MeteredStream,
};
use crate::connector::{ConnectError, Connection, websocket};

/// Close handshake timeout: for the peer's Close frame and the end of TCP, counted from the last
/// byte written.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// Frame or message to send.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Message(Message),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Close),
}

/// Event of the socket.
pub(crate) enum SocketEvent {
    /// Open.
    Opened(Opened),
    /// Could not be opened.
    Failed(ConnectError),
    Received(Message),
    /// Ping received; tungstenite has sent the pong.
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// Close frame received; [`Self::Ended`] follows.
    Close(Close),
    /// Ready for the next [`Socket::send`], or flushed.
    Ready,
    /// The socket is gone; no event follows.
    Ended(SocketEnd),
}

/// Result of the opening handshake.
pub(crate) struct Opened {
    /// URL of the server, after redirects.
    pub(crate) url: String,
    /// Address of the TCP connection.
    pub(crate) address: Option<SocketAddr>,
    /// Subprotocol that the server selected.
    pub(crate) subprotocol: Option<String>,
}

/// End of an open socket.
#[derive(Debug)]
pub(crate) enum SocketEnd {
    /// With a Close frame of the peer.
    Closed(Close),
    /// Without one.
    Lost {
        /// I/O error, if any.
        cause: Option<String>,
        /// Minimum number of bytes not written, if they belong to messages.
        unsent: Option<u64>,
    },
    /// Protocol violation by the peer.
    Violation(String),
    /// Message received that exceeds the maximum size.
    TooLarge,
}

/// Stage of a socket.
#[expect(clippy::large_enum_variant, reason = "there is one")]
enum Stage {
    Idle,
    Opening(Pin<Box<dyn Future<Output = Result<Connection, ConnectError>> + Send>>),
    Open(OpenSocket),
}

/// Socket of the session's current attempt, if any.
pub(crate) struct Socket {
    stage: Stage,
    /// Maximum size of a received message, in bytes.
    max_message: usize,
}

/// Socket after the opening handshake.
struct OpenSocket {
    websocket: WebSocketStream<MeteredStream>,
    /// Accepted by [`Socket::send`], not yet by tungstenite, which may wait for the peer.
    queued: Option<Outgoing>,
    /// Close frame to send after it.
    then_close: Option<Close>,
    /// True while tungstenite may hold bytes in its buffer.
    unflushed: bool,
    /// True if a message may be among them, or was lost with them.
    holds_message: bool,
    /// Time of the last flush that completed a message.
    last_message: Instant,
    backlog: Backlog,
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
        Self { stage: Stage::Idle, max_message }
    }

    /// Opens a socket with the future `connecting`; the previous one must have ended.
    pub(crate) fn open(
        &mut self,
        connecting: impl Future<Output = Result<Connection, ConnectError>> + Send + 'static,
    ) {
        self.stage = Stage::Opening(Box::pin(connecting));
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
            Stage::Open(socket) => Some(socket.websocket.get_ref().last_write()),
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

    /// Starts the close handshake, or cancels the opening. True if the socket is gone at once.
    pub(crate) fn close(&mut self, close: Close) -> bool {
        let Stage::Open(socket) = &mut self.stage else {
            self.stage = Stage::Idle;
            return true;
        };
        // tungstenite answers the peer's Close frame by itself.
        if socket.peers_close.is_none() {
            socket.then_close = Some(close);
        }
        socket.start_close_timer();
        false
    }

    /// Limits the rest of the close handshake to `time`, even while bytes are written.
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
                Ok(connection) => {
                    let opened = Opened {
                        url: connection.url.to_string(),
                        address: connection.address,
                        subprotocol: connection.subprotocol.clone(),
                    };
                    self.stage = Stage::Open(OpenSocket::new(connection, self.max_message));
                    return Poll::Ready(SocketEvent::Opened(opened));
                }
                Err(error) => SocketEvent::Failed(error),
            },
            Stage::Open(socket) => ready!(socket.poll_event(context)),
        };
        if matches!(event, SocketEvent::Failed(_) | SocketEvent::Ended(_)) {
            self.stage = Stage::Idle;
        }
        Poll::Ready(event)
    }
}

impl OpenSocket {
    fn new(connection: Connection, max_message: usize) -> Self {
        let Connection { stream, rest, .. } = connection;
        let stream = MeteredStream::new(stream);
        Self {
            websocket: websocket(stream, rest, max_message),
            queued: None,
            then_close: None,
            unflushed: false,
            holds_message: false,
            last_message: Instant::now(),
            backlog: Backlog::default(),
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

    /// Ready when the close handshake has timed out.
    fn poll_close_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(timer) = &mut self.close_timer else { return Poll::Pending };
        loop {
            ready!(timer.poll_unpin(context));
            let until = self.websocket.get_ref().last_write() + CLOSE_TIMEOUT;
            let until = self.close_deadline.map_or(until, |deadline| until.min(deadline));
            if until <= timer.deadline() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
    }

    /// Polls close timer, reads and writes.
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

    /// Passes the queued frame to tungstenite; flushes if there is none.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        if self.queued.is_none() {
            self.queued = self.then_close.take().map(Outgoing::Close);
        }
        if self.queued.is_some() {
            // Reading reports the better error.
            let is_ready = ready!(self.websocket.poll_ready_unpin(context)).is_ok();
            if let Some(outgoing) = self.queued.take() {
                self.holds_message |= matches!(outgoing, Outgoing::Message(_));
                let is_close = matches!(outgoing, Outgoing::Close(_));
                let message = tungstenite::Message::from(outgoing);
                self.backlog.sent(message.len(), is_close);
                if is_ready {
                    let _ = self.websocket.start_send_unpin(message);
                    self.unflushed = true;
                }
            }
            return Poll::Ready(SocketEvent::Ready);
        }
        if self.unflushed {
            let flushed = ready!(self.websocket.poll_flush_unpin(context));
            self.unflushed = false;
            if flushed.is_ok() && self.holds_message {
                self.holds_message = false;
                self.last_message = Instant::now();
            }
            return Poll::Ready(SocketEvent::Ready);
        }
        Poll::Pending
    }

    /// Next message or frame from tungstenite. Nothing is read from a peer that does not read.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        if self.backlog.has_too_many_pongs(self.websocket.get_ref().written()) {
            // Reading reports the better error.
            let _ = ready!(self.websocket.poll_flush_unpin(context));
        }
        loop {
            return Poll::Ready(match ready!(self.websocket.poll_next_unpin(context)) {
                Some(Ok(tungstenite::Message::Text(text))) => {
                    SocketEvent::Received(Message::Text(text.as_str().to_owned()))
                }
                Some(Ok(tungstenite::Message::Binary(bytes))) => {
                    SocketEvent::Received(Message::Binary(bytes.into()))
                }
                Some(Ok(tungstenite::Message::Ping(bytes))) => {
                    self.backlog.ponged(bytes.len(), self.websocket.get_ref().written());
                    SocketEvent::Ping(bytes.into())
                }
                Some(Ok(tungstenite::Message::Pong(bytes))) => SocketEvent::Pong(bytes.into()),
                Some(Ok(tungstenite::Message::Close(frame))) => {
                    let close = to_close(frame);
                    self.peers_close = Some(close.clone());
                    self.start_close_timer();
                    SocketEvent::Close(close)
                }
                // Never returned by a read.
                Some(Ok(tungstenite::Message::Frame(_))) => continue,
                Some(Err(error)) => SocketEvent::Ended(self.end(error)),
                None => SocketEvent::Ended(self.end_without_error()),
            });
        }
    }

    /// End of the stream: closed if a Close frame was received, else lost.
    fn end_without_error(&mut self) -> SocketEnd {
        self.peers_close.take().map_or_else(|| self.lost(None), SocketEnd::Closed)
    }

    /// Lost connection, with the number of unsent bytes if messages were queued.
    fn lost(&self, cause: Option<String>) -> SocketEnd {
        let queued = match &self.queued {
            Some(Outgoing::Message(message)) => frame_size(message.len()),
            _ => 0,
        };
        let left = self.backlog.unwritten(self.websocket.get_ref().written()) + queued;
        SocketEnd::Lost { cause, unsent: (self.holds_message || queued > 0).then_some(left) }
    }

    /// End by an error of tungstenite. Answers a violation with a Close frame (RFC 6455 section
    /// 7.1.7).
    fn end(&mut self, error: tungstenite::Error) -> SocketEnd {
        if self.peers_close.is_some() {
            // TCP may end with a reset after both Close frames; nothing is lost by it.
            return self.end_without_error();
        }
        let (code, end) = match error {
            tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return self.lost(None);
            }
            tungstenite::Error::Io(error) => return self.lost(Some(error.to_string())),
            tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                return self.lost(None);
            }
            tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => {
                (1009, SocketEnd::TooLarge)
            }
            tungstenite::Error::Utf8(_) => {
                (1007, SocketEnd::Violation("text that is not UTF-8".to_owned()))
            }
            error => (1002, SocketEnd::Violation(error.to_string())),
        };
        // One attempt without waiting: a peer that violates the protocol may not read either.
        let frame = Outgoing::Close(Close { code: CloseCode(code), reason: String::new() });
        let _ = self.websocket.start_send_unpin(frame.into());
        let _ = self.websocket.flush().now_or_never();
        end
    }
}

impl From<Outgoing> for tungstenite::Message {
    fn from(outgoing: Outgoing) -> Self {
        match outgoing {
            Outgoing::Message(Message::Text(text)) => Self::text(text),
            Outgoing::Message(Message::Binary(bytes)) => Self::binary(bytes),
            Outgoing::Ping(payload) => Self::Ping(payload.into()),
            Outgoing::Pong(payload) => Self::Pong(payload.into()),
            Outgoing::Close(close) if close.code == CloseCode::NO_STATUS => Self::Close(None),
            Outgoing::Close(close) => Self::Close(Some(CloseFrame {
                code: close.code.0.into(),
                reason: close.reason.into(),
            })),
        }
    }
}

/// Converts a Close frame; without a code it is 1005 (RFC 6455 section 7.1.5).
fn to_close(frame: Option<CloseFrame>) -> Close {
    frame.map_or(Close { code: CloseCode::NO_STATUS, reason: String::new() }, |frame| Close {
        code: CloseCode(frame.code.into()),
        reason: frame.reason.to_string(),
    })
}
