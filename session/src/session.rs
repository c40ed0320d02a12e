//! State machine of a connection: connect, lose, retry, give up.
//!
//! The session never has two sockets: it requests one with [`Effect::Open`], and the next only
//! after [`Event::Ended`]. Every report carries its [`Attempt`], so that the late end of an old
//! socket cannot affect the new one.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Backoff, Close, Message, Time};

/// Number of a connection attempt; unique in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attempt(pub u32);

/// Subprotocol and extensions negotiated in the opening handshake, named as in WHATWG WebSockets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Negotiated {
    /// Subprotocol; empty if none.
    pub subprotocol: String,
    /// Extensions as in `Sec-WebSocket-Extensions`; empty if none.
    pub extensions: String,
}

/// Longest time that a server can put off a retry for.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Retry limit: consecutive attempts after a lost or failed connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retries(pub u32);

impl Retries {
    /// No retries.
    pub const NONE: Self = Self(0);
    /// Unlimited retries.
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
    /// The attempt failed. Browsers hide the cause (WHATWG WebSockets, "fail the WebSocket
    /// connection").
    Failed,
    /// The attempt was cancelled.
    Cancelled,
    /// The open connection closed.
    Closed(Close),
}

impl EndReason {
    /// True if the connection was lost rather than ended by a decision of either side.
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
    /// Disconnected, with the end of the last connection, if any.
    Idle(Option<EndReason>),
    /// The socket is opening.
    Connecting(Attempt),
    /// The connection is open.
    Open(Attempt),
    /// Disconnect was requested; the socket is closing.
    Closing(Attempt),
    /// The connection was lost; a retry is scheduled.
    Waiting {
        /// Next attempt.
        next: Attempt,
        /// End of the lost connection.
        reason: EndReason,
        /// Number of this retry since the last good connection or manual connect, from 1.
        retry: u32,
        /// Time of the next attempt.
        until: Time,
    },
}

impl Default for State {
    /// Never connected.
    fn default() -> Self {
        Self::Idle(None)
    }
}

impl State {
    /// True if a message can be sent now.
    #[must_use]
    pub fn can_send(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// True if [`Event::Connect`] would start an attempt.
    #[must_use]
    pub fn can_connect(&self) -> bool {
        matches!(self, Self::Idle(_) | Self::Waiting { .. })
    }

    /// True if [`Event::Disconnect`] would end or cancel something.
    #[must_use]
    pub fn can_disconnect(&self) -> bool {
        matches!(self, Self::Connecting(_) | Self::Open(_) | Self::Waiting { .. })
    }
}

/// Input of a session: a command of the user or a report of the client's socket or timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Connects; while waiting for a retry, at once.
    Connect,
    /// Disconnects and cancels retries; sends this Close frame.
    Disconnect(Close),
    /// The socket opened.
    Opened(Attempt, Negotiated),
    /// The socket closed or was abandoned. Later reports about it are ignored.
    Ended(Attempt, EndReason),
    /// The attempt failed for a reason that would fail a retry, too.
    Refused(Attempt),
    /// The delay of [`Effect::Wait`] elapsed.
    Waited(Attempt),
}

/// Recorded event of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// The connection opened.
    Opened {
        /// Subprotocol and extensions.
        negotiated: Negotiated,
        /// Time without a connection, if an earlier one was lost.
        outage: Option<Duration>,
    },
    /// A message was sent.
    Sent(Message),
    /// The connection or the attempt ended.
    Ended(EndReason),
}

/// Result of an event: an item to record, an effect to perform, both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Item for the transcript.
    pub item: Option<Item>,
    /// Effect for the client.
    pub effect: Option<Effect>,
}

impl From<Effect> for Outcome {
    fn from(effect: Effect) -> Self {
        Self { item: None, effect: Some(effect) }
    }
}

impl From<Item> for Outcome {
    fn from(item: Item) -> Self {
        Self { item: Some(item), effect: None }
    }
}

/// Side effect for the client to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a socket.
    Open(Attempt),
    /// Send a message on the socket of this attempt.
    Send(Attempt, Message),
    /// Start the closing handshake, or abort opening.
    Close(Attempt, Close),
    /// Report [`Event::Waited`] after this long.
    Wait(Attempt, Duration),
}

/// Session state machine.
#[derive(Clone, Debug)]
pub struct Session {
    state: State,
    /// Delays between retries.
    backoff: Backoff,
    /// Maximum number of retries in a row.
    limit: Retries,
    /// Number of the next attempt, so that events of earlier ones are recognised as stale.
    next: Attempt,
    /// As in [`State::Waiting`].
    retries: u32,
    /// Least delay of the retry after this attempt.
    put_off: Duration,
    /// Time of the opening; `None` until the attempt succeeds.
    opened_at: Option<Time>,
    /// Time of the loss, until the connection is restored or given up.
    lost_at: Option<Time>,
    /// Source of the random part of delays.
    jitter: fastrand::Rng,
}

