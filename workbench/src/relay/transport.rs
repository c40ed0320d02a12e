//! Transport of one attempt: the engine's calls as commands, events of the server as inputs of the session.

use ::relay::{Command, EndCause, Event, Fragments, Open, Side, TOKEN_LEN, VERSION};
use session::{Attempt, Close, CloseCode, Direction, Message, Negotiated, PayloadKind};

use super::{
    ControlFrame, ControlKind, MessageFrames, Opening, RelayOptions, WireFrame, opening::secrets_of,
};
use crate::connect::{Cause, Target};

/// Names of client certificates that are offered, at most.
const MAX_CERTIFICATES: usize = 100;

/// Event of the relay.
#[derive(Debug)]
pub(crate) enum RelayEvent {
    /// Message received, with its frames.
    Received(Message, MessageFrames),
    /// Frames of a message that was sent.
    Sent(MessageFrames),
    /// Event of the connection to the target.
    Connection(ConnectionEvent),
}

/// Event of the connection to the target.
#[derive(Debug)]
pub(crate) enum ConnectionEvent {
    /// WebSocket open.
    Opened(Negotiated),
    /// Control frame sent or received.
    Control(ControlFrame),
    /// Not opened; the last event.
    Failed(Cause),
    /// End of the WebSocket; the last event.
    Ended(Close),
}

/// Transport of one attempt.
#[derive(Debug)]
pub(crate) struct Transport {
    /// Attempt of the session that the transport belongs to.
    attempt: Attempt,
    /// Token of the server's start; zeros before it is fetched.
    token: [u8; TOKEN_LEN],
    /// Command that opens the connection.
    open: Open,
    /// Secrets that a response may repeat, with their names.
    secrets: Vec<(String, String)>,
    /// Record of the opening for the detail pane.
    opening: Opening,
    certificates: Option<Vec<String>>,
    is_open: bool,
    /// False while reading is paused.
    is_reading: bool,
    /// True once the page's server ended the connection to the target.
    was_ended_here: bool,
    /// Bytes of the server's messages so far.
    taken: u64,
    /// Bytes that the server was told of last.
    told: u64,
    /// Bytes that may be on their way before an acknowledgement, by the server's word.
    window: u64,
    /// Code and reason of the Close frame to send, if they differ from the session's.
    close: Option<(Option<u16>, Vec<u8>)>,
    /// Frames of the message that is being received.
    received: MessageFrames,
    /// Received data frame whose message is not complete.
    unfinished: Option<WireFrame>,
    /// Frames of the message that is being sent.
    sent: MessageFrames,
}

impl Transport {
    /// Transport to `target`, whose variables are expanded.
    pub(crate) fn new(attempt: Attempt, options: &RelayOptions, target: &Target) -> Self {
        let open = options.open(&target.url, &target.subprotocols);
        Self {
            attempt,
            token: [0; TOKEN_LEN],
            secrets: secrets_of(options, &open),
            open,
            opening: Opening::default(),
            certificates: None,
            is_open: false,
            is_reading: true,
            was_ended_here: false,
            taken: 0,
            told: 0,
            window: 0,
            close: None,
            received: MessageFrames::default(),
            unfinished: None,
            sent: MessageFrames::default(),
        }
    }

    /// Attempt that takes this way.
    pub(crate) fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Takes the token of the server's start.
    pub(crate) fn authorize(&mut self, token: [u8; TOKEN_LEN]) {
        self.token = token;
    }

    /// Names of the client certificates that the server was started with, once it told them.
    pub(crate) fn take_certificates(&mut self) -> Option<Vec<String>> {
        self.certificates.take()
    }

    /// Opening so far.
    pub(crate) fn opening(&self) -> &Opening {
        &self.opening
    }

    /// True between [`ConnectionEvent::Opened`] and [`ConnectionEvent::Ended`].
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// False while the target is not read from.
    pub(crate) fn is_reading(&self) -> bool {
        self.is_reading
    }

