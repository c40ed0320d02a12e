//! Runs the workbench's session at a terminal: performs its effects, prints what it records.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anstyle::Style;
use session::{
    Attempt, Backoff, Close, CloseCode, Direction, EchoMatcher, Effect, EndReason, Event, Fact,
    Item, Message, Negotiated, Record, Retries, Session, State, Step, Time,
};
use tokio::{
    io::AsyncReadExt,
    time::{Instant, sleep_until},
};

use crate::{
    command::{Command, HELP},
    connect::{Target, connect},
    exit::Exit,
    input::{Input, InputEvent},
    interrupt::Interrupt,
    link::{CLOSE_HANDSHAKE, End, Link, LinkEvent, Outgoing},
    output::{Failure, Output},
    quantity::{show_counted, show_duration},
    script::Expectations,
    statistics::Statistics,
};

/// After the last message out, how long none may come before it is taken that none will.
const QUIET: Duration = Duration::from_secs(2);

/// How long the end is waited for, after the end of the input, when nothing brings it nearer: no
/// byte goes out and no answer comes.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long the peer may take for a clean close when the time for everything is over.
const LATE_CLOSE: Duration = Duration::from_millis(500);

/// Pings that wait for their pong, at most.
const WAITING_PINGS: usize = 64;

/// How a conversation is to go.
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) expectations: Expectations,
    /// Time between the end of the input and the close.
    pub(crate) wait: Option<Duration>,
    /// Time for everything, and when it is over.
    pub(crate) timeout: Option<(Duration, Instant)>,
    pub(crate) reconnect: bool,
    pub(crate) show_control: bool,
    pub(crate) ping: Option<Duration>,
    pub(crate) verbose: bool,
    /// Bytes in a message or a file, at most.
    pub(crate) max_message: usize,
}

/// A conversation from the first attempt to connect to the end of the last connection.
pub(crate) struct Shell {
    options: Options,
    session: Session,
    link: Link,
    input: Input,
    output: Output,
    interrupt: Interrupt,
    echoes: EchoMatcher,
    statistics: Statistics,
    /// Sent when the session closes.
    close: Close,
    /// When the input ended, or the connection opened after that.
    input_ended: Option<Instant>,
    last_received: Instant,
    /// When an answer last came.
    last_answer: Instant,
    retry: Option<(Attempt, Instant)>,
    next_ping: Option<Instant>,
    pings: VecDeque<(Vec<u8>, Time)>,
    pings_sent: u64,
    /// The last failure that was told, so that an outage is told once.
    told: Option<String>,
    was_open: bool,
    /// The first reason for the end.
    why_closed: Option<WhyClosed>,
    /// When the time for everything is over, until it is.
    give_up: Option<Instant>,
}

/// Why a conversation ends.
#[derive(Debug)]
enum WhyClosed {
    /// The peer wanted it, with this code, or is gone.
    Peer(CloseCode),
    /// The peer broke the protocol.
    Violation,
    /// The peer is gone, and some of what was for it is still here.
    Unsent,
    /// There is nothing more to send, or to wait for.
    Done,
    Interrupted,
    TimedOut,
    InputBroken,
    OutputFailed(Failure),
}

/// Holds the conversation; says how it went.
pub(crate) async fn converse(
    options: Options,
    input: Input,
    output: Output,
    interrupt: Interrupt,
) -> Exit {
    let give_up = options.timeout.map(|(_, at)| at);
    let shell = Shell {
        session: Session::new(
            Backoff::DEFAULT,
            if options.reconnect { Retries::UNLIMITED } else { Retries::NONE },
            fastrand::u64(..),
        ),
        link: Link::new(options.max_message),
        options,
        input,
        output,
        interrupt,
        echoes: EchoMatcher::default(),
        statistics: Statistics::new(),
        close: Close { code: CloseCode::NORMAL, reason: String::new() },
        input_ended: None,
        last_received: Instant::now(),
        last_answer: Instant::now(),
        retry: None,
        next_ping: None,
        pings: VecDeque::new(),
        pings_sent: 0,
        told: None,
        was_open: false,
        why_closed: None,
        give_up,
    };
    shell.run().await
}

enum Wake {
    Interrupted,
    OutputFailed(Failure),
    Due,
    Input(InputEvent),
    Link(LinkEvent),
    Drained,
}

