//! One connection of a run: its state, and the messages that no step has taken yet.

use std::{collections::VecDeque, sync::Arc};

use session::{Message, Time, visible_line};

use super::{MESSAGES_HELD, secrets::Secrets};
use crate::syntax::{ConnectOption, Matcher, Span};

/// Number of messages kept for the report of a failure. The oldest goes first.
const RECENT: usize = 5;
/// Maximum length of a message in it, in characters.
const EXCERPT: usize = 200;
/// Maximum size of all messages held for steps to come, in bytes. A peer that sends faster than
/// steps read would fill the memory.
pub const BYTES_HELD: usize = 64 << 20;

/// Message as it is shown in the report of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Name of the connection, if it has one.
    pub connection: Option<String>,
    /// `true` if it was sent, not received.
    pub sent: bool,
    /// The text with control characters made visible, or bytes in hexadecimal; cut where it is long.
    pub text: String,
}

/// State of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Before the result of the opening handshake.
    Opening,
    /// Messages can be sent and received.
    Open,
    /// Opening handshake that failed.
    Refused {
        /// HTTP status, if there was a response.
        status: Option<u16>,
        /// Sentence about the failure.
        cause: String,
    },
    /// With the code and reason of the peer's Close frame, if there was one.
    Closed(Option<(u16, String)>),
    /// Ended by this side, as the peer violated the protocol: a sentence.
    Violated(String),
}

/// Message or control frame that arrived.
#[derive(Clone, Debug)]
pub(super) enum Arrival {
    /// Message, with the time of its arrival.
    Message(Message, Time),
    /// Data of a Ping frame.
    Ping(Vec<u8>),
    /// Data of a Pong frame.
    Pong(Vec<u8>),
}

/// Connection of a run, with the arrivals that no step has taken.
#[derive(Clone, Debug)]
pub(super) struct Counterpart {
    /// Name in the file; `None` for a connection without one.
    pub(super) name: Option<String>,
    pub(super) state: State,
    /// Time at which it opened; none while it opens, and for a client of a mock, which is open from the start.
    pub(super) opened_at: Option<Time>,
    /// `true` once a step has sent a Close frame.
    pub(super) has_closed: bool,
    /// `true` once a step has dropped it, or met its refusal or its end.
    pub(super) is_settled: bool,
    /// Subprotocol that the server selected.
    pub(super) subprotocol: Option<String>,
    /// Headers of the answer to the opening handshake, if a step looks at them.
    pub(super) headers: Vec<(String, String)>,
    /// Arrivals in order.
    pub(super) inbox: VecDeque<Arrival>,
    /// Bytes of the arrivals.
    held: usize,
    /// Newest messages of both directions, the oldest first, at most [`RECENT`].
    pub(super) recent: VecDeque<Seen>,
    /// Place of its `connect` or `serve` line.
    pub(super) span: Span,
    /// Options below that line, rules among them; shared with the plan.
    pub(super) options: Arc<[(Span, ConnectOption)]>,
    /// Messages that may not arrive, with the places of their `never` steps.
    pub(super) never: Vec<(Span, Matcher)>,
    /// Time of the last message sent, until a step met its answer.
    pub(super) sent_at: Option<Time>,
}

impl Counterpart {
    /// Connection that is opening.
    pub(super) fn new(
        name: Option<String>,
        span: Span,
        options: Arc<[(Span, ConnectOption)]>,
    ) -> Self {
        Self {
            name,
            state: State::Opening,
            opened_at: None,
            has_closed: false,
            is_settled: false,
            subprotocol: None,
            headers: Vec::new(),
            inbox: VecDeque::new(),
            held: 0,
            recent: VecDeque::new(),
            span,
            options,
            never: Vec::new(),
            sent_at: None,
        }
    }

    /// Payload bytes of the arrivals that no step has taken, for a limit over many runs.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Keeps an arrival for a step. `false` if too many wait. Over the limit it is kept, too: the
    /// run fails then.
    pub(super) fn keep(&mut self, arrival: Arrival) -> bool {
        self.held += size(&arrival);
        self.inbox.push_back(arrival);
        self.inbox.len() <= MESSAGES_HELD && self.held <= BYTES_HELD
    }

    /// Takes the arrival at `index`.
    pub(super) fn take(&mut self, index: usize) -> Option<Arrival> {
        let arrival = self.inbox.remove(index)?;
        self.held -= size(&arrival);
        Some(arrival)
    }

    /// Takes the oldest Ping or Pong frame. Messages stay in their places.
    pub(super) fn take_control(&mut self, is_ping: bool) -> Option<Vec<u8>> {
        let at = self.inbox.iter().position(|arrival| match arrival {
            Arrival::Ping(_) => is_ping,
            Arrival::Pong(_) => !is_ping,
            Arrival::Message(..) => false,
        })?;
        match self.take(at)? {
            Arrival::Ping(data) | Arrival::Pong(data) => Some(data),
            Arrival::Message(..) => None,
        }
    }

    /// Forgets the arrivals that no step has taken. After an end by a rule, no step waits for them.
    pub(super) fn discard(&mut self) {
        self.inbox.clear();
        self.held = 0;
    }

    /// Index of the oldest message that no step has taken.
    pub(super) fn next_message(&self) -> Option<usize> {
        self.inbox.iter().position(|arrival| matches!(arrival, Arrival::Message(..)))
    }

    /// Notes a message for the report of a failure.
    pub(super) fn note(&mut self, sent: bool, message: &Message, secrets: &Secrets) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        let text = excerpt(&secrets.hide_in_message(message));
        self.recent.push_back(Seen { connection: self.name.clone(), sent, text });
    }
}

/// Bytes of an arrival's payload.
fn size(arrival: &Arrival) -> usize {
    match arrival {
        Arrival::Message(message, _) => message.len(),
        Arrival::Ping(data) | Arrival::Pong(data) => data.len(),
    }
}

/// Start of a message, to be read in a terminal.
pub(super) fn excerpt(message: &Message) -> String {
    match message {
        Message::Text(text) => visible_line(&session::excerpt(text, EXCERPT)).into_owned(),
        Message::Binary(bytes) => {
            let cut = &bytes[..bytes.len().min(EXCERPT / 2)];
            let more = if cut.len() < bytes.len() { "…" } else { "" };
            format!("hex {}{more}", workbench::payload::encode_hex(cut).trim_end())
        }
    }
}
