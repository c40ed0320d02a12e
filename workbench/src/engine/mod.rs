//! The engine of a tab. Pure: one door, [`Engine::update`], takes inputs and the time, and returns
//! outputs.
//!
//! Up to two [`Snapshot`]s are under way; the view confirms the newest once it is on screen, so that it
//! is never more than a frame behind. If a flood delays the confirmation, a timer sends snapshots.

mod command;
mod composer;
mod connection;
mod exchange;
mod input;
mod log;
mod output;
mod persistence;
mod report;
mod snapshot;
mod watchdog;

use std::time::Duration;

use session::{Attempt, Message, State, Time};

pub use command::{
    Command, ComposerCommand, ConnectionCommand, ExchangeCommand, LogCommand, Purpose,
};
pub use input::{Input, SocketInput, StoreInput};
pub use log::MAX_COPIED_BYTES;
pub use output::{Output, SocketOutput, StoreOutput, Timer};
pub use report::{NotSent, Report, Warning};
pub use snapshot::{Found, Repeating, Snapshot};
pub use watchdog::{Tick, WATCHDOG_INTERVAL, Watchdog};

use crate::{
    compose::{Framing, MAX_BURST},
    connect::Page,
    log::{Item, LogEvent},
    metrics::Measure,
    relay::RelayEvent,
};
use composer::{Composer, Outgoing};
use connection::{Connection, Turn};
use exchange::Exchange;
use log::Log;
use output::Outputs;
use persistence::Persistence;

/// Bytes that may wait in the browser for a peer that does not read, at most.
const MAX_SEND_BUFFER: u64 = 16 << 20;

/// Bytes that may wait while a repetition runs, at most: messages in the browser's buffer cannot be stopped any more.
const MAX_REPEAT_BUFFER: u64 = 1 << 20;

/// Maximum number of snapshots on their way to the screen: one with a sent message, and one with its
/// echo, which arrives before a frame has passed.
const MAX_AHEAD: u8 = 2;

/// Maximum number of snapshots, one each [`SNAPSHOT_INTERVAL`], without an answer of the view: five seconds,
/// after which the page counts as hidden.
const MAX_AHEAD_BY_CLOCK: u8 = 50;

/// Time after which a snapshot is due without an answer of the view.
const SNAPSHOT_INTERVAL: Duration = Duration::from_millis(100);

/// State of a tab.
#[derive(Debug)]
pub struct Engine {
    connection: Connection,
    composer: Composer,
    log: Log,
    metrics: Measure,
    exchange: Exchange,
    persistence: Persistence,
    view: View,
    outputs: Outputs,
}

/// State of the view: snapshots on their way to the screen.
#[derive(Debug)]
struct View {
    /// Something is not on screen yet.
    has_news: bool,
    /// Snapshots since one was on screen.
    ahead: u8,
    /// Time of the last snapshot.
    last: Time,
}

