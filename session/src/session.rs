//! One session: a connection wanted, made, lost, retried and given up, and what passes over it.
//!
//! The session never holds two sockets: it asks for one with [`Effect::Open`] and asks for the next
//! only after the shell has reported [`Event::Ended`] for it. Every report carries the [`Attempt`]
//! it belongs to, so that the late end of an old socket cannot touch the new one.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Backoff, Close, Message, Time};

/// The number of an attempt to connect; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attempt(pub u32);

/// Subprotocol and extensions negotiated in the opening handshake, named as in WHATWG WebSockets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Negotiated {
    /// The subprotocol in use; empty if there is none.
    pub subprotocol: String,
    /// The extensions in use, as in `Sec-WebSocket-Extensions`; empty if there are none.
    pub extensions: String,
}

/// Retry limit: consecutive attempts after a lost or failed connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retries(pub u32);

impl Retries {
    /// Not at all.
    pub const NONE: Self = Self(0);
    /// Until the person stops it.
    pub const UNLIMITED: Self = Self(u32::MAX);
}

impl Default for Retries {
    fn default() -> Self {
        Self::UNLIMITED
    }
}

/// End of an attempt or of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// It never opened. Browsers do not say why (WHATWG WebSockets, "fail the WebSocket
    /// connection"), so there is no cause to give.
    Failed,
    /// It was called off before it opened.
    Cancelled,
    /// It was open, and closed.
    Closed(Close),
}

impl EndReason {
    /// `true` if the connection was lost rather than ended by a decision of either side.
    fn is_loss(&self) -> bool {
        match self {
            Self::Failed => true,
            Self::Cancelled => false,
            Self::Closed(close) => close.code.is_transient(),
        }
    }
}

/// `Closed: 1000 (normal closure)`: a phrase without a full stop.
impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("Could not connect"),
            Self::Cancelled => f.write_str("Cancelled before the connection opened"),
            Self::Closed(close) => write!(f, "Closed: {close}"),
        }
    }
}

/// State of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Nothing connects until asked to. Holds how the last connection ended, if there was one.
    Idle(Option<EndReason>),
    /// A socket is opening.
    Connecting(Attempt),
    /// Messages can pass.
    Open(Attempt),
    /// The person disconnected; the socket is about to end.
    Closing(Attempt),
    /// The connection was lost and will be tried again.
    Waiting {
        /// The attempt that will be made.
        next: Attempt,
        /// End of the lost connection.
        ending: EndReason,
        /// Retries since the last good connection or the person's last wish to connect, this one
        /// included: 1 for the first.
        retry: u32,
        /// Time of the next attempt.
        until: Time,
    },
}

impl State {
    /// `true` if a message can be sent now.
    #[must_use]
    pub fn can_send(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// `true` if [`Event::Connect`] would start an attempt.
    #[must_use]
    pub fn can_connect(&self) -> bool {
        matches!(self, Self::Idle(_) | Self::Waiting { .. })
    }

    /// `true` if [`Event::Disconnect`] would end or cancel something.
    #[must_use]
    pub fn can_disconnect(&self) -> bool {
        matches!(self, Self::Connecting(_) | Self::Open(_) | Self::Waiting { .. })
    }
}

/// Input of a session: a command of the person or a report of the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The person wants a connection; while waiting for a retry: now.
    Connect,
    /// The person wants none, and no retry; the peer is told this.
    Disconnect(Close),
    /// The socket opened.
    Opened(Attempt, Negotiated),
    /// A message came.
    Received(Attempt, Message),
    /// The socket ended, or was given up. What is reported of it afterwards changes nothing.
    Ended(Attempt, EndReason),
    /// The time asked for with [`Effect::Wait`] has passed.
    Waited(Attempt),
}

/// Something that happened on a session, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// The connection opened.
    Opened {
        /// Subprotocol and extensions.
        negotiated: Negotiated,
        /// Time without a connection, if an earlier one was lost.
        outage: Option<Duration>,
    },
    /// A message was handed to the connection.
    Sent(Message),
    /// A message from the peer.
    Received(Message),
    /// The connection, or the attempt to make one, ended.
    Ended(EndReason),
}

/// Result of an event: an item to record, an effect to perform, both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Item for the transcript.
    pub item: Option<Item>,
    /// Effect for the shell.
    pub effect: Option<Effect>,
}

impl From<Effect> for Step {
    fn from(effect: Effect) -> Self {
        Self { item: None, effect: Some(effect) }
    }
}

impl From<Item> for Step {
    fn from(item: Item) -> Self {
        Self { item: Some(item), effect: None }
    }
}

/// Side effect for the shell to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a socket.
    Open(Attempt),
    /// Send a message on the socket of this attempt.
    Send(Attempt, Message),
    /// Start the closing handshake, or stop opening.
    Close(Attempt, Close),
    /// Report [`Event::Waited`] after this long.
    Wait(Attempt, Duration),
}

/// The state of one session.
#[derive(Clone, Debug)]
pub struct Session {
    state: State,
    backoff: Backoff,
    limit: Retries,
    next: Attempt,
    /// As in [`State::Waiting`].
    retries: u32,
    opened_at: Option<Time>,
    /// Since when there is no connection though one is wanted and was there.
    lost_at: Option<Time>,
    jitter: fastrand::Rng,
}