impl Shell {
    async fn run(mut self) -> Exit {
        self.dispatch(Event::Connect, None).await;
        let mut is_interrupted = false;
        let mut has_output = true;
        while !matches!(self.session.state(), State::Idle(_)) {
            let due = self.due();
            let drained = self.drained_at();
            let takes_input = self.input_ended.is_none()
                && (self.input.is_typed() || self.session.state().can_send())
                && (self.link.takes_more() || !self.session.state().can_send());
            let wake = tokio::select! {
                biased;
                () = self.interrupt.raised(), if !is_interrupted => Wake::Interrupted,
                failure = self.output.failed(), if has_output => Wake::OutputFailed(failure),
                // Before the link: a peer that sends on and on does not stop the clock.
                () = passed(due) => Wake::Due,
                event = self.input.next(), if takes_input => Wake::Input(event),
                event = self.link.event() => Wake::Link(event),
                // After it: what has come already counts.
                () = passed(drained) => Wake::Drained,
            };
            match wake {
                Wake::Interrupted => {
                    is_interrupted = true;
                    self.disconnect(WhyClosed::Interrupted).await;
                    self.link.hurry(CLOSE_HANDSHAKE);
                }
                Wake::OutputFailed(failure) => {
                    has_output = false;
                    self.disconnect(WhyClosed::OutputFailed(failure)).await;
                    self.link.hurry(CLOSE_HANDSHAKE);
                }
                Wake::Due => self.pass_time().await,
                Wake::Input(event) => self.take_input(event).await,
                Wake::Link(event) => self.take_link(event).await,
                Wake::Drained => self.disconnect(WhyClosed::Done).await,
            }
        }
        self.end().await
    }

    /// Tells what is left to tell, and judges.
    async fn end(self) -> Exit {
        let exit = self.exit();
        let mut last_words = Vec::new();
        if let (Some(WhyClosed::TimedOut), Some((time, _))) =
            (&self.why_closed, self.options.timeout)
        {
            last_words.push(format!("Not done within {} (--timeout).", show_duration(time)));
        }
        if exit == Exit::Unmet && !self.options.expectations.are_met() {
            last_words.push(self.options.expectations.missing());
        }
        match self.output.finish(last_words).await {
            Some(failure) if exit == Exit::Done => failure.exit(),
            _ => exit,
        }
    }

    fn exit(&self) -> Exit {
        match &self.why_closed {
            Some(WhyClosed::Interrupted) if !self.was_open => Exit::Interrupted,
            _ if !self.was_open => Exit::Failed,
            Some(WhyClosed::Violation) => Exit::Violation,
            Some(WhyClosed::Unsent) => Exit::Closed,
            Some(WhyClosed::Peer(code)) if !is_peaceful(*code) => Exit::Closed,
            Some(WhyClosed::InputBroken | WhyClosed::OutputFailed(Failure::Other(_))) => {
                Exit::Failed
            }
            Some(WhyClosed::TimedOut) => Exit::Unmet,
            _ if !self.options.expectations.are_met() => Exit::Unmet,
            _ => Exit::Done,
        }
    }

    /// Reports `event` to the session, prints what it records, and performs what it wants.
    async fn dispatch(&mut self, event: Event, cause: Option<String>) {
        let mut next = Some((event, cause));
        while let Some((event, cause)) = next.take() {
            let step = self.session.handle(event, now());
            next = self.take(step, None, cause).await.map(|event| (event, None));
        }
    }

    /// Prints and performs what follows from an event; returns what the session has to be told of
    /// it at once.
    async fn take(
        &mut self,
        step: Step,
        round_trip: Option<Duration>,
        cause: Option<String>,
    ) -> Option<Event> {
        if let Some(item) = step.item {
            self.print(item, round_trip, cause).await;
        }
        match step.effect {
            Some(effect) => self.perform(effect).await,
            None => None,
        }
    }

