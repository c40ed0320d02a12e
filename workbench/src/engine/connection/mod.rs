//! Connection: the session, its target, and the socket's buffer.

mod relayed;

use std::time::Duration;

use session::{
    Attempt, Backoff, Close, Effect, EndReason, Event, Message, Negotiated, Retries, Session,
    State, Step, Time,
};

use super::{
    command::ConnectionCommand,
    input::SocketInput,
    output::{Output, Outputs, SocketOutput, Timer},
};
use crate::{
    compose::Values,
    connect::{
        self, Address, Cause, Congestion, FilledTarget, Overrun, Page, Target, causes,
        causes_in_answer, fill_subprotocols, is_permanent, obstacle,
    },
    log::{Ended, Item, LogEvent, Opened, Switched},
    relay::{self, Fragments, Transport},
};

/// Time limit of the closing handshake. Browsers wait up to a minute for the peer's answer, and no
/// new connection can be made meanwhile.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// Time after which a closing handshake counts as slow. A peer that is well answers sooner, and a
/// button that comes and goes within it would only flicker.
const SLOW_CLOSE: Duration = Duration::from_secs(1);

/// Time limit of the closing handshake in a flood: Disconnect is to close within a second, and the peer's
/// Close frame is behind all messages.
const FLOODED_CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// State of the connection.
#[derive(Debug)]
pub(super) struct Connection {
    session: Session,
    page: Page,
    target: FilledTarget,
    /// Target to connect to once the socket has closed.
    next: Option<FilledTarget>,
    /// Attempt whose closing handshake is slow.
    slow: Option<Attempt>,
    /// Attempt for which the page's server is asked: for the cause of its failure, or for the token of the
    /// relay; or a probe, after a flood. The session takes it for open until then.
    asking: Option<Attempt>,
    /// Probable causes of the last failure, likeliest first; none once a connection opened.
    causes: Vec<Cause>,
    negotiated: Negotiated,
    congestion: Congestion,
    /// True after a flood that was left, until the browser has passed on its queued messages:
    /// before, it would queue the messages of the next socket, too.
    drains: bool,
    /// Transport through the page's server, if the attempt takes that way.
    relay: Option<Transport>,
    /// Names of the client certificates that the page's server has, once it told them.
    certificates: Vec<String>,
    /// Lag that the connection is to be closed for.
    overrun: Option<Overrun>,
    /// Bytes that wait in the browser; `None` if the socket cannot send.
    buffered: Option<u64>,
    /// True if this side closed the last connection.
    is_own_end: bool,
}

