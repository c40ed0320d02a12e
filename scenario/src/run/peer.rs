//! One connection of a run: its state, and the messages that no step has taken yet.

use std::{collections::VecDeque, sync::Arc};

use session::{Message, Time, visible_line};

use super::{MESSAGES_HELD, secrets::Secrets};
use crate::syntax::{ConnectOption, Matcher, Span};

/// Number of messages kept for the report of a failure.
const RECENT: usize = 5;
/// Maximum length of a message in it, in characters.
const EXCERPT: usize = 200;
/// Maximum size of all messages held for steps to come, in bytes.
const BYTES_HELD: usize = 64 << 20;

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
    Opening,
    Open,
    Refused {
        status: Option<u16>,
        cause: String,
    },
    /// With the code and reason of the peer's Close frame, if there was one.
    Closed(Option<(u16, String)>),
    /// Ended by this side, as the peer violated the protocol: a sentence.
    Violated(String),
}

/// Something that arrived.
#[derive(Clone, Debug)]
pub(super) enum Arrival {
    Message(Message, Time),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) name: Option<String>,
    pub(super) state: State,
    /// `true` once a step has sent a Close frame.
    pub(super) has_closed: bool,
    /// `true` once a step has dropped it, or met its refusal or its end.
    pub(super) is_settled: bool,
    pub(super) subprotocol: Option<String>,
    /// Headers of the answer to the opening handshake, if a step looks at them.
    pub(super) headers: Vec<(String, String)>,
    pub(super) inbox: VecDeque<Arrival>,
    held: usize,
    pub(super) recent: VecDeque<Seen>,
    /// Place of its `connect` or `serve` line, and the options below it: rules among them.
    pub(super) span: Span,
    pub(super) options: Arc<[(Span, ConnectOption)]>,
    /// Messages that may not arrive, with the steps that say so.
    pub(super) never: Vec<(Span, Matcher)>,
    /// Time of the last message sent, until a step met its answer.
    pub(super) sent_at: Option<Time>,
}

impl Peer {
    pub(super) fn new(
        name: Option<String>,
        span: Span,
        options: Arc<[(Span, ConnectOption)]>,
    ) -> Self {
        Self {
            name,
            state: State::Opening,
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

    /// Bytes of the messages that no step has taken.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Keeps an arrival for a step. `false` if too many wait.
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

    /// Takes the oldest Ping or Pong frame.
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

    /// Forgets the arrivals that no step has taken.
    pub(super) fn discard(&mut self) {
        self.inbox.clear();
        self.held = 0;
    }

    /// Index of the oldest message that no step has taken.
    pub(super) fn next_message(&self) -> Option<usize> {
        self.inbox.iter().position(|arrival| matches!(arrival, Arrival::Message(..)))
    }

    /// Number of messages that no step has taken.
    pub(super) fn unread(&self) -> usize {
        self.inbox.iter().filter(|arrival| matches!(arrival, Arrival::Message(..))).count()
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

fn size(arrival: &Arrival) -> usize {
    match arrival {
        Arrival::Message(message, _) => message.len(),
        Arrival::Ping(data) | Arrival::Pong(data) => data.len(),
    }
}

/// Beginning of a message, for a person.
pub(super) fn excerpt(message: &Message) -> String {
    match message {
        Message::Text(text) => visible_line(&session::excerpt(text, EXCERPT)).into_owned(),
        Message::Binary(bytes) => {
            let cut = &bytes[..bytes.len().min(EXCERPT / 2)];
            let more = if cut.len() < bytes.len() { "…" } else { "" };
            format!("hex {}{more}", workbench::payload::hex_text(cut).trim_end())
        }
    }
}