    /// Performs an effect; returns what the session has to be told of it at once.
    async fn perform(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Open(_) => {
                self.retry = None;
                let target = self.options.target.clone();
                let tell = self.options.verbose.then(|| self.output.teller());
                self.link.open(async move {
                    let tell = |line: &str| {
                        if let Some(tell) = &tell {
                            tell(line);
                        }
                    };
                    connect(&target, &tell).await
                });
                None
            }
            Effect::Send(_, message) => {
                self.statistics.count(Direction::Out, &message);
                self.echoes.sent(&message, now());
                self.link.send(Outgoing::Message(message));
                None
            }
            Effect::Close(attempt, close) => {
                let was_opening = self.link.close(close.clone());
                if was_opening {
                    return Some(Event::Ended(attempt, EndReason::Failed));
                }
                // The answer to the peer's was printed with it.
                if !self.link.is_closed_by_peer() {
                    self.control(Fact::Close(Direction::Out, close)).await;
                }
                None
            }
            Effect::Wait(attempt, delay) => {
                let text = format!("Trying again in {}", show_duration(delay));
                self.output.remark(Style::new().dimmed(), &text).await;
                self.retry = Some((attempt, Instant::now() + delay));
                None
            }
        }
    }

    async fn print(&self, item: Item, round_trip: Option<Duration>, cause: Option<String>) {
        if matches!(item, Item::Sent(_)) && !self.output.shows_all() {
            return;
        }
        let mut record = Record { at: now(), fact: item.into() };
        match &mut record.fact {
            Fact::Message(_, _, of_echo) => *of_echo = round_trip,
            Fact::Ended(_, of_end) => *of_end = cause,
            _ => {}
        }
        self.output.record(&record).await;
    }

    /// Prints a control frame, if the person wants to see those.
    async fn control(&mut self, fact: Fact) {
        if self.shows_control() {
            self.output.record(&Record { at: now(), fact }).await;
        }
    }

    fn shows_control(&self) -> bool {
        self.options.show_control || self.output.shows_all()
    }

    async fn disconnect(&mut self, why: WhyClosed) {
        self.why_closed.get_or_insert(why);
        self.dispatch(Event::Disconnect(self.close.clone()), None).await;
    }

    async fn take_input(&mut self, event: InputEvent) {
        match event {
            InputEvent::Message(message) => self.send(message).await,
            InputEvent::Typed(line) => match Command::read(&line) {
                Ok(command) => self.obey(command).await,
                Err(sentence) => self.output.error(&sentence).await,
            },
            InputEvent::End => {
                self.input_ended = Some(Instant::now());
                // A person who leaves waits for nothing.
                if self.input.is_typed() {
                    self.disconnect(WhyClosed::Done).await;
                }
            }
            InputEvent::Broken(sentence) => {
                self.output.error(&sentence).await;
                self.disconnect(WhyClosed::InputBroken).await;
            }
        }
    }

    async fn send(&mut self, message: Message) {
        match self.session.send(message) {
            Ok(step) => {
                self.take(step, None, None).await;
            }
            Err(_) => {
                self.output
                    .error("Not sent: there is no connection. Arrow up brings it back.")
                    .await;
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Send(message) => self.send(message).await,
            Command::Ping(payload) => self.ping(payload).await,
            Command::Close(close) => {
                self.close = close;
                self.disconnect(WhyClosed::Done).await;
            }
            Command::ToggleJson => {
                let now = if self.output.toggle_json() { "indented" } else { "as it comes" };
                self.output.aside(&format!("JSON is shown {now}.")).await;
            }
            Command::File(path) => match read_file(&path, self.options.max_message).await {
                Ok(message) => {
                    let kind = if matches!(message, Message::Text(_)) { "text" } else { "binary" };
                    let size = show_counted(message.len() as u64, "byte", "bytes");
                    self.send(message).await;
                    self.output.aside(&format!("{}: {size} as {kind}", path.display())).await;
                }
                Err(sentence) => self.output.error(&sentence).await,
            },
            Command::Stats => self.output.aside(&self.statistics.to_string()).await,
            Command::Help => self.output.aside(HELP).await,
        }
    }

    async fn ping(&mut self, payload: Vec<u8>) {
        if !self.link.takes_more() {
            return self.output.error("Not sent: the connection takes nothing now.").await;
        }
        if self.pings.len() == WAITING_PINGS {
            self.pings.pop_front();
        }
        self.pings.push_back((payload.clone(), now()));
        self.link.send(Outgoing::Ping(payload.clone()));
        self.control(Fact::Ping(Direction::Out, payload)).await;
    }

    async fn take_link(&mut self, event: LinkEvent) {
        let (State::Connecting(attempt) | State::Open(attempt) | State::Closing(attempt)) =
            *self.session.state()
        else {
            return;
        };
        match event {
            LinkEvent::TakesMore => {}
            LinkEvent::Opened(subprotocol) => self.opened(attempt, subprotocol).await,
            LinkEvent::Failed(error) => {
                let sentence = error.to_string();
                if self.told.as_ref() != Some(&sentence) {
                    self.output.error(&sentence).await;
                }
                if error.is_decision() {
                    self.session.limit_retries(Retries::NONE);
                }
                self.told = Some(sentence.clone());
                self.dispatch(Event::Ended(attempt, EndReason::Failed), Some(sentence)).await;
            }
            LinkEvent::Received(message) => self.received(attempt, message).await,
            LinkEvent::Pinged(payload) => {
                self.control(Fact::Ping(Direction::In, payload.clone())).await;
                // By the engine.
                self.control(Fact::Pong(Direction::Out, payload, None)).await;
            }
            LinkEvent::Ponged(payload) => self.ponged(payload).await,
            LinkEvent::PeerCloses(close) => {
                self.control(Fact::Close(Direction::In, close.clone())).await;
                if !matches!(self.session.state(), State::Closing(_)) {
                    self.why_closed.get_or_insert(WhyClosed::Peer(close.code));
                    // By the engine.
                    self.control(Fact::Close(Direction::Out, close)).await;
                }
            }
            LinkEvent::Ended(end) => self.ended(attempt, end).await,
        }
    }

    async fn opened(&mut self, attempt: Attempt, subprotocol: Option<String>) {
        self.was_open = true;
        self.told = None;
        self.echoes.clear();
        self.pings.clear();
        self.last_received = Instant::now();
        self.last_answer = self.last_received;
        self.input_ended = self.input_ended.map(|_| Instant::now());
        self.next_ping = self.options.ping.map(|every| Instant::now() + every);
        let negotiated = Negotiated {
            subprotocol: subprotocol.clone().unwrap_or_default(),
            extensions: String::new(),
        };
        self.dispatch(Event::Opened(attempt, negotiated), None).await;
        if let Some(subprotocol) = subprotocol {
            let text = format!("Subprotocol: {subprotocol}");
            self.output.remark(Style::new().dimmed(), &text).await;
        }
        self.input.connected();
    }

    async fn received(&mut self, attempt: Attempt, message: Message) {
        let round_trip = self.echoes.received(&message, now());
        if let Some(time) = round_trip {
            self.statistics.round_trip(time);
        }
        self.statistics.count(Direction::In, &message);
        self.last_received = Instant::now();
        // More than were sent can be no answers, unless they are echoes.
        if round_trip.is_some() || self.statistics.received() <= self.statistics.sent() {
            self.last_answer = self.last_received;
        }
        if self.options.expectations.exist() && self.options.expectations.are_met() {
            // On its way before the peer could know that it is enough.
            return;
        }
        self.options.expectations.received(&message);
        let step = self.session.handle(Event::Received(attempt, message), now());
        self.take(step, round_trip, None).await;
        let expectations = &self.options.expectations;
        if expectations.exist() && expectations.are_met() {
            self.disconnect(WhyClosed::Done).await;
        }
    }

    async fn ponged(&mut self, payload: Vec<u8>) {
        let now = now();
        let place = self.pings.iter().position(|(waiting, _)| *waiting == payload);
        let sent = place.and_then(|place| self.pings.drain(..=place).next_back());
        // Whoever sends pings wants to see their round trips.
        if sent.is_some() || self.shows_control() {
            let round_trip = sent.map(|(_, at)| now.since(at));
            let fact = Fact::Pong(Direction::In, payload, round_trip);
            self.output.record(&Record { at: now, fact }).await;
        }
    }

    async fn ended(&mut self, attempt: Attempt, end: End) {
        let (close, cause, why) = match end {
            End::Closed(close) => {
                let why = WhyClosed::Peer(close.code);
                (close, None, why)
            }
            End::Lost { cause, unsent: None } => {
                (Close::abnormal(), cause, WhyClosed::Peer(CloseCode::ABNORMAL))
            }
            End::Lost { cause, unsent: Some(bytes) } => {
                let bytes = show_counted(bytes, "byte", "bytes");
                let text = format!("Not all was sent: {bytes} did not leave before the end.");
                self.output.error(&text).await;
                (Close::abnormal(), cause, WhyClosed::Unsent)
            }
            End::Violation(what) => {
                self.output.error(&format!("The peer broke the protocol: {what}.")).await;
                let close = Close { code: CloseCode(1002), reason: String::new() };
                (close, Some(what), WhyClosed::Violation)
            }
            End::TooLarge => {
                let bound = show_counted(self.options.max_message as u64, "byte", "bytes");
                let text = format!(
                    "The peer sent a message over {bound}; --max-message raises the bound."
                );
                self.output.error(&text).await;
                let close = Close { code: CloseCode(1009), reason: String::new() };
                (close, None, WhyClosed::Violation)
            }
        };
        // It was not done after all.
        if let (WhyClosed::Unsent | WhyClosed::Violation, Some(WhyClosed::Done)) =
            (&why, &self.why_closed)
        {
            self.why_closed = None;
        }
        self.why_closed.get_or_insert(why);
        self.next_ping = None;
        self.dispatch(Event::Ended(attempt, EndReason::Closed(close)), cause).await;
        if matches!(self.session.state(), State::Waiting { .. }) {
            // The next connection has an end of its own.
            self.why_closed = None;
        }
    }

    /// When something has to be done though nothing happens.
    fn due(&self) -> Option<Instant> {
        let retry = self.retry.map(|(_, at)| at);
        [self.give_up, retry, self.next_ping].into_iter().flatten().min()
    }

    async fn pass_time(&mut self) {
        let now = Instant::now();
        let has_come = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if has_come(self.give_up) {
            self.give_up = None;
            self.disconnect(WhyClosed::TimedOut).await;
            return self.link.hurry(LATE_CLOSE);
        }
        if let Some((attempt, _)) = self.retry.filter(|(_, at)| has_come(Some(*at))) {
            self.retry = None;
            self.dispatch(Event::Waited(attempt), None).await;
        }
        if let Some(every) = self.options.ping.filter(|_| has_come(self.next_ping)) {
            self.next_ping = Some(now + every);
            // A peer that takes nothing gets no more of them either.
            if self.link.takes_more() {
                self.pings_sent += 1;
                self.ping(self.pings_sent.to_string().into_bytes()).await;
            }
        }
    }

    /// When the conversation is over because the input is, if nothing comes until then.
    fn drained_at(&self) -> Option<Instant> {
        let ended = self.input_ended?;
        if self.why_closed.is_some() || !self.session.state().can_send() {
            return None;
        }
        let sent = self.link.moved().map_or(ended, |at| at.max(ended));
        if !self.link.is_flushed() {
            return Some(sent + self.options.wait.unwrap_or_default().max(LONGEST_WAIT));
        }
        if let Some(wait) = self.options.wait {
            return Some(sent + wait);
        }
        let longest = self.last_answer.max(sent) + LONGEST_WAIT;
        if self.options.expectations.exist() {
            // `--timeout` is the bound if there is one.
            return self.options.timeout.is_none().then_some(longest);
        }
        let all_came = self.statistics.received() >= self.statistics.sent();
        if all_came && self.echoes.are_back() {
            return Some(sent);
        }
        Some(longest.min(self.last_received.max(sent) + QUIET))
    }
}

async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Whether a peer that closes with this code is content.
fn is_peaceful(code: CloseCode) -> bool {
    matches!(code, CloseCode::NORMAL | CloseCode::NO_STATUS)
}

async fn read_file(path: &Path, max: usize) -> Result<Message, String> {
    let failed = |why: String| format!("Not sent: {} cannot be read: {why}.", path.display());
    let broken = |error: io::Error| failed(error.to_string());
    // Asked before it is opened: that could wait, and a device may have no end.
    if !tokio::fs::metadata(path).await.map_err(broken)?.is_file() {
        return Err(failed("it is not a file".to_owned()));
    }
    let file = tokio::fs::File::open(path).await.map_err(broken)?;
    let mut bytes = Vec::new();
    file.take(max as u64 + 1).read_to_end(&mut bytes).await.map_err(broken)?;
    if bytes.len() > max {
        return Err(failed(format!("it has more than {max} bytes (--max-message)")));
    }
    Ok(String::from_utf8(bytes)
        .map_or_else(|error| Message::Binary(error.into_bytes()), Message::Text))
}

fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since_1970.as_micros()).unwrap_or(u64::MAX))
}
