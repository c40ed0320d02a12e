//! Connection: the session, its target, and the socket's buffer.

use std::time::Duration;

use session::{
    Attempt, Backoff, Close, Effect, EndReason, Event, Item, Message, Negotiated, Retries, Session,
    State, Step, Time,
};

use super::{
    command::ConnectionCommand,
    input::SocketInput,
    output::{Output, Outputs, SocketOutput, Timer},
};
use crate::{
    connect::{self, Congestion, Overrun, Target},
    log::Switched,
};

/// Time limit of the closing handshake. Browsers wait up to a minute for the peer's answer, and no
/// new connection can be made meanwhile.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(3);

/// Time after which a closing handshake counts as slow. A peer that is well answers sooner, and a
/// button that comes and goes within it would only flicker.
const SLOW_CLOSE: Duration = Duration::from_secs(1);

/// The same while messages lag behind: the peer's Close frame is behind them all.
const LATE_CLOSE_HANDSHAKE: Duration = Duration::from_millis(500);

/// Record of a command to the connection.
#[derive(Debug)]
pub(super) enum ConnectionEvent {
    /// Item of the session.
    Session(Item),
    /// The connection is closed in favour of another address.
    Switched(Switched),
}

/// State of the connection.
#[derive(Debug)]
pub(super) struct Connection {
    session: Session,
    target: Target,
    /// Target to connect to once the socket has closed.
    next: Option<Target>,
    /// Attempt whose closing handshake is slow.
    slow: Option<Attempt>,
    negotiated: Negotiated,
    congestion: Congestion,
    /// Lag that the connection is to be closed for.
    overrun: Option<Overrun>,
    /// Bytes that wait in the browser; `None` if the socket cannot send.
    buffered: Option<u64>,
}

