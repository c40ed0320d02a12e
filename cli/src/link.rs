//! One socket of the session, from the attempt to open it to its end; the engine's types end here.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, SinkExt, StreamExt};
use session::{Close, CloseCode, Message};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self,
        error::{CapacityError, ProtocolError},
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use crate::{
    connect::{ConnectError, Connection},
    dial::Carrier,
};

/// How long the peer's answer to a Close frame, and the end of TCP after it, are waited for once
/// nothing moves any more.
pub(crate) const CLOSE_HANDSHAKE: Duration = Duration::from_secs(3);

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
    /// Without the peer's Close frame.
    Lost {
        /// In words, if there is more to say than that.
        cause: Option<String>,
        /// If messages had not left this program: how many bytes of them at least.
        unsent: Option<u64>,
    },
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
    engine: WebSocketStream<Metered>,
    /// Handed over, but not yet to the engine, which waits for the peer.
    queued: Option<Outgoing>,
    /// Follows it as the last.
    then_close: Option<Close>,
    /// Something may be in the engine's buffer.
    unflushed: bool,
    /// It may be a message, or one was lost with it.
    holds_message: bool,
    /// When messages last had gone out whole.
    last_message: Instant,
    /// Bytes of all frames that were handed over.
    handed_over: u64,
    /// The other direction goes first next time: neither may starve the other.
    writes_first: bool,
    /// The peer's Close frame.
    peers_close: Option<Close>,
    /// Runs from the first Close frame on, and anew while bytes go out.
    patience: Option<Pin<Box<Sleep>>>,
    /// When it ends though they do.
    latest: Option<Instant>,
}

/// A stream that knows how much went out, and when something last did.
struct Metered {
    stream: Box<dyn Carrier>,
    written: u64,
    last_write: Instant,
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

    /// When the last message went out; while one is on its way, its last byte so far.
    pub(crate) fn moved(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Open(socket) if self.is_flushed() => Some(socket.last_message),
            Stage::Open(socket) => Some(socket.engine.get_ref().last_write),
            _ => None,
        }
    }

    /// Whether the peer's Close frame came.
    pub(crate) fn is_closed_by_peer(&self) -> bool {
        matches!(&self.stage, Stage::Open(Socket { peers_close: Some(_), .. }))
    }

    /// Hands over what is to be sent. Only if the link [takes more](Self::takes_more).
    pub(crate) fn send(&mut self, outgoing: Outgoing) {
        debug_assert!(self.takes_more(), "{outgoing:?} would be lost");
        if let Stage::Open(socket) = &mut self.stage {
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
        // The engine answers the peer's by itself.
        if socket.peers_close.is_none() {
            socket.then_close = Some(close);
        }
        socket.await_end();
        false
    }

    /// Gives the peer this long for the end at most, whether or not bytes go out.
    pub(crate) fn hurry(&mut self, time: Duration) {
        if let Stage::Open(socket) = &mut self.stage {
            let latest = Instant::now() + time;
            socket.latest = Some(latest);
            if let Some(patience) = &mut socket.patience
                && patience.deadline() > latest
            {
                patience.as_mut().reset(latest);
            }
        }
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
        let Connection { stream, rest, .. } = connection;
        let metered = Metered { stream, written: 0, last_write: Instant::now() };
        Self {
            engine: engine(metered, rest, max_message),
            queued: None,
            then_close: None,
            unflushed: false,
            holds_message: false,
            last_message: Instant::now(),
            handed_over: 0,
            writes_first: false,
            peers_close: None,
            patience: None,
            latest: None,
        }
    }

    fn await_end(&mut self) {
        let until = Instant::now() + CLOSE_HANDSHAKE;
        self.patience.get_or_insert_with(|| Box::pin(sleep_until(until)));
    }

    /// Ready when the peer was waited for long enough.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(patience) = &mut self.patience else { return Poll::Pending };
        loop {
            ready!(patience.poll_unpin(context));
            let until = self.engine.get_ref().last_write + CLOSE_HANDSHAKE;
            let until = self.latest.map_or(until, |latest| until.min(latest));
            if until <= patience.deadline() {
                return Poll::Ready(());
            }
            patience.as_mut().reset(until);
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<LinkEvent> {
        // First, or a peer that sends on and on would not be given up.
        if self.poll_patience(context).is_ready() {
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
            if let Some(outgoing) = self.queued.take() {
                self.holds_message |= matches!(outgoing, Outgoing::Message(_));
                let message = tungstenite::Message::from(outgoing);
                self.handed_over += frame_size(message.len());
                if is_ready {
                    let _ = self.engine.start_send_unpin(message);
                    self.unflushed = true;
                }
            }
            return Poll::Ready(LinkEvent::TakesMore);
        }
        if self.unflushed {
            let flushed = ready!(self.engine.poll_flush_unpin(context));
            self.unflushed = false;
            if flushed.is_ok() && self.holds_message {
                self.holds_message = false;
                self.last_message = Instant::now();
            }
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
                    self.await_end();
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
        self.peers_close.take().map_or_else(|| self.lost(None), End::Closed)
    }

    fn lost(&self, cause: Option<String>) -> End {
        let queued = match &self.queued {
            Some(Outgoing::Message(message)) => frame_size(message.len()),
            _ => 0,
        };
        let left = (self.handed_over + queued).saturating_sub(self.engine.get_ref().written);
        End::Lost { cause, unsent: (self.holds_message || queued > 0).then_some(left) }
    }

    fn end(&mut self, error: tungstenite::Error) -> End {
        if self.peers_close.is_some() {
            // The end of TCP after both Close frames may be a reset; nothing is lost by it.
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

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.written += written as u64;
        self.last_write = Instant::now();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Bytes of a masked frame with a payload of `len` bytes (RFC 6455 section 5.2).
fn frame_size(len: usize) -> u64 {
    let head = match len {
        ..=125 => 6,
        126..=0xffff => 8,
        _ => 14,
    };
    head + len as u64
}

/// The engine on a stream whose handshake is done; `rest` came after it already.
pub(crate) fn engine<S: Carrier>(
    stream: S,
    rest: Vec<u8>,
    max_message: usize,
) -> WebSocketStream<S> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(max_message))
        .max_frame_size(Some(max_message));
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
