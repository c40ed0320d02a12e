//! Connection: the session, its target, and the socket's buffer.

mod relayed;
mod turn;

use std::{mem, time::Duration};

use session::{
    Attempt, Backoff, Close, Effect, EndReason, Event, Message, Negotiated, Outcome, Retries,
    Session, State, Time,
};

use super::{
    command::ConnectionCommand,
    input::SocketInput,
    output::{Output, SocketOutput, Timer},
    report::Report,
    snapshot::ConnectionState,
};
pub(super) use turn::Turn;

use crate::{
    compose::Values,
    connect::{
        self, Address, Answer, Cause, Congestion, FilledTarget, Overrun, Page, Target, causes,
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
const SLOW_CLOSE_AFTER: Duration = Duration::from_secs(1);

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
    /// Beginning of the last attempt.
    tried_at: Time,
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
    awaits_drain: bool,
    /// Transport through the page's server, if the attempt takes that way.
    relay: Option<Transport>,
    /// Names of the client certificates that the page's server has, once it told them.
    certificates: Vec<String>,
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
            tried_at: Time(0),
            slow: None,
            asking: None,
            causes: Vec::new(),
            negotiated: Negotiated::default(),
            congestion: Congestion::default(),
            awaits_drain: false,
            relay: None,
            certificates: Vec::new(),
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

    /// Beginning of the last attempt.
    pub(super) fn tried_at(&self) -> Time {
        self.tried_at
    }

    /// State to show, without secrets.
    pub(super) fn shown(&self) -> ConnectionState {
        let state = self.session.state().clone();
        let is_open = state.can_send();
        let relay = self.relay.as_ref();
        let options = relay.and(self.target.target.relay.as_ref());
        ConnectionState {
            in_use: self.address_in_use().map(str::to_owned),
            next_address: self.next.as_ref().map(|target| target.shown.url.clone()),
            causes: self.causes.clone(),
            can_close_now: matches!(state, State::Closing(attempt) if self.slow == Some(attempt)),
            is_own_end: self.is_own_end,
            since: match state {
                State::Connecting(_) => Some(self.tried_at),
                State::Open(_) => self.session.opened_at(),
                State::Idle(_) | State::Closing(_) | State::Waiting { .. } => None,
            },
            negotiated: is_open.then(|| self.negotiated.clone()),
            is_relayed: relay.is_some(),
            is_reading: relay.filter(|_| is_open).map(Transport::is_reading),
            accepts_untrusted: options.is_some_and(|options| options.accepts_untrusted()),
            certificates: self.certificates.clone(),
            state,
        }
    }

    /// True if the session is open and the browser holds `limit` unsent bytes at most.
    pub(super) fn can_send(&self, limit: u64) -> bool {
        self.session.state().can_send() && self.buffered.is_some_and(|bytes| bytes <= limit)
    }

    /// Performs a command.
    pub(super) fn update(&mut self, command: ConnectionCommand, turn: &mut Turn<'_>) {
        match command {
            ConnectionCommand::Connect(target) => {
                let target = self.adopt_in_use(target);
                if self.session.state().can_connect() {
                    self.leave_waiting(&target, turn);
                    self.connect(target, turn);
                } else {
                    self.switch(target, turn);
                }
            }
            ConnectionCommand::Disconnect(close) => {
                self.next = None;
                self.disconnect(close, turn);
            }
            ConnectionCommand::CloseNow => self.close_now(turn),
            ConnectionCommand::LimitRetries(limit) => self.session.limit_retries(limit),
            ConnectionCommand::Read(is_reading) => self.read(is_reading, turn),
        }
    }

    fn disconnect(&mut self, close: Close, turn: &mut Turn<'_>) {
        let asked = self.asking.take();
        self.handle(Event::Disconnect(close), turn);
        if self.congestion.is_late(turn.now) {
            self.close_now(turn);
        }
        // Nothing else would end an attempt that has failed already.
        if let Some(attempt) = asked {
            self.handle(Event::Ended(attempt, EndReason::Failed), turn);
        }
    }

    /// `target` with the certificates and redirects that were accepted for it: until the connection and its retries end,
    /// these do not make it another target. Nor do the marks of its headers, which hold from the next attempt on.
    fn adopt_in_use(&mut self, target: FilledTarget) -> FilledTarget {
        let mut same = target.target.clone();
        if let (Some(options), Some(used)) = (&mut same.relay, &self.target.target.relay)
            && **options == options.without_exceptions()
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
    fn switch(&mut self, target: FilledTarget, turn: &mut Turn<'_>) {
        let is_closing = matches!(self.session.state(), State::Closing(_));
        let is_planned = self.next.as_ref() == Some(&target);
        if is_planned || !is_closing && target == self.target {
            return;
        }
        self.switched(&target, turn);
        self.next = Some(target);
        self.disconnect(Close::normal(), turn);
    }

    /// Records a change to the address of `target`. False if it is the same.
    fn switched(&self, target: &FilledTarget, turn: &mut Turn<'_>) -> bool {
        let (from, to) = (self.target.shown.url.clone(), target.shown.url.clone());
        let is_other = from != to;
        if is_other {
            turn.record(LogEvent::Switched(Switched { from, to }));
        }
        is_other
    }

    /// Abandons a lost connection for another address: that is a new connection, not a reconnection.
    fn leave_waiting(&mut self, target: &FilledTarget, turn: &mut Turn<'_>) {
        let is_waiting = matches!(self.session.state(), State::Waiting { .. });
        if is_waiting && self.switched(target, turn) {
            self.session.handle(Event::Disconnect(Close::normal()), turn.now);
        }
    }

    /// Ends a closing connection. Late events of its socket are ignored.
    fn close_now(&mut self, turn: &mut Turn<'_>) {
        if let State::Closing(attempt) = *self.session.state() {
            self.handle(Event::Ended(attempt, EndReason::Closed(Close::abnormal())), turn);
        }
    }

    /// Handles a socket event other than a message.
    pub(super) fn socket(&mut self, input: SocketInput, turn: &mut Turn<'_>) {
        match input {
            SocketInput::Opened(attempt, _) if self.relay.is_some() => self.greet(attempt, turn),
            SocketInput::Opened(attempt, negotiated) => self.opened(attempt, negotiated, turn),
            SocketInput::Ended(attempt, reason) => self.ended(attempt, reason, turn),
            SocketInput::Answered(attempt, answer) if self.asking == Some(attempt) => {
                self.asking = None;
                self.answered(attempt, answer.as_ref(), turn);
            }
            SocketInput::Probed(attempt) => match *self.session.state() {
                State::Open(open) if open == attempt => self.congestion.answered(),
                State::Connecting(_) if self.awaits_drain && self.asking == Some(attempt) => {
                    self.awaits_drain = false;
                    self.asking = None;
                    self.open(attempt, turn);
                }
                _ => {}
            },
            SocketInput::Buffered(bytes) => self.buffered = bytes,
            SocketInput::Answered(..) | SocketInput::Received(..) => {}
        }
    }

    /// Handles a successful opening. Its record has no secrets.
    fn opened(&mut self, attempt: Attempt, negotiated: Negotiated, turn: &mut Turn<'_>) {
        let subprotocol = self.target.shown_subprotocol(negotiated.subprotocol);
        self.handle(Event::Opened(attempt, Negotiated { subprotocol, ..negotiated }), turn);
    }

    /// Handles the end of a socket.
    fn ended(&mut self, attempt: Attempt, reason: EndReason, turn: &mut Turn<'_>) {
        let is_relays = self.relay.as_ref().is_some_and(|relay| relay.attempt() == attempt);
        match reason {
            EndReason::Failed if *self.session.state() == State::Connecting(attempt) => {
                self.failed(attempt, turn);
            }
            EndReason::Failed if is_relays => self.relay_ended(attempt, Close::abnormal(), turn),
            EndReason::Failed => {
                if *self.session.state() == State::Open(attempt) {
                    self.causes = vec![Cause::BrokenOff];
                }
                self.handle(Event::Ended(attempt, EndReason::Closed(Close::abnormal())), turn);
            }
            EndReason::Closed(close) if is_relays => self.relay_ended(attempt, close, turn),
            reason => self.handle(Event::Ended(attempt, reason), turn),
        }
    }

    /// Handles the answer of the page's server: the cause of a failure, or the token of the relay.
    fn answered(&mut self, attempt: Attempt, answer: Option<&Answer>, turn: &mut Turn<'_>) {
        if self.relay.is_some() {
            return self.authorize(attempt, answer, turn);
        }
        self.put_off_retry(answer.and_then(|answer| answer.retry_after));
        let Target { url, subprotocols, .. } = &self.target.target;
        self.causes = Address::parse(url, self.page.is_secure()).map_or_else(
            |error| vec![Cause::Malformed(error.to_string())],
            |address| causes_in_answer(&address, subprotocols, answer),
        );
        self.end_failed(attempt, turn);
    }

    /// Handles a failed attempt. Asks the page's own server for the cause.
    fn failed(&mut self, attempt: Attempt, turn: &mut Turn<'_>) {
        if self.relay.is_some() {
            return self.failed_for(self.page.no_response(), attempt, turn);
        }
        let Target { url, subprotocols, .. } = &self.target.target;
        match Address::parse(url, self.page.is_secure()) {
            Ok(address) => match self.page.question(&address) {
                Some(question) => {
                    self.asking = Some(attempt);
                    return turn.call(SocketOutput::Ask(attempt, question));
                }
                None => self.causes = causes(&address, subprotocols, &self.page),
            },
            Err(error) => self.causes = vec![Cause::Malformed(error.to_string())],
        }
        self.end_failed(attempt, turn);
    }

    /// Puts off the retry by the seconds that the server asks for.
    fn put_off_retry(&mut self, seconds: Option<u64>) {
        self.session.put_off_retry(Duration::from_secs(seconds.unwrap_or(0)));
    }

    /// Ends an attempt for one cause.
    fn failed_for(&mut self, cause: Cause, attempt: Attempt, turn: &mut Turn<'_>) {
        self.causes = vec![cause];
        self.end_failed(attempt, turn);
    }

    /// Ends an attempt whose causes are set.
    fn end_failed(&mut self, attempt: Attempt, turn: &mut Turn<'_>) {
        let (url, shown) = (&self.target.target.url, &self.target.shown.url);
        let causes = mem::take(&mut self.causes);
        self.causes = causes.into_iter().map(|cause| cause.hiding(url, shown)).collect();
        let event = if is_permanent(&self.causes) {
            Event::Refused(attempt)
        } else {
            Event::Ended(attempt, EndReason::Failed)
        };
        self.handle(event, turn);
    }

    /// True for messages of the attempt's socket, unless it is an old one.
    pub(super) fn accepts(&self, attempt: Attempt) -> bool {
        self.session.accepts(attempt)
    }

    /// Counts a received message of `size` bytes. Closes the connection if messages lag behind, and returns the lag.
    pub(super) fn received(
        &mut self,
        attempt: Attempt,
        size: u64,
        turn: &mut Turn<'_>,
    ) -> Option<Overrun> {
        if !self.session.state().can_send() {
            return None;
        }
        match self.congestion.received(size, turn.now) {
            connect::Verdict::Continue => {}
            // The relay holds the peer back: a flood does not lag.
            connect::Verdict::Probe if self.relay.is_some() => self.congestion.answered(),
            connect::Verdict::Probe => turn.call(SocketOutput::Probe(attempt)),
            connect::Verdict::Close(overrun) => {
                turn.record(LogEvent::Overrun(overrun));
                self.causes = vec![Cause::Overrun];
                self.disconnect(Close::normal(), turn);
                return Some(overrun);
            }
        }
        None
    }

    /// Handles a timer of the connection.
    pub(super) fn timer(&mut self, timer: Timer, turn: &mut Turn<'_>) {
        match timer {
            Timer::Retry(attempt) => self.handle(Event::Waited(attempt), turn),
            // Changes nothing if the socket's own event came first.
            Timer::CloseHandshake(attempt) => {
                self.handle(Event::Ended(attempt, EndReason::Closed(Close::abnormal())), turn);
            }
            Timer::SlowClose(attempt) => self.slow = Some(attempt),
            _ => {}
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Returns the message if the connection is not open, or `limit` bytes wait in the browser.
    pub(super) fn send(
        &mut self,
        message: Message,
        limit: u64,
        turn: &mut Turn<'_>,
    ) -> Result<(), Message> {
        if !self.can_send(limit) {
            return Err(message);
        }
        let size = message.len() as u64;
        let Outcome { item, effect } = self.session.send(message)?;
        self.buffered = self.buffered.map(|bytes| bytes + size);
        if let Some(effect) = effect {
            self.perform(effect, turn);
        }
        turn.items.extend(item.map(|item| self.item(item, false, turn.now)));
        Ok(())
    }

    /// Passes an event to the session, records its item and performs its effects.
    fn handle(&mut self, event: Event, turn: &mut Turn<'_>) {
        let is_own = matches!(self.session.state(), State::Closing(_))
            || self.relay.as_ref().is_some_and(Transport::was_ended_here);
        let Outcome { item, effect } = self.session.handle(event, turn.now);
        let item = item.map(|item| self.item(item, is_own, turn.now));
        match &item {
            Some(Item::Event(LogEvent::Opened(opened))) => {
                self.negotiated = opened.negotiated.clone();
                self.buffered = Some(0);
                self.causes.clear();
                let opened = Report::Opened(self.target.shown.url.clone());
                turn.outputs.push_back(Output::Report(opened));
            }
            Some(Item::Event(LogEvent::Ended(ended))) => {
                self.is_own_end = is_own && ended.causes != [Cause::Overrun];
            }
            _ => {}
        }
        turn.items.extend(item);
        self.leave_relay(turn);
        if let Some(effect) = effect {
            self.perform(effect, turn);
        }
        self.connect_next(turn);
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
            session::Item::Ended(reason) => {
                let opened_at = self.session.opened_at();
                Item::Event(LogEvent::Ended(Ended {
                    address: address(),
                    causes: match reason {
                        EndReason::Cancelled => Vec::new(),
                        EndReason::Failed | EndReason::Closed(_) => self.causes.clone(),
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
    fn open(&mut self, attempt: Attempt, turn: &mut Turn<'_>) {
        self.tried_at = turn.now;
        if let Some(cause) = self.obstacle() {
            self.causes = vec![cause];
            return self.handle(Event::Refused(attempt), turn);
        }
        if self.awaits_drain {
            self.asking = Some(attempt);
            return turn.call(SocketOutput::Probe(attempt));
        }
        self.congestion = Congestion::default();
        if let Some(options) = &self.target.target.relay {
            self.relay = Some(Transport::new(attempt, options, &self.target.target));
            return self.ask_for_token(attempt, turn);
        }
        turn.call(SocketOutput::Open(attempt, self.target.target.clone()));
    }

    /// Reason for which an attempt would fail, known without trying.
    fn obstacle(&self) -> Option<Cause> {
        let Target { url, subprotocols, relay } = &self.target.target;
        let browsers = |address: &Address| match relay {
            Some(_) if self.page.relay().is_none() => Some(Cause::RelayOff),
            Some(options) if !options.applies_to(address) => {
                Some(Cause::OptionsOfAnother(options.bound_to.shown.clone()))
            }
            Some(_) => None,
            None => obstacle(address, &self.page),
        };
        match Address::parse(url, self.page.is_secure() && relay.is_none()) {
            Ok(address) => browsers(&address).or_else(|| {
                // The variables are filled in: what is left of braces is a mistake.
                let mut names = fill_subprotocols(subprotocols, &Values::new(0)).into_iter();
                let error = names.find_map(Result::err)?;
                Some(Cause::InvalidSubprotocol(error.to_string()))
            }),
            Err(error) => Some(Cause::Malformed(error.to_string())),
        }
    }

    /// Connects to the next target, once the socket has closed.
    fn connect_next(&mut self, turn: &mut Turn<'_>) {
        if self.session.state().can_connect()
            && let Some(target) = self.next.take()
        {
            self.connect(target, turn);
        }
    }

    fn connect(&mut self, target: FilledTarget, turn: &mut Turn<'_>) {
        self.target = target;
        self.causes.clear();
        self.handle(Event::Connect, turn);
    }

    /// Performs an effect of the session.
    fn perform(&mut self, effect: Effect, turn: &mut Turn<'_>) {
        match effect {
            Effect::Open(attempt) => self.open(attempt, turn),
            Effect::Send(attempt, message) => {
                let message = match self.relay {
                    Some(_) => relay::encoded_message(&message, Fragments::NONE, true),
                    None => message,
                };
                turn.call(SocketOutput::Send(attempt, message));
            }
            Effect::Close(attempt, close) => {
                turn.call(match &mut self.relay {
                    Some(relay) if relay.is_open() => {
                        SocketOutput::Send(attempt, relay.close(&close))
                    }
                    _ => SocketOutput::Close(attempt, close),
                });
                turn.set(Timer::SlowClose(attempt), SLOW_CLOSE_AFTER);
                let is_flooded = self.congestion.is_flooded(turn.now);
                self.awaits_drain |= is_flooded;
                let limit = if is_flooded { FLOODED_CLOSE_TIMEOUT } else { CLOSE_TIMEOUT };
                turn.set(Timer::CloseHandshake(attempt), limit);
            }
            Effect::Wait(attempt, delay) => turn.set(Timer::Retry(attempt), delay),
        }
    }
}