    /// Command that reads from the target, or stops.
    pub(crate) fn read(&mut self, is_reading: bool) -> Message {
        self.is_reading = is_reading;
        encoded(if is_reading { &Command::Resume } else { &Command::Pause })
    }

    /// True once the page's server ended the connection to the target.
    pub(crate) fn was_ended_here(&self) -> bool {
        self.was_ended_here
    }

    /// Has [`close`](Self::close) send this code and reason. Returns the close of the session.
    pub(crate) fn close_with(&mut self, code: Option<u16>, reason: &[u8]) -> Close {
        self.close = Some((code, reason.to_vec()));
        let code = code.map_or(CloseCode::NO_STATUS, CloseCode);
        Close { code, reason: String::from_utf8_lossy(reason).into_owned() }
    }

    /// Command that begins or answers the closing handshake.
    pub(crate) fn close(&mut self, close: &Close) -> Message {
        let own = || (Some(close.code.0), close.reason.clone().into_bytes());
        let (code, reason) = self.close.take().unwrap_or_else(own);
        encoded(&Command::Close { code, reason: &reason })
    }

    /// First message to the server.
    pub(crate) fn hello(&self) -> Message {
        let mut bytes = Vec::new();
        Command::Hello { version: VERSION, token: self.token }.encode(&mut bytes);
        Command::Open(Box::new(self.open.clone())).encode(&mut bytes);
        Message::Binary(bytes)
    }

    /// Takes a message of the server. Returns its events, and an answer to send.
    pub(crate) fn receive(&mut self, message: &Message) -> (Vec<RelayEvent>, Option<Message>) {
        let Message::Binary(bytes) = message else { return (vec![self.broken()], None) };
        let mut events = Vec::new();
        for event in Event::decode_all(bytes) {
            match event {
                Ok(Event::Frame(frame)) => {
                    if is_complaint(&frame) {
                        events.extend(self.unfinished.take().as_ref().map(broken_frame));
                    }
                    events.extend(self.frame(&frame));
                }
                Ok(event) => {
                    if matches!(&event, Event::Ended(end) if end.cause == EndCause::Violation) {
                        // What was never complete broke the protocol.
                        events.extend(self.unfinished.take().as_ref().map(broken_frame));
                    }
                    events.extend(self.event(event).map(RelayEvent::Connection));
                }
                Err(_) => events.push(self.broken()),
            }
        }
        self.taken += bytes.len() as u64;
        // A quarter of the window: the server never waits for a word that is on its way.
        let is_due = self.taken - self.told >= self.window / 4;
        let answer = (is_due && self.window > 0).then(|| {
            self.told = self.taken;
            encoded(&Command::Taken(self.taken))
        });
        (events, answer)
    }

    /// Follows an event other than a frame. Returns the change for the connection, if it makes one.
    fn event(&mut self, event: Event<'_>) -> Option<ConnectionEvent> {
        match event {
            Event::Ready(mut ready) => {
                self.window = ready.window.into();
                ready.certificates.truncate(MAX_CERTIFICATES);
                self.certificates = Some(ready.certificates);
            }
            Event::Opened(mut opened) => {
                self.is_open = true;
                let negotiated = Negotiated {
                    subprotocol: opened.subprotocol.take().unwrap_or_default(),
                    extensions: opened.deflate.take().unwrap_or_default(),
                };
                if !self.opening.was_redirected() && opened.url == self.open.url {
                    opened.url.clear();
                }
                self.opening.take(Event::Opened(opened), &self.secrets);
                return Some(ConnectionEvent::Opened(negotiated));
            }
            Event::Frame(_) | Event::Written(_) => {}
            Event::Failed(failure) => {
                let cause = self.opening.cause(&failure, &self.secrets);
                self.opening.take(Event::Failed(failure), &self.secrets);
                return Some(ConnectionEvent::Failed(cause));
            }
            Event::Ended(end) => {
                self.is_open = false;
                self.was_ended_here = end.side == Side::Relay;
                let code = match (end.code, end.cause) {
                    (Some(code), _) => CloseCode(code),
                    (None, EndCause::Lost | EndCause::Unanswered | EndCause::Memory) => {
                        CloseCode::ABNORMAL
                    }
                    (None, _) => CloseCode::NO_STATUS,
                };
                let is_unanswered = code == CloseCode::ABNORMAL && end.side == Side::Page;
                let reason = if is_unanswered { String::new() } else { end.reason };
                return Some(ConnectionEvent::Ended(Close { code, reason }));
            }
            event => self.opening.take(event, &self.secrets),
        }
        None
    }

