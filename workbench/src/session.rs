//! One session: a connection wanted, made, lost, retried and given up, and what passed over it.
//!
//! The session never holds two sockets: it asks for one with [`Effect::Open`] and asks for the next
//! only after the shell has reported [`Event::Ended`] for it. Every report carries the [`Attempt`]
//! it belongs to, so that the late end of an old socket cannot touch the new one.

use std::{fmt, time::Duration};

use crate::{Backoff, Bounds, Close, Item, Message, Time, Transcript};

/// The number of an attempt to connect; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u32);

/// How an attempt or a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It never opened. Browsers do not say why (WHATWG WebSockets, "fail the WebSocket
    /// connection"), so there is no cause to give.
    Failed,
    /// It was called off before it opened.
    Cancelled,
    /// It was open, and closed.
    Closed(Close),
}

impl Ending {
    /// Whether the connection was lost rather than ended by a decision of either side.
    fn is_loss(&self) -> bool {
        match self {
            Self::Failed => true,
            Self::Cancelled => false,
            Self::Closed(close) => close.code.is_transient(),
        }
    }
}

/// `Closed: 1000 (normal closure)`: a phrase without a full stop.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("Could not connect"),
            Self::Cancelled => f.write_str("Cancelled before the connection opened"),
            Self::Closed(close) => write!(f, "Closed: {close}"),
        }
    }
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing connects until asked to. Holds how the last connection ended, if there was one.
    Idle(Option<Ending>),
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
        /// How the connection was lost.
        ending: Ending,
        /// Retries since the last good connection or the person's last wish to connect, this one
        /// included: 1 for the first.
        retry: u32,
        /// When the attempt will be made.
        until: Time,
    },
}

impl State {
    /// Whether a message can be sent now.
    #[must_use]
    pub fn can_send(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Whether [`Event::Connect`] would start an attempt.
    #[must_use]
    pub fn can_connect(&self) -> bool {
        matches!(self, Self::Idle(_) | Self::Waiting { .. })
    }

    /// Whether [`Event::Disconnect`] would end or call off something.
    #[must_use]
    pub fn can_disconnect(&self) -> bool {
        matches!(self, Self::Connecting(_) | Self::Open(_) | Self::Waiting { .. })
    }
}

/// What happens to a session, from the person or from the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The person wants a connection; while waiting for a retry: now.
    Connect,
    /// The person wants none, and no retry.
    Disconnect,
    /// The socket opened.
    Opened(Attempt),
    /// A message came.
    Received(Attempt, Message),
    /// The socket ended, or was given up. What is reported of it afterwards changes nothing.
    Ended(Attempt, Ending),
    /// The time asked for with [`Effect::Wait`] has passed.
    Waited(Attempt),
}

/// What the shell is to do. Each event leads to one effect at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a socket.
    Open(Attempt),
    /// Send a message on the socket of this attempt.
    Send(Attempt, Message),
    /// Start the closing handshake with code 1000, or stop opening.
    Close(Attempt),
    /// Report [`Event::Waited`] after this long.
    Wait(Attempt, Duration),
}

/// The state of one session and its transcript.
#[derive(Clone, Debug)]
pub struct Session {
    state: State,
    transcript: Transcript,
    backoff: Backoff,
    next: Attempt,
    /// As in [`State::Waiting`].
    retries: u32,
    opened_at: Option<Time>,
    jitter: fastrand::Rng,
}

impl Session {
    /// A session that is not connected. `seed` spreads its retries; give each session another.
    #[must_use]
    pub fn new(backoff: Backoff, bounds: Bounds, seed: u64) -> Self {
        Self {
            state: State::Idle(None),
            transcript: Transcript::new(bounds),
            backoff,
            next: Attempt(0),
            retries: 0,
            opened_at: None,
            jitter: fastrand::Rng::with_seed(seed),
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What happened so far.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Takes in what happened at `now`. An event that does not fit the state (a late report of an
    /// old socket, a second click) changes nothing.
    pub fn handle(&mut self, event: Event, now: Time) -> Option<Effect> {
        match event {
            Event::Connect if self.state.can_connect() => {
                self.retries = 0;
                Some(self.open())
            }
            Event::Waited(attempt) if self.awaits(attempt) => Some(self.open()),
            Event::Disconnect => self.disconnect(),
            Event::Opened(attempt) if self.state == State::Connecting(attempt) => {
                self.state = State::Open(attempt);
                self.opened_at = Some(now);
                self.transcript.push(now, Item::Opened);
                None
            }
            Event::Received(attempt, message) if self.may_receive(attempt) => {
                self.transcript.push(now, Item::Received(message));
                None
            }
            Event::Ended(attempt, ending) if self.socket() == Some(attempt) => {
                self.end(ending, now)
            }
            _ => None,
        }
    }

    /// Sends a message at `now`.
    ///
    /// # Errors
    ///
    /// Gives the message back if the connection is not open.
    pub fn send(&mut self, message: Message, now: Time) -> Result<Effect, Message> {
        let State::Open(attempt) = self.state else {
            return Err(message);
        };
        self.transcript.push(now, Item::Sent(message.clone()));
        Ok(Effect::Send(attempt, message))
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

    fn disconnect(&mut self) -> Option<Effect> {
        match self.state {
            State::Connecting(attempt) | State::Open(attempt) => {
                self.state = State::Closing(attempt);
                Some(Effect::Close(attempt))
            }
            State::Waiting { ref ending, .. } => {
                self.state = State::Idle(Some(ending.clone()));
                // The timer still runs; its attempt number must never come true.
                self.next = Attempt(self.next.0.wrapping_add(1));
                None
            }
            State::Idle(_) | State::Closing(_) => None,
        }
    }

    fn end(&mut self, ending: Ending, now: Time) -> Option<Effect> {
        let wanted = !matches!(self.state, State::Closing(_));
        let ending = match ending {
            Ending::Failed if !wanted => Ending::Cancelled,
            ending => ending,
        };
        // An outage is recorded once: its retries would push everything else out in time.
        if ending != Ending::Failed || self.retries == 0 {
            self.transcript.push(now, Item::Ended(ending.clone()));
        }
        if !wanted || !ending.is_loss() {
            self.state = State::Idle(Some(ending));
            return None;
        }
        if self.opened_at.is_some_and(|at| now.since(at) >= self.backoff.steady) {
            self.retries = 0;
        }
        let delay = self.backoff.delay(self.retries, self.jitter.f64());
        self.retries = self.retries.saturating_add(1);
        let next = self.next;
        self.state = State::Waiting { next, ending, retry: self.retries, until: now.after(delay) };
        Some(Effect::Wait(next, delay))
    }
}