impl Session {
    /// Creates a disconnected session. `seed` varies its retry delays; use a different one per
    /// session.
    #[must_use]
    pub fn new(backoff: Backoff, limit: Retries, seed: u64) -> Self {
        Self {
            state: State::Idle(None),
            backoff,
            limit,
            next: Attempt(0),
            retries: 0,
            put_off: Duration::ZERO,
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

    /// Changes the retry limit. A scheduled retry beyond it is cancelled.
    pub fn limit_retries(&mut self, limit: Retries) {
        self.limit = limit;
        if matches!(self.state, State::Waiting { retry, .. } if retry > limit.0) {
            self.stop_waiting();
        }
    }

    /// Puts off the retry after this attempt, as `Retry-After` asks (RFC 9110 section 10.2.3): an hour at most.
    pub fn put_off_retry(&mut self, delay: Duration) {
        self.put_off = delay.min(MAX_RETRY_AFTER);
    }

    /// Handles an event at `now`. Events that do not fit the state (a late report of an old socket,
    /// a second click) are ignored.
    pub fn handle(&mut self, event: Event, now: Time) -> Outcome {
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
            Event::Ended(attempt, reason) if self.socket() == Some(attempt) => {
                self.end(reason, now)
            }
            Event::Refused(attempt) if self.state == State::Connecting(attempt) => {
                self.lost_at = None;
                self.state = State::Idle(Some(EndReason::Failed));
                Item::Ended(EndReason::Failed).into()
            }
            _ => Outcome::default(),
        }
    }

    /// True if messages of this attempt are accepted, for the client to record: the peer may send until its Close
    /// frame. (Browsers drop messages while closing.)
    #[must_use]
    pub fn accepts(&self, attempt: Attempt) -> bool {
        self.opened_at.is_some() && self.socket() == Some(attempt)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Returns the message if the connection is not open.
    pub fn send(&mut self, message: Message) -> Result<Outcome, Message> {
        let State::Open(attempt) = self.state else {
            return Err(message);
        };
        let item = Item::Sent(message.clone());
        Ok(Outcome { item: Some(item), effect: Some(Effect::Send(attempt, message)) })
    }

    /// Attempt of the current socket.
    fn socket(&self) -> Option<Attempt> {
        match self.state {
            State::Connecting(attempt) | State::Open(attempt) | State::Closing(attempt) => {
                Some(attempt)
            }
            State::Idle(_) | State::Waiting { .. } => None,
        }
    }

    /// True if the delay before this attempt is running.
    fn awaits(&self, attempt: Attempt) -> bool {
        matches!(self.state, State::Waiting { next, .. } if next == attempt)
    }

    /// Begins the next attempt.
    fn open(&mut self) -> Effect {
        let attempt = self.next;
        self.next = Attempt(attempt.0.wrapping_add(1));
        self.opened_at = None;
        self.put_off = Duration::ZERO;
        self.state = State::Connecting(attempt);
        Effect::Open(attempt)
    }

    /// Closes the connection, or stops an attempt or the wait for one.
    fn disconnect(&mut self, close: Close) -> Outcome {
        match self.state {
            State::Connecting(attempt) | State::Open(attempt) => {
                self.state = State::Closing(attempt);
                Effect::Close(attempt, close).into()
            }
            State::Waiting { .. } => {
                self.stop_waiting();
                Outcome::default()
            }
            State::Idle(_) | State::Closing(_) => Outcome::default(),
        }
    }

    /// Ends a delay before a retry, for good.
    fn stop_waiting(&mut self) {
        if let State::Waiting { reason, .. } = &self.state {
            self.state = State::Idle(Some(reason.clone()));
            self.lost_at = None;
            // The timer is still running: make sure its attempt number is stale.
            self.next = Attempt(self.next.0.wrapping_add(1));
        }
    }

    /// Ends the connection or the attempt, and waits for a retry unless the end was wanted.
    fn end(&mut self, reason: EndReason, now: Time) -> Outcome {
        let wanted = !matches!(self.state, State::Closing(_));
        let reason = match reason {
            EndReason::Failed if !wanted => EndReason::Cancelled,
            // It never opened, though something on its way did.
            EndReason::Closed(_) if !wanted && self.opened_at.is_none() => EndReason::Cancelled,
            reason => reason,
        };
        // Failed retries are not recorded: they would evict the conversation.
        let is_news = reason != EndReason::Failed || self.retries == 0;
        let item = is_news.then(|| Item::Ended(reason.clone()));
        let effect = if wanted && reason.is_loss() {
            self.retry(reason, now)
        } else {
            self.lost_at = None;
            self.state = State::Idle(Some(reason));
            None
        };
        Outcome { item, effect }
    }

    /// Schedules the next attempt, unless the limit is reached.
    fn retry(&mut self, reason: EndReason, now: Time) -> Option<Effect> {
        if self.opened_at.is_some_and(|at| now.since(at) >= self.backoff.steady) {
            self.retries = 0;
        }
        if self.retries >= self.limit.0 {
            self.lost_at = None;
            self.state = State::Idle(Some(reason));
            return None;
        }
        if self.opened_at.is_some() {
            self.lost_at = Some(now);
        }
        let delay = self.backoff.delay(self.retries, self.jitter.f64()).max(self.put_off);
        self.retries = self.retries.saturating_add(1);
        let next = self.next;
        self.state = State::Waiting { next, reason, retry: self.retries, until: now.after(delay) };
        Some(Effect::Wait(next, delay))
    }
}
