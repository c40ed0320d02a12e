//! One socket of the session, from the attempt to open it to its end; the engine's types end here.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, SinkExt, StreamExt};
use tokio::time::{Sleep, sleep};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self,
        error::{CapacityError, ProtocolError},
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};
use workbench::{Close, CloseCode, Message};

use crate::{
    connect::{ConnectError, Connection},
    dial::Carrier,
};

/// How long the peer's answer to a Close frame, and the end of TCP after it, are waited for.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(3);

/// What goes to the peer.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Message(Message),
    Ping(Vec<u8>),
    Close(Close),
}

/// What happens on the socket.
pub(crate) enum LinkEvent {
    /// It is open; with the subprotocol that the server chose.
    Opened(Option<String>),
    /// It could not be opened.
    Failed(ConnectError),
    Received(Message),
    /// The engine has answered it already.
    Pinged(Vec<u8>),
    Ponged(Vec<u8>),
    /// The peer's Close frame came; the end follows.
    PeerCloses(Close),
    /// What was handed over last has gone to the engine: the next can be.
    TakesMore,
    /// It is over. What the link does from here on is nothing.
    Ended(End),
}

/// How an open socket ended.
#[derive(Debug)]
pub(crate) enum End {
    /// After Close frames went both ways, or the peer's alone.
    Closed(Close),
    /// Without the peer's Close frame; in words, if there is more to say than that.
    Lost(Option<String>),
    /// The peer sent what it must not; in words.
    Violation(String),
    /// The peer sent a message that is larger than this program takes.
    TooLarge,
}

/// The stages of a socket.
#[expect(clippy::large_enum_variant, reason = "there is one")]
enum Stage {
    /// Nothing is wanted.
    None,
    Opening(Pin<Box<dyn Future<Output = Result<Connection, ConnectError>> + Send>>),
    Open(Socket),
}

/// The socket of the session's current attempt, if it has one.
pub(crate) struct Link {
    stage: Stage,
    /// Bytes in a message that comes, at most.
    max_message: usize,
}

struct Socket {
    engine: WebSocketStream<Box<dyn Carrier>>,
    /// Handed over, but not yet to the engine, which waits for the peer.
    queued: Option<Outgoing>,
    /// Follows it as the last.
    then_close: Option<Close>,
    /// Something may be in the engine's buffer.
    unflushed: bool,
    /// The other direction goes first next time: neither may starve the other.
    writes_first: bool,
    /// The peer's Close frame.
    peers_close: Option<Close>,
    /// Runs from the first Close frame on.
    patience: Option<Pin<Box<Sleep>>>,
}

impl Link {
    pub(crate) fn new(max_message: usize) -> Self {
        Self { stage: Stage::None, max_message }
    }

    /// Opens a socket by `connecting`; the one before must have ended.
    pub(crate) fn open(
        &mut self,
        connecting: impl Future<Output = Result<Connection, ConnectError>> + Send + 'static,
    ) {
        self.stage = Stage::Opening(Box::pin(connecting));
    }

    /// Whether [`Self::send`] may be called.
    pub(crate) fn takes_more(&self) -> bool {
        matches!(&self.stage, Stage::Open(Socket { queued: None, patience: None, .. }))
    }

    /// Whether all that was sent has left this program.
    pub(crate) fn is_flushed(&self) -> bool {
        matches!(&self.stage, Stage::Open(Socket { queued: None, unflushed: false, .. }))
    }

    /// Hands over what is to be sent. If the link does not [take more](Self::takes_more), it is
    /// dropped.
    pub(crate) fn send(&mut self, outgoing: Outgoing) {
        if let Stage::Open(socket) = &mut self.stage
            && socket.queued.is_none()
        {
            socket.queued = Some(outgoing);
        }
    }

    /// Starts the closing handshake, or calls off the opening. Returns whether the socket is gone
    /// already.
    pub(crate) fn close(&mut self, close: Close) -> bool {
        let Stage::Open(socket) = &mut self.stage else {
            self.stage = Stage::None;
            return true;
        };
        socket.then_close = Some(close);
        socket.patience.get_or_insert_with(|| Box::pin(sleep(CLOSE_HANDSHAKE)));
        false
    }