impl Connection {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            session: Session::new(Backoff::DEFAULT, Retries::UNLIMITED, seed),
            target: Target::default(),
            next: None,
            slow: None,
            negotiated: Negotiated::default(),
            congestion: Congestion::default(),
            overrun: None,
            buffered: None,
        }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Target of the last connection; its address is empty before the first.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Address that the connection uses, tries or closes; `None` while disconnected.
    pub(super) fn address_in_use(&self) -> Option<&str> {
        let is_idle = matches!(self.session.state(), State::Idle(_));
        (!is_idle).then_some(&self.target.url)
    }

    /// Address to connect to once the socket has closed.
    pub(super) fn next_address(&self) -> Option<&str> {
        self.next.as_ref().map(|target| target.url.as_str())
    }

    /// True if the closing handshake is slow.
    pub(super) fn can_close_now(&self) -> bool {
        matches!(self.session.state(), State::Closing(attempt) if self.slow == Some(*attempt))
    }

    /// Result of the opening handshake, while the connection is open.
    pub(super) fn negotiated(&self) -> Option<&Negotiated> {
        matches!(self.session.state(), State::Open(_)).then_some(&self.negotiated)
    }

    /// True if the session is open and the browser holds `limit` unsent bytes at most.
    pub(super) fn can_send(&self, limit: u64) -> bool {
        self.session.state().can_send() && self.buffered.is_some_and(|bytes| bytes <= limit)
    }

    /// Performs a command. Returns what to record.
    pub(super) fn update(
        &mut self,
        command: ConnectionCommand,
        now: Time,
        outputs: &mut Outputs,
    ) -> Option<ConnectionEvent> {
        let item = match command {
            ConnectionCommand::Connect(target) if self.session.state().can_connect() => {
                self.target = target;
                self.handle(Event::Connect, now, outputs)
            }
            ConnectionCommand::Connect(target) => {
                return self.switch(target, now, outputs).map(ConnectionEvent::Switched);
            }
            ConnectionCommand::Disconnect(close) => {
                self.next = None;
                self.handle(Event::Disconnect(close), now, outputs)
            }
            ConnectionCommand::CloseNow => self.close_now(now, outputs),
            ConnectionCommand::LimitRetries(limit) => {
                self.session.limit_retries(limit);
                None
            }
        };
        item.map(ConnectionEvent::Session)
    }

    /// Closes the connection in favour of `target`, unless it is the one in use. A connection that is
    /// closing already is opened again once it has closed.
    fn switch(&mut self, target: Target, now: Time, outputs: &mut Outputs) -> Option<Switched> {
        let is_closing = matches!(self.session.state(), State::Closing(_));
        let is_planned = self.next.as_ref() == Some(&target);
        if is_planned || !is_closing && target == self.target {
            return None;
        }
        let (from, to) = (self.target.url.clone(), target.url.clone());
        self.next = Some(target);
        // Never records: the end of the socket does.
        self.handle(Event::Disconnect(Close::normal()), now, outputs);
        (from != to).then_some(Switched { from, to })
    }

    /// Ends a closing connection. Late events of its socket are ignored.
    fn close_now(&mut self, now: Time, outputs: &mut Outputs) -> Option<Item> {
        let State::Closing(attempt) = *self.session.state() else { return None };
        self.handle(Event::Ended(attempt, EndReason::Closed(Close::abnormal())), now, outputs)
    }

    /// Takes an event of the socket. Returns the item to record.
    pub(super) fn socket(
        &mut self,
        input: SocketInput,
        now: Time,
        outputs: &mut Outputs,
    ) -> Option<Item> {
        match input {
            SocketInput::Opened(attempt, negotiated) => {
                self.handle(Event::Opened(attempt, negotiated), now, outputs)
            }
            SocketInput::Received(attempt, message) => {
                let size = message.len() as u64;
                let item = self.session.receive(attempt, message)?;
                match self.congestion.received(size, now) {
                    connect::Step::Continue => {}
                    connect::Step::Probe => {
                        outputs.push_back(Output::Socket(SocketOutput::Probe(attempt)));
                    }
                    connect::Step::Close(overrun) => self.overrun = Some(overrun),
                }
                Some(item)
            }
            SocketInput::Probed(attempt) => {
                if *self.session.state() == State::Open(attempt) {
                    self.congestion.answered();
                }
                None
            }
            SocketInput::Ended(attempt, reason) => {
                self.handle(Event::Ended(attempt, reason), now, outputs)
            }
            SocketInput::Buffered(bytes) => {
                self.buffered = bytes;
                None
            }
        }
    }

    /// Closes a connection whose messages lag behind. Returns the lag.
    pub(super) fn close_overrun(&mut self, now: Time, outputs: &mut Outputs) -> Option<Overrun> {
        let overrun = self.overrun.take()?;
        // Never records: the end of the socket does.
        self.handle(Event::Disconnect(Close::normal()), now, outputs);
        Some(overrun)
    }

    /// Takes a timer of the connection. Returns the item to record.
    pub(super) fn timer(&mut self, timer: Timer, now: Time, outputs: &mut Outputs) -> Option<Item> {
        let event = match timer {
            Timer::Retry(attempt) => Event::Waited(attempt),
            // Changes nothing if the socket's own event came first.
            Timer::CloseHandshake(attempt) => {
                Event::Ended(attempt, EndReason::Closed(Close::abnormal()))
            }
            Timer::SlowClose(attempt) => {
                self.slow = Some(attempt);
                return None;
            }
            _ => return None,
        };
        self.handle(event, now, outputs)
    }

    /// Sends a message. Returns the item to record.
    ///
    /// # Errors
    ///
    /// Returns the message if the connection is not open, or `limit` bytes wait in the browser.
    pub(super) fn send(
        &mut self,
        message: Message,
        limit: u64,
        now: Time,
        outputs: &mut Outputs,
    ) -> Result<Option<Item>, Message> {
        if !self.can_send(limit) {
            return Err(message);
        }
        let size = message.len() as u64;
        let Step { item, effect } = self.session.send(message)?;
        self.buffered = self.buffered.map(|bytes| bytes + size);
        if let Some(effect) = effect {
            self.perform(effect, now, outputs);
        }
        Ok(item)
    }

    fn handle(&mut self, event: Event, now: Time, outputs: &mut Outputs) -> Option<Item> {
        let step = self.session.handle(event, now);
        if let Some(Item::Opened { negotiated, .. }) = &step.item {
            self.negotiated = negotiated.clone();
            self.buffered = Some(0);
            self.congestion = Congestion::default();
        }
        if let Some(effect) = step.effect {
            self.perform(effect, now, outputs);
        }
        self.connect_next(now, outputs);
        step.item
    }

    /// Connects to the next target, once the socket has closed.
    fn connect_next(&mut self, now: Time, outputs: &mut Outputs) {
        if self.session.state().can_connect()
            && let Some(target) = self.next.take()
        {
            self.target = target;
            // Records nothing: an attempt does at its end.
            self.handle(Event::Connect, now, outputs);
        }
    }

    fn perform(&self, effect: Effect, now: Time, outputs: &mut Outputs) {
        let call = match effect {
            Effect::Open(attempt) => SocketOutput::Open(attempt, self.target.clone()),
            Effect::Send(attempt, message) => SocketOutput::Send(attempt, message),
            Effect::Close(attempt, close) => {
                let timer = Timer::CloseHandshake(attempt);
                outputs.push_back(Output::Socket(SocketOutput::Close(attempt, close)));
                outputs.push_back(Output::Timer(Timer::SlowClose(attempt), SLOW_CLOSE));
                let is_late = self.congestion.is_late(now);
                let limit = if is_late { LATE_CLOSE_HANDSHAKE } else { CLOSE_HANDSHAKE };
                return outputs.push_back(Output::Timer(timer, limit));
            }
            Effect::Wait(attempt, delay) => {
                return outputs.push_back(Output::Timer(Timer::Retry(attempt), delay));
            }
        };
        outputs.push_back(Output::Socket(call));
    }
}