impl Engine {
    /// An engine that is not connected, for a page from a file. `seed` spreads its retries, and is that
    /// of random values in drafts; give each engine another.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::of_page(seed, Page::default())
    }

    /// An engine as [`new`](Self::new), for `page`.
    #[must_use]
    pub fn of_page(seed: u64, page: Page) -> Self {
        Self {
            connection: Connection::new(seed, page),
            composer: Composer::new(seed),
            log: Log::new(),
            metrics: Measure::default(),
            exchange: Exchange::default(),
            persistence: Persistence::default(),
            view: View { has_news: true, ahead: 0, last: Time(0) },
            outputs: Outputs::new(),
        }
    }

    /// Handles an input at `now`. Returns the outputs to perform, in order; those that are not taken are lost.
    pub fn update(&mut self, input: Input, now: Time) -> impl Iterator<Item = Output> + '_ {
        match input {
            Input::Command(command) if self.persistence.is_restoring() => {
                self.persistence.hold(command);
            }
            input => self.handle(input, now),
        }
        if !self.persistence.is_restoring() && self.view.is_due(now) {
            let snapshot = Box::new(self.snapshot());
            self.outputs.push_back(Output::Report(Report::Snapshot(snapshot)));
        }
        self.outputs.drain(..)
    }

    fn handle(&mut self, input: Input, now: Time) {
        self.view.has_news |= input.is_news();
        match input {
            Input::Command(command) => self.perform(command, now),
            Input::Socket(input) => {
                match input {
                    SocketInput::Received(attempt, message) if self.connection.is_relayed() => {
                        self.relayed(attempt, &message, now);
                    }
                    SocketInput::Received(attempt, message) => {
                        self.receive(attempt, message, now);
                    }
                    input => self.turn(now, |connection, turn| connection.socket(input, turn)),
                }
                if self.composer.is_repeating() {
                    self.end_repetition();
                    self.repeat(now);
                }
            }
            Input::Store(input) => {
                let held = self.persistence.store(input, &mut self.log, now, &mut self.outputs);
                self.handle_held(held, now);
            }
            Input::Timer(timer) => self.timer(timer, now),
        }
    }

    /// Performs a command of the view.
    fn perform(&mut self, command: Command, now: Time) {
        match command {
            Command::Connection(command) => {
                self.turn(now, |connection, turn| connection.update(command, turn));
                self.end_repetition();
            }
            Command::Composer(command) => {
                let outgoing = self.composer.update(command, &self.log, now, &mut self.outputs);
                self.send(outgoing, now);
                self.end_repetition();
                self.repeat(now);
            }
            Command::Log(command) => {
                let forgets = command == LogCommand::Forget;
                self.log.update(command, &mut self.outputs);
                self.persistence.schedule(&mut self.outputs);
                let is_idle = self.exchange.is_idle() && self.connection.address_in_use().is_none();
                if forgets && self.log.is_empty() && is_idle {
                    self.report(Report::Emptied);
                }
            }
            Command::Exchange(command) => {
                let connected = self.connection.shown_target();
                self.exchange.update(command, connected, &mut self.log, now, &mut self.outputs);
                self.persistence.schedule(&mut self.outputs);
            }
            Command::Shown => self.view.ahead = 0,
            Command::Persist => self.persistence.persist(&self.log, &mut self.outputs),
        }
    }

    fn timer(&mut self, timer: Timer, now: Time) {
        let outputs = &mut self.outputs;
        match timer {
            Timer::Retry(_) | Timer::SlowClose(_) | Timer::CloseHandshake(_) => {
                self.turn(now, |connection, turn| connection.timer(timer, turn));
                self.end_repetition();
            }
            Timer::Repeat(number) => {
                self.composer.fired(number);
                self.repeat(now);
            }
            Timer::Filter => {
                self.log.filter_slice(outputs);
                self.exchange.filtered(&self.log, outputs);
            }
            Timer::Export => self.exchange.export(&self.log, outputs),
            Timer::Import => {
                self.exchange.import(&mut self.log, now, outputs);
                self.persistence.schedule(outputs);
            }
            Timer::Restore => {
                let held = self.persistence.time_out(outputs);
                self.handle_held(held, now);
            }
            Timer::Persist => self.persistence.fired(&self.log, outputs),
        }
    }

    /// Performs the commands that waited for the store.
    fn handle_held(&mut self, held: Vec<Command>, now: Time) {
        for command in held {
            self.handle(Input::Command(command), now);
        }
    }

    /// Lets the connection act, and records the items.
    fn turn<R>(&mut self, now: Time, act: impl FnOnce(&mut Connection, &mut Turn<'_>) -> R) -> R {
        let mut turn = Turn { now, outputs: &mut self.outputs, items: Vec::new() };
        let result = act(&mut self.connection, &mut turn);
        for item in turn.items {
            self.record(item, now);
        }
        result
    }

    /// Measures an item of the connection, and adds it to the log.
    fn record(&mut self, item: Item, now: Time) {
        if matches!(item, Item::Event(LogEvent::Ended(_))) {
            self.log.end_frames();
        }
        let has_frames = matches!(item, Item::Sent(_)) && self.connection.is_relayed();
        let round_trip = self.metrics.record(&item, now);
        let is_handshake = matches!(item, Item::Event(LogEvent::Handshake(_)));
        let at = if is_handshake { self.connection.tried_at() } else { now };
        self.log.push(at, item, round_trip, &mut self.outputs);
        if has_frames {
            self.log.await_frames();
        }
        self.persistence.schedule(&mut self.outputs);
    }

    /// Records a received message, and closes the connection if messages lag behind. False for a message of an old
    /// socket, which is dropped.
    fn receive(&mut self, attempt: Attempt, message: Message, now: Time) -> bool {
        self.view.has_news = true;
        if !self.connection.accepts(attempt) {
            return false;
        }
        let size = message.len() as u64;
        self.record(Item::Received(message), now);
        if let Some(overrun) = self.turn(now, |it, turn| it.received(attempt, size, turn)) {
            self.report(Report::Warning(Warning::Overrun(overrun)));
        }
        true
    }

    /// Handles a message from the relay.
    fn relayed(&mut self, attempt: Attempt, message: &Message, now: Time) {
        for event in self.turn(now, |connection, turn| connection.decode(attempt, message, turn)) {
            match event {
                RelayEvent::Received(message, frames) => {
                    if self.receive(attempt, message, now) {
                        self.log.keep_frames(frames);
                    }
                }
                // No news: a snapshot has no frames, and the echo, a moment later, is to be in the next one.
                RelayEvent::Sent(frames) => self.log.keep_sent_frames(frames),
                RelayEvent::Connection(event) => {
                    self.view.has_news = true;
                    self.turn(now, |connection, turn| connection.relayed(attempt, event, turn));
                }
            }
        }
    }

    fn report(&mut self, report: Report) {
        self.outputs.push_back(Output::Report(report));
    }

    fn send(&mut self, outgoing: Option<Outgoing>, now: Time) {
        let (message, is_file) = match outgoing {
            None => return,
            Some(Outgoing::Message(message)) => (message, false),
            Some(Outgoing::File(bytes)) => (session::Message::Binary(bytes), true),
            Some(Outgoing::Framed(message, framing, draft)) => {
                if !self.connection.can_send(MAX_SEND_BUFFER) || !self.connection.is_relayed() {
                    return self.report(Report::NotSent(NotSent::Draft(draft)));
                }
                self.send_framed(message, framing, now);
                return self.end_repetition();
            }
        };
        match self.turn(now, |connection, turn| connection.send(message, MAX_SEND_BUFFER, turn)) {
            Ok(()) if is_file => self.report(Report::FileSent),
            Ok(()) => {}
            Err(_) if is_file => self.report(Report::NotSent(NotSent::File)),
            Err(message) => self.report(Report::NotSent(NotSent::Message(message))),
        }
    }

    /// Sends a message in other frames than one.
    fn send_framed(&mut self, message: Message, framing: Framing, now: Time) {
        if framing == Framing::Ping {
            self.metrics.queue_ping(now);
        }
        self.turn(now, |connection, turn| connection.send_framed(message, framing, turn));
    }

    /// Sends the messages of a repetition that are due, and sets a timer for the next.
    fn repeat(&mut self, now: Time) {
        if !self.composer.is_repeating() {
            return;
        }
        let framing = self.composer.repeated_framing();
        if framing.is_some() && !self.connection.is_relayed() {
            return self.composer.stop();
        }
        for _ in 0..MAX_BURST {
            let is_answered = match framing {
                _ if self.composer.has_interval() => true,
                // One at a time: a pong says no more than its payload of the ping that it answers.
                Some(Framing::Ping) => self.metrics.is_ping_answered(now),
                Some(Framing::Pong) => true,
                _ => self.metrics.is_answering(now),
            };
            if !is_answered || !self.connection.can_send(MAX_REPEAT_BUFFER) {
                break;
            }
            let next = self.composer.next_message(now, &mut self.outputs);
            self.view.has_news |= next.is_some() || !self.composer.is_repeating();
            let Some(message) = next else { break };
            if let Some(framing) = framing {
                self.send_framed(message, framing, now);
            } else {
                let sent = self.turn(now, |it, turn| it.send(message, MAX_REPEAT_BUFFER, turn));
                debug_assert!(sent.is_ok(), "its capacity was checked");
            }
        }
        self.composer.schedule(now, &mut self.outputs);
    }

    /// Snapshot of all that a view shows.
    fn snapshot(&self) -> Snapshot {
        let session = self.connection.session();
        let mut snapshot = Snapshot {
            state: session.state().clone(),
            since: match session.state() {
                State::Connecting(_) => Some(self.connection.tried_at()),
                State::Open(_) => session.opened_at(),
                State::Idle(_) | State::Closing(_) | State::Waiting { .. } => None,
            },
            negotiated: self.connection.negotiated().cloned(),
            in_use: self.connection.address_in_use().map(str::to_owned),
            next_address: self.connection.next_address().map(str::to_owned),
            causes: self.connection.causes().to_vec(),
            can_close_now: self.connection.can_close_now(),
            is_own_end: self.connection.is_own_end(),
            is_relayed: self.connection.is_relayed(),
            is_reading: self.connection.is_reading(),
            accepts_untrusted: self.connection.accepts_untrusted(),
            certificates: self.connection.certificates().to_vec(),
            sent: self.metrics.all_sent(),
            received: self.metrics.all_received(),
            control_frames: self.metrics.frames(),
            round_trips: self.metrics.round_trips(),
            minute: self.metrics.minute(),
            numbered: self.metrics.numbered(),
            repeating: self.composer.repeating(),
            next_seq: self.composer.next_seq(),
            ..Snapshot::default()
        };
        self.log.show(&mut snapshot);
        snapshot
    }

    /// Stops a repetition whose connection is gone.
    fn end_repetition(&mut self) {
        if self.composer.is_repeating() && !self.connection.session().state().can_send() {
            self.composer.stop();
        }
    }
}

impl View {
    /// Counts the next snapshot, if it is due.
    fn is_due(&mut self, now: Time) -> bool {
        let by_clock = self.ahead < MAX_AHEAD_BY_CLOCK && now.since(self.last) >= SNAPSHOT_INTERVAL;
        let is_due = self.has_news && (self.ahead < MAX_AHEAD || by_clock);
        if is_due {
            self.last = now;
            self.has_news = false;
            self.ahead += 1;
        }
        is_due
    }
}

impl Input {
    /// False if the input alone changes no view, or if its content decides.
    fn is_news(&self) -> bool {
        !matches!(
            self,
            Self::Command(Command::Shown | Command::Persist)
                | Self::Socket(
                    SocketInput::Buffered(_) | SocketInput::Probed(_) | SocketInput::Received(..)
                )
                | Self::Store(StoreInput::Absent | StoreInput::Written)
                | Self::Timer(Timer::Repeat(_) | Timer::Export | Timer::Persist)
        )
    }
}