impl Session {
    /// A session that is not connected. `seed` spreads its retries; give each session another.
    #[must_use]
    pub fn new(backoff: Backoff, limit: Retries, seed: u64) -> Self {
        Self {
            state: State::Idle(None),
            backoff,
            limit,
            next: Attempt(0),
            retries: 0,
            opened_at: None,
            lost_at: None,
            jitter: fastrand::Rng::with_seed(seed),
        }
    }

    /// Current state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Time at which the connection opened; `None` if the last attempt has not opened.
    #[must_use]
    pub fn opened_at(&self) -> Option<Time> {
        self.opened_at
    }

    /// Changes how often a lost connection is tried again. A retry that is waited for and is now
    /// one too many is called off.
    pub fn limit_retries(&mut self, limit: Retries) {
        self.limit = limit;
        if matches!(self.state, State::Waiting { retry, .. } if retry > limit.0) {
            self.stop_waiting();
        }
    }

    /// Takes in what happened at `now`. An event that does not fit the state (a late report of an
    /// old socket, a second click) changes nothing.
    pub fn handle(&mut self, event: Event, now: Time) -> Step {
        match event {
            Event::Connect if self.state.can_connect() => {
                self.retries = 0;
                self.open().into()
            }
            Event::Waited(attempt) if self.awaits(attempt) => self.open().into(),
            Event::Disconnect(close) => self.disconnect(close),
            Event::Opened(attempt, negotiated) if self.state == State::Connecting(attempt) => {
                self.state = State::Open(attempt);
                self.opened_at = Some(now);
                let outage = self.lost_at.take().map(|lost_at| now.since(lost_at));
                Item::Opened { negotiated, outage }.into()
            }
            Event::Received(attempt, message) => {
                Step { item: self.receive(attempt, message), effect: None }
            }
            Event::Ended(attempt, ending) if self.socket() == Some(attempt) => {
                self.end(ending, now)
            }
            _ => Step::default(),
        }
    }

    /// Takes a received message, as [`Event::Received`] does. Returns the item to record; `None` for
    /// a message of an old socket.
    #[must_use]
    pub fn receive(&self, attempt: Attempt, message: Message) -> Option<Item> {
        self.may_receive(attempt).then_some(Item::Received(message))
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// Gives the message back if the connection is not open.
    pub fn send(&mut self, message: Message) -> Result<Step, Message> {
        let State::Open(attempt) = self.state else {
            return Err(message);
        };
        let item = Item::Sent(message.clone());
        Ok(Step { item: Some(item), effect: Some(Effect::Send(attempt, message)) })
    }

    /// The attempt whose socket exists now.
    fn socket(&self) -> Option<Attempt> {
        match self.state {
            State::Connecting(attempt) | State::Open(attempt) | State::Closing(attempt) => {
                Some(attempt)
            }
            State::Idle(_) | State::Waiting { .. } => None,
        }
    }

    /// The peer may send until its own Close frame. (Browsers drop what comes while closing.)
    fn may_receive(&self, attempt: Attempt) -> bool {
        self.opened_at.is_some() && self.socket() == Some(attempt)
    }

    fn awaits(&self, attempt: Attempt) -> bool {
        matches!(self.state, State::Waiting { next, .. } if next == attempt)
    }

    fn open(&mut self) -> Effect {
        let attempt = self.next;
        self.next = Attempt(attempt.0.wrapping_add(1));
        self.opened_at = None;
        self.state = State::Connecting(attempt);
        Effect::Open(attempt)
    }

    fn disconnect(&mut self, close: Close) -> Step {
        match self.state {
            State::Connecting(attempt) | State::Open(attempt) => {
                self.state = State::Closing(attempt);
                Effect::Close(attempt, close).into()
            }
            State::Waiting { .. } => {
                self.stop_waiting();
                Step::default()
            }
            State::Idle(_) | State::Closing(_) => Step::default(),
        }
    }

    fn stop_waiting(&mut self) {
        if let State::Waiting { ending, .. } = &self.state {
            self.state = State::Idle(Some(ending.clone()));
            self.lost_at = None;
            // The timer still runs; its attempt number must never come true.
            self.next = Attempt(self.next.0.wrapping_add(1));
        }
    }

    fn end(&mut self, ending: EndReason, now: Time) -> Step {
        let wanted = !matches!(self.state, State::Closing(_));
        let ending = match ending {
            EndReason::Failed if !wanted => EndReason::Cancelled,
            ending => ending,
        };
        // An outage is recorded once: its retries would push everything else out in time.
        let is_news = ending != EndReason::Failed || self.retries == 0;
        let item = is_news.then(|| Item::Ended(ending.clone()));
        let effect = if wanted && ending.is_loss() {
            self.retry(ending, now)
        } else {
            self.lost_at = None;
            self.state = State::Idle(Some(ending));
            None
        };
        Step { item, effect }
    }

    /// Waits for the next attempt, unless there were as many as there may be.
    fn retry(&mut self, ending: EndReason, now: Time) -> Option<Effect> {
        if self.opened_at.is_some_and(|at| now.since(at) >= self.backoff.steady) {
            self.retries = 0;
        }
        if self.retries >= self.limit.0 {
            self.lost_at = None;
            self.state = State::Idle(Some(ending));
            return None;
        }
        if self.opened_at.is_some() {
            self.lost_at = Some(now);
        }
        let delay = self.backoff.delay(self.retries, self.jitter.f64());
        self.retries = self.retries.saturating_add(1);
        let next = self.next;
        self.state = State::Waiting { next, ending, retry: self.retries, until: now.after(delay) };
        Some(Effect::Wait(next, delay))
    }
}