impl Connection {
    pub(super) fn new(seed: u64, page: Page) -> Self {
        Self {
            session: Session::new(Backoff::DEFAULT, Retries::UNLIMITED, seed),
            page,
            target: FilledTarget::default(),
            next: None,
            slow: None,
            asking: None,
            causes: Vec::new(),
            negotiated: Negotiated::default(),
            congestion: Congestion::default(),
            drains: false,
            relay: None,
            certificates: Vec::new(),
            overrun: None,
            buffered: None,
            is_own_end: false,
        }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Target of the last connection, without secrets; its address is empty before the first.
    pub(super) fn shown_target(&self) -> &Target {
        &self.target.shown
    }

    /// Address that the connection uses, tries or closes, without secrets; `None` while disconnected.
    pub(super) fn address_in_use(&self) -> Option<&str> {
        let is_idle = matches!(self.session.state(), State::Idle(_));
        (!is_idle).then_some(&self.target.shown.url)
    }

    /// Address to connect to once the socket has closed, without secrets.
    pub(super) fn next_address(&self) -> Option<&str> {
        self.next.as_ref().map(|target| target.shown.url.as_str())
    }

    /// True if the closing handshake is slow.
    pub(super) fn can_close_now(&self) -> bool {
        matches!(self.session.state(), State::Closing(attempt) if self.slow == Some(*attempt))
    }

    /// Probable causes of the last failure, likeliest first.
    pub(super) fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// True if this side closed the last connection.
    pub(super) fn is_own_end(&self) -> bool {
        self.is_own_end
    }

    /// Result of the opening handshake, while the connection is open.
    pub(super) fn negotiated(&self) -> Option<&Negotiated> {
        matches!(self.session.state(), State::Open(_)).then_some(&self.negotiated)
    }

    /// True if the session is open and the browser holds `limit` unsent bytes at most.
    pub(super) fn can_send(&self, limit: u64) -> bool {
        self.session.state().can_send() && self.buffered.is_some_and(|bytes| bytes <= limit)
    }

    /// Performs a command. Returns the items to record.
    pub(super) fn update(
        &mut self,
        command: ConnectionCommand,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        match command {
            ConnectionCommand::Connect(target) if self.session.state().can_connect() => {
                let target = self.with_acceptance(target);
                let switched = self.leave_waiting(&target, now);
                switched.into_iter().chain(self.connect(target, now, outputs)).collect()
            }
            ConnectionCommand::Connect(target) => {
                let target = self.with_acceptance(target);
                self.switch(target, now, outputs)
            }
            ConnectionCommand::Disconnect(close) => {
                self.next = None;
                self.disconnect(close, now, outputs)
            }
            ConnectionCommand::CloseNow => self.close_now(now, outputs),
            ConnectionCommand::LimitRetries(limit) => {
                self.session.limit_retries(limit);
                Vec::new()
            }
            ConnectionCommand::Read(is_reading) => {
                self.read(is_reading, outputs);
                Vec::new()
            }
        }
    }

    fn disconnect(&mut self, close: Close, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        let asked = self.asking.take();
        let mut items = self.handle(Event::Disconnect(close), now, outputs);
        if self.congestion.is_late(now) {
            items.extend(self.close_now(now, outputs));
        }
        // Nothing else would end an attempt that has failed already.
        if let Some(attempt) = asked {
            items.extend(self.handle(Event::Ended(attempt, EndReason::Failed), now, outputs));
        }
        items
    }

    /// `target` with the certificates and redirects that were accepted for it: until the connection and its retries end,
    /// these do not make it another target. Nor do the marks of its headers, which hold from the next attempt on.
    fn with_acceptance(&mut self, target: FilledTarget) -> FilledTarget {
        let mut same = target.target.clone();
        if let (Some(options), Some(used)) = (&mut same.relay, &self.target.target.relay)
            && **options == options.checked()
        {
            options.accepts_any_certificate = used.accepts_any_certificate;
            options.accepted_certificate = used.accepted_certificate;
            options.follows_once = used.follows_once;
            // Of the same address, if the rest is the same.
            options.bound_to.clone_from(&used.bound_to);
            options.plain.clone_from(&used.plain);
        }
        let is_over = matches!(self.session.state(), State::Idle(_) | State::Closing(_));
        if is_over || same != self.target.target {
            return target;
        }
        if let (Some(used), Some(options)) = (&mut self.target.target.relay, target.target.relay) {
            used.plain = options.plain;
        }
        self.target.clone()
    }

    /// Closes the connection in favor of `target`, unless it is the one in use. A connection that is
    /// closing already is opened again once it has closed.
    fn switch(&mut self, target: FilledTarget, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        let is_closing = matches!(self.session.state(), State::Closing(_));
        let is_planned = self.next.as_ref() == Some(&target);
        if is_planned || !is_closing && target == self.target {
            return Vec::new();
        }
        let switched = self.switched(&target);
        self.next = Some(target);
        let ended = self.disconnect(Close::normal(), now, outputs);
        switched.into_iter().chain(ended).collect()
    }

    /// Item for a change to the address of `target`, if it is another.
    fn switched(&self, target: &FilledTarget) -> Option<Item> {
        let (from, to) = (self.target.shown.url.clone(), target.shown.url.clone());
        (from != to).then_some(Item::Event(LogEvent::Switched(Switched { from, to })))
    }

    /// Abandons a lost connection for another address: that is a new connection, not a reconnection.
    fn leave_waiting(&mut self, target: &FilledTarget, now: Time) -> Option<Item> {
        let is_waiting = matches!(self.session.state(), State::Waiting { .. });
        let switched = self.switched(target).filter(|_| is_waiting)?;
        self.session.handle(Event::Disconnect(Close::normal()), now);
        Some(switched)
    }

    /// Ends a closing connection. Late events of its socket are ignored.
    fn close_now(&mut self, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        let State::Closing(attempt) = *self.session.state() else { return Vec::new() };
        self.handle(Event::Ended(attempt, EndReason::Closed(Close::abnormal())), now, outputs)
    }

    /// Handles a socket event. Returns the items to record.
    pub(super) fn socket(
        &mut self,
        input: SocketInput,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        match input {
            SocketInput::Opened(attempt, _) if self.relay.is_some() => {
                self.greet(attempt, outputs);
                Vec::new()
            }
            SocketInput::Opened(attempt, negotiated) => {
                self.opened(attempt, negotiated, now, outputs)
            }
            SocketInput::Ended(attempt, EndReason::Failed)
                if *self.session.state() == State::Connecting(attempt) =>
            {
                self.failed(attempt, now, outputs)
            }
            SocketInput::Ended(attempt, EndReason::Closed(close))
                if self.relay.as_ref().is_some_and(|relay| relay.attempt() == attempt) =>
            {
                self.relay_ended(attempt, close, now, outputs)
            }
            SocketInput::Ended(attempt, reason) => {
                self.handle(Event::Ended(attempt, reason), now, outputs)
            }
            SocketInput::Answered(attempt, answer) if self.asking == Some(attempt) => {
                self.asking = None;
                if self.relay.is_some() {
                    return self.authorize(attempt, answer.as_ref(), now, outputs);
                }
                let Target { url, subprotocols, .. } = &self.target.target;
                self.causes = Address::parse(url, self.page.is_secure()).map_or_else(
                    |error| vec![Cause::Malformed(error)],
                    |address| causes_in_answer(&address, subprotocols, answer.as_ref()),
                );
                self.end_failed(attempt, now, outputs)
            }
            SocketInput::Answered(..) => Vec::new(),
            SocketInput::Received(attempt, message) => {
                Vec::from_iter(self.receive(attempt, message, now, outputs))
            }
            SocketInput::Probed(attempt) => match *self.session.state() {
                State::Open(open) if open == attempt => {
                    self.congestion.answered();
                    Vec::new()
                }
                State::Connecting(_) if self.drains && self.asking == Some(attempt) => {
                    self.drains = false;
                    self.asking = None;
                    self.open(attempt, now, outputs)
                }
                _ => Vec::new(),
            },
            SocketInput::Buffered(bytes) => {
                self.buffered = bytes;
                Vec::new()
            }
        }
    }

    /// Handles a successful opening. Its record has no secrets.
    fn opened(
        &mut self,
        attempt: Attempt,
        Negotiated { subprotocol, extensions }: Negotiated,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        let subprotocol = self.target.shown_subprotocol(subprotocol);
        self.handle(Event::Opened(attempt, Negotiated { subprotocol, extensions }), now, outputs)
    }

    /// Handles a failed attempt. Asks the page's own server for the cause.
    fn failed(&mut self, attempt: Attempt, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        if self.relay.is_some() {
            self.causes = vec![self.page.gone()];
            return self.end_failed(attempt, now, outputs);
        }
        let Target { url, subprotocols, .. } = &self.target.target;
        match Address::parse(url, self.page.is_secure()) {
            Ok(address) => match self.page.question(&address) {
                Some(question) => {
                    self.asking = Some(attempt);
                    outputs.push_back(Output::Socket(SocketOutput::Ask(attempt, question)));
                    return Vec::new();
                }
                None => self.causes = causes(&address, subprotocols, &self.page),
            },
            Err(error) => self.causes = vec![Cause::Malformed(error)],
        }
        self.end_failed(attempt, now, outputs)
    }

    /// Ends an attempt for one cause.
    fn failed_for(
        &mut self,
        cause: Cause,
        attempt: Attempt,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        self.causes = vec![cause];
        self.end_failed(attempt, now, outputs)
    }

    /// Ends an attempt whose causes are set.
    fn end_failed(&mut self, attempt: Attempt, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        let event = if is_permanent(&self.causes) {
            Event::Refused(attempt)
        } else {
            Event::Ended(attempt, EndReason::Failed)
        };
        self.handle(event, now, outputs)
    }

    /// Handles a received message. Returns the item to record; `None` if an old socket received it.
    pub(super) fn receive(
        &mut self,
        attempt: Attempt,
        message: Message,
        now: Time,
        outputs: &mut Outputs,
    ) -> Option<Item> {
        let size = message.len() as u64;
        let item = self.session.receive(attempt, message)?;
        if self.session.state().can_send() {
            match self.congestion.received(size, now) {
                connect::Step::Continue => {}
                connect::Step::Probe => {
                    outputs.push_back(Output::Socket(SocketOutput::Probe(attempt)));
                }
                connect::Step::Close(overrun) => self.overrun = Some(overrun),
            }
        }
        Some(self.item(item, false, now))
    }

    /// Closes a connection whose messages lag behind. Returns the lag, and the items to record.
    pub(super) fn close_overrun(
        &mut self,
        now: Time,
        outputs: &mut Outputs,
    ) -> Option<(Overrun, Vec<Item>)> {
        let overrun = self.overrun.take()?;
        Some((overrun, self.disconnect(Close::normal(), now, outputs)))
    }

    /// Handles a timer of the connection. Returns the items to record.
    pub(super) fn timer(&mut self, timer: Timer, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        let event = match timer {
            Timer::Retry(attempt) => Event::Waited(attempt),
            // Changes nothing if the socket's own event came first.
            Timer::CloseHandshake(attempt) => {
                Event::Ended(attempt, EndReason::Closed(Close::abnormal()))
            }
            Timer::SlowClose(attempt) => {
                self.slow = Some(attempt);
                return Vec::new();
            }
            _ => return Vec::new(),
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
        Ok(item.map(|item| self.item(item, false, now)))
    }

    /// Passes an event to the session, and performs its effects. Returns the items to record.
    fn handle(&mut self, event: Event, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        let is_own = matches!(self.session.state(), State::Closing(_))
            || self.relay.as_ref().is_some_and(Transport::was_ended_here);
        let Step { item, effect } = self.session.handle(event, now);
        let mut items = Vec::from_iter(item.map(|item| self.item(item, is_own, now)));
        match items.first() {
            Some(Item::Event(LogEvent::Opened(opened))) => {
                self.negotiated = opened.negotiated.clone();
                self.buffered = Some(0);
                self.causes.clear();
            }
            Some(Item::Event(LogEvent::Ended(_))) => self.is_own_end = is_own,
            _ => {}
        }
        self.leave_relay(outputs);
        match effect {
            Some(Effect::Open(attempt)) => items.extend(self.open(attempt, now, outputs)),
            Some(effect) => self.perform(effect, now, outputs),
            None => {}
        }
        items.extend(self.connect_next(now, outputs));
        items
    }

    /// Item for the log. `is_own` if this side began to close.
    fn item(&self, item: session::Item, is_own: bool, now: Time) -> Item {
        let address = || match &self.relay {
            Some(relay) if !relay.opening().url.is_empty() => {
                relay.opening().shown_url(&self.target.target, &self.target.shown)
            }
            _ => self.target.shown.url.clone(),
        };
        match item {
            session::Item::Opened { negotiated, outage } => {
                Item::Event(LogEvent::Opened(Opened { address: address(), negotiated, outage }))
            }
            session::Item::Sent(message) => Item::Sent(message),
            session::Item::Received(message) => Item::Received(message),
            session::Item::Ended(reason) => {
                let opened_at = self.session.opened_at();
                Item::Event(LogEvent::Ended(Ended {
                    address: address(),
                    causes: match reason {
                        EndReason::Failed => self.causes.clone(),
                        EndReason::Cancelled | EndReason::Closed(_) => Vec::new(),
                    },
                    reason,
                    subprotocol: opened_at
                        .map(|_| self.negotiated.subprotocol.clone())
                        .unwrap_or_default(),
                    lasted: opened_at.map(|at| now.since(at)),
                    is_own,
                }))
            }
        }
    }

    /// Opens a socket, unless that cannot succeed.
    fn open(&mut self, attempt: Attempt, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        if let Some(cause) = self.obstacle() {
            self.causes = vec![cause];
            return self.handle(Event::Refused(attempt), now, outputs);
        }
        if self.drains {
            self.asking = Some(attempt);
            outputs.push_back(Output::Socket(SocketOutput::Probe(attempt)));
            return Vec::new();
        }
        self.congestion = Congestion::default();
        if let Some(options) = &self.target.target.relay {
            self.relay = Some(Transport::new(attempt, options, &self.target.target));
            self.ask_for_token(attempt, outputs);
            return Vec::new();
        }
        let target = self.target.target.clone();
        outputs.push_back(Output::Socket(SocketOutput::Open(attempt, target)));
        Vec::new()
    }

    /// Reason for which an attempt would fail, known without trying.
    fn obstacle(&self) -> Option<Cause> {
        let Target { url, subprotocols, relay } = &self.target.target;
        let browsers = |address: &Address| match relay {
            Some(_) if self.page.relay().is_none() => Some(Cause::RelayOff),
            Some(options) if !options.are_for(address) => {
                Some(Cause::OptionsOfAnother(options.bound_to.shown.clone()))
            }
            Some(_) => None,
            None => obstacle(address, &self.page),
        };
        match Address::parse(url, self.page.is_secure() && relay.is_none()) {
            Ok(address) => browsers(&address).or_else(|| {
                // The variables are filled in: what is left of braces is a mistake.
                let mut names = fill_subprotocols(subprotocols, &Values::new(0)).into_iter();
                names.find_map(Result::err).map(Cause::InvalidSubprotocol)
            }),
            Err(error) => Some(Cause::Malformed(error)),
        }
    }

    /// Connects to the next target, once the socket has closed.
    fn connect_next(&mut self, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        if self.session.state().can_connect()
            && let Some(target) = self.next.take()
        {
            return self.connect(target, now, outputs);
        }
        Vec::new()
    }

    fn connect(&mut self, target: FilledTarget, now: Time, outputs: &mut Outputs) -> Vec<Item> {
        self.target = target;
        self.causes.clear();
        self.handle(Event::Connect, now, outputs)
    }

    /// Requests an effect of a session, except the opening of a socket.
    fn perform(&mut self, effect: Effect, now: Time, outputs: &mut Outputs) {
        match effect {
            Effect::Open(_) => {}
            Effect::Send(attempt, message) => {
                let message = match self.relay {
                    Some(_) => relay::send(&message, Fragments::NONE, true),
                    None => message,
                };
                outputs.push_back(Output::Socket(SocketOutput::Send(attempt, message)));
            }
            Effect::Close(attempt, close) => {
                outputs.push_back(Output::Socket(match &mut self.relay {
                    Some(relay) if relay.is_open() => {
                        SocketOutput::Send(attempt, relay.close(&close))
                    }
                    _ => SocketOutput::Close(attempt, close),
                }));
                outputs.push_back(Output::Timer(Timer::SlowClose(attempt), SLOW_CLOSE));
                let is_flooded = self.congestion.is_flooded(now);
                self.drains |= is_flooded;
                let limit = if is_flooded { FLOODED_CLOSE_TIMEOUT } else { CLOSE_TIMEOUT };
                outputs.push_back(Output::Timer(Timer::CloseHandshake(attempt), limit));
            }
            Effect::Wait(attempt, delay) => {
                outputs.push_back(Output::Timer(Timer::Retry(attempt), delay));
            }
        }
    }
}