    /// The next thing that happens. Can be cancelled without loss.
    pub(crate) async fn event(&mut self) -> LinkEvent {
        std::future::poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<LinkEvent> {
        let event = match &mut self.stage {
            Stage::None => return Poll::Pending,
            Stage::Opening(connecting) => match ready!(connecting.poll_unpin(context)) {
                Ok(connection) => {
                    let subprotocol = connection.subprotocol.clone();
                    self.stage = Stage::Open(Socket::new(connection, self.max_message));
                    return Poll::Ready(LinkEvent::Opened(subprotocol));
                }
                Err(error) => LinkEvent::Failed(error),
            },
            Stage::Open(socket) => ready!(socket.poll_event(context)),
        };
        if matches!(event, LinkEvent::Failed(_) | LinkEvent::Ended(_)) {
            self.stage = Stage::None;
        }
        Poll::Ready(event)
    }
}

impl Socket {
    fn new(connection: Connection, max_message: usize) -> Self {
        Self {
            engine: engine(connection, max_message),
            queued: None,
            then_close: None,
            unflushed: false,
            writes_first: false,
            peers_close: None,
            patience: None,
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<LinkEvent> {
        // First, or a peer that sends on and on would not be given up.
        if let Some(patience) = &mut self.patience
            && patience.poll_unpin(context).is_ready()
        {
            return Poll::Ready(LinkEvent::Ended(self.end_without_error()));
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

    /// Hands the engine what is queued, and flushes when nothing is.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<LinkEvent> {
        if self.queued.is_none() {
            self.queued = self.then_close.take().map(Outgoing::Close);
        }
        if self.queued.is_some() {
            // A failure is told better by what is read.
            let is_ready = ready!(self.engine.poll_ready_unpin(context)).is_ok();
            if let Some(outgoing) = self.queued.take().filter(|_| is_ready) {
                let _ = self.engine.start_send_unpin(outgoing.into());
                self.unflushed = true;
            }
            return Poll::Ready(LinkEvent::TakesMore);
        }
        if self.unflushed {
            let _ = ready!(self.engine.poll_flush_unpin(context));
            self.unflushed = false;
            return Poll::Ready(LinkEvent::TakesMore);
        }
        Poll::Pending
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<LinkEvent> {
        loop {
            return Poll::Ready(match ready!(self.engine.poll_next_unpin(context)) {
                Some(Ok(tungstenite::Message::Text(text))) => {
                    LinkEvent::Received(Message::Text(text.as_str().to_owned()))
                }
                Some(Ok(tungstenite::Message::Binary(bytes))) => {
                    LinkEvent::Received(Message::Binary(bytes.into()))
                }
                Some(Ok(tungstenite::Message::Ping(bytes))) => LinkEvent::Pinged(bytes.into()),
                Some(Ok(tungstenite::Message::Pong(bytes))) => LinkEvent::Ponged(bytes.into()),
                Some(Ok(tungstenite::Message::Close(frame))) => {
                    let close = close_of(frame);
                    self.peers_close = Some(close.clone());
                    self.patience.get_or_insert_with(|| Box::pin(sleep(CLOSE_HANDSHAKE)));
                    LinkEvent::PeerCloses(close)
                }
                // The engine gives these only to servers that ask for them.
                Some(Ok(tungstenite::Message::Frame(_))) => continue,
                Some(Err(error)) => LinkEvent::Ended(self.end(error)),
                None => LinkEvent::Ended(self.end_without_error()),
            });
        }
    }

    fn end_without_error(&mut self) -> End {
        self.peers_close.take().map_or(End::Lost(None), End::Closed)
    }

    fn end(&mut self, error: tungstenite::Error) -> End {
        if self.peers_close.is_some() {
            // The end of TCP after both Close frames may be a reset; nothing is lost by it.
            return self.end_without_error();
        }
        let (code, end) = match error {
            tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return End::Lost(None);
            }
            tungstenite::Error::Io(error) => return End::Lost(Some(error.to_string())),
            tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                return End::Lost(None);
            }
            tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => {
                (1009, End::TooLarge)
            }
            tungstenite::Error::Utf8(_) => {
                (1007, End::Violation("text that is not UTF-8".to_owned()))
            }
            error => (1002, End::Violation(error.to_string())),
        };
        // One try without waiting: who breaks the protocol may not read either.
        let frame = Outgoing::Close(Close { code: CloseCode(code), reason: String::new() });
        let _ = self.engine.start_send_unpin(frame.into());
        let _ = self.engine.flush().now_or_never();
        end
    }
}

/// The engine on a stream whose handshake is done.
pub(crate) fn engine(
    connection: Connection,
    max_message: usize,
) -> WebSocketStream<Box<dyn Carrier>> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(max_message))
        .max_frame_size(Some(max_message));
    let Connection { stream, rest, .. } = connection;
    // Nothing in it waits; it is asynchronous by its signature only.
    let made = WebSocketStream::from_partially_read(stream, rest, Role::Client, Some(config));
    made.now_or_never().unwrap_or_else(|| unreachable!("it does not wait"))
}

impl From<Outgoing> for tungstenite::Message {
    fn from(outgoing: Outgoing) -> Self {
        match outgoing {
            Outgoing::Message(Message::Text(text)) => Self::text(text),
            Outgoing::Message(Message::Binary(bytes)) => Self::binary(bytes),
            Outgoing::Ping(payload) => Self::Ping(payload.into()),
            Outgoing::Close(close) if close.code == CloseCode::NO_STATUS => Self::Close(None),
            Outgoing::Close(close) => Self::Close(Some(CloseFrame {
                code: close.code.0.into(),
                reason: close.reason.into(),
            })),
        }
    }
}

fn close_of(frame: Option<CloseFrame>) -> Close {
    frame.map_or(Close { code: CloseCode::NO_STATUS, reason: String::new() }, |frame| Close {
        code: CloseCode(frame.code.into()),
        reason: frame.reason.to_string(),
    })
}
