//! Inputs and outputs of a run: events of its connections, and requests to the caller.

use std::time::Duration;

use session::Message;

use crate::syntax::Span;

/// Connection of a run, counted from 0. Connecting again makes another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId(pub usize);

/// Opening handshake to do. For the caller to carry out; [`Input::Connected`] is its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Place of its `connect` line, for [`Run::fail_at`](super::Run::fail_at).
    pub span: Span,
    /// Name of the connection, if it has one.
    pub name: Option<String>,
    /// URL with its variables replaced.
    pub url: String,
    /// Headers, as names and values.
    pub headers: Vec<(String, String)>,
    /// Subprotocols in order of preference.
    pub subprotocols: Vec<String>,
    /// `true` to offer permessage-deflate (RFC 7692).
    pub compression: bool,
}

/// Result of an opening handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connected {
    /// Open, with the subprotocol that the server selected.
    Open(Option<String>),
    /// Not open: the HTTP status, if there was an answer, and a sentence.
    Refused(Option<u16>, String),
}

/// Event of a connection. The caller passes each on with [`Run::update`](super::Run::update), in
/// the order of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Headers of the response to the opening handshake, as names and values; before
    /// [`Self::Connected`].
    Headers(Vec<(String, String)>),
    /// End of the opening handshake.
    Connected(Connected),
    /// Message received.
    Message(Message),
    /// Ping received. The caller answers with a pong.
    Ping(Vec<u8>),
    /// Pong received.
    Pong(Vec<u8>),
    /// End of the connection, with the code and reason of the peer's Close frame, if there was one.
    Closed(Option<(u16, String)>),
    /// End of the connection by a violation of the protocol or of a limit: a sentence.
    Violated(String),
}

/// Frame or message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Message.
    Message(Message),
    /// Message, and the size of its frames in bytes.
    Fragments(Message, usize),
    /// Content of the file with this path: a text message if it is UTF-8, otherwise a binary one.
    /// With the place of the step, for [`Run::fail_at`](super::Run::fail_at).
    File(String, Span),
    /// Ping frame.
    Ping(String),
    /// Pong frame.
    Pong(String),
    /// Close frame with its code and reason.
    Close(u16, String),
}

/// Request of a run. They are carried out in order; none has a result but by an [`Input`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a connection.
    Connect(ConnectionId, Start),
    /// Send a frame or message.
    Send(ConnectionId, Outgoing),
    /// End a connection without a Close frame.
    Drop(ConnectionId),
    /// Pass of a step: its place in the file, and for an expectation the time that it waited.
    Passed(Span, Option<Duration>),
}