    /// Follows a frame: those of a message are collected, control frames are events at once.
    fn frame(&mut self, frame: &::relay::Frame<'_>) -> Option<RelayEvent> {
        let direction = match frame.direction {
            ::relay::Direction::Received => Direction::In,
            ::relay::Direction::Sent => Direction::Out,
        };
        let is_refused = frame.opcode & 0x30 != 0
            || ControlKind::of(frame.opcode).is_some() && frame.payload.is_none();
        if is_refused && direction == Direction::In {
            self.unfinished = None;
            return Some(broken_frame(&WireFrame::from(frame)));
        }
        if let Some(kind) = ControlKind::of(frame.opcode) {
            let control = ControlFrame {
                direction,
                kind,
                payload: frame.payload.unwrap_or_default().to_vec(),
                frame: Some(WireFrame::from(frame)),
                time: frame.time,
            };
            return Some(RelayEvent::Connection(ConnectionEvent::Control(control)));
        }
        if direction == Direction::In {
            self.unfinished = frame.payload.is_none().then(|| WireFrame::from(frame));
        }
        let frames = match direction {
            Direction::In => &mut self.received,
            Direction::Out => &mut self.sent,
        };
        frames.push(WireFrame::from(frame));
        match (direction, frame.payload) {
            (Direction::In, Some(payload)) => {
                let frames = std::mem::take(frames);
                let text =
                    (frame.kind == PayloadKind::Text).then(|| String::from_utf8(payload.to_vec()));
                let message = match text {
                    Some(Ok(text)) => Message::Text(text),
                    _ => Message::Binary(payload.to_vec()),
                };
                Some(RelayEvent::Received(message, frames))
            }
            (Direction::Out, _) if frame.fin => Some(RelayEvent::Sent(std::mem::take(frames))),
            _ => None,
        }
    }

    /// Event for a message that breaks the protocol of the relay.
    fn broken(&mut self) -> RelayEvent {
        RelayEvent::Connection(if std::mem::take(&mut self.is_open) {
            ConnectionEvent::Ended(Close::abnormal())
        } else {
            ConnectionEvent::Failed(Cause::RelayVersion)
        })
    }
}

/// True for the Close frame that answers a breach of the protocol: the breach comes first.
fn is_complaint(frame: &::relay::Frame<'_>) -> bool {
    let codes = [CloseCode::PROTOCOL.0, 1007].map(u16::to_be_bytes);
    frame.direction == ::relay::Direction::Sent
        && ControlKind::of(frame.opcode) == Some(ControlKind::Close)
        && frame.payload.is_some_and(|it| codes.iter().any(|code| it.starts_with(code)))
}

/// Event for a received frame that breaks the protocol: its head is all that is known.
fn broken_frame(frame: &WireFrame) -> RelayEvent {
    let control = ControlFrame {
        direction: Direction::In,
        kind: ControlKind::Raw,
        payload: frame.head_bytes(),
        frame: Some(*frame),
        time: 0,
    };
    RelayEvent::Connection(ConnectionEvent::Control(control))
}

/// Message to the server with one command.
pub(crate) fn encoded(command: &Command<'_>) -> Message {
    let mut bytes = Vec::new();
    command.encode(&mut bytes);
    Message::Binary(bytes)
}

/// Command that sends `message` in these frames; with `compress`, compressed if that was agreed on.
pub(crate) fn encoded_message(message: &Message, fragments: Fragments, compress: bool) -> Message {
    let (kind, payload) = (message.payload().kind(), message.payload().as_bytes());
    encoded(&Command::Message(::relay::Message { kind, compress, fragments, payload }))
}
