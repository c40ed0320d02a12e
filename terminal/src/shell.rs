//! Runs the workbench's session at a terminal: performs its effects, prints what it records.

use std::{
    collections::VecDeque,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anstyle::Style;
use tokio::time::{Instant, sleep_until};
use workbench::{
    Attempt, Backoff, Bounds, Close, CloseCode, Direction, Echoes, Effect, Ending, Event, Fact,
    Message, Record, Session, State, Time,
};

use crate::{
    command::{Command, HELP},
    connect::{Target, connect},
    exit::Exit,
    input::{Input, InputEvent},
    interrupt::Interrupt,
    link::{End, Link, LinkEvent, Outgoing},
    output::{Failure, Output},
    quantity::{show_counted, show_duration},
    script::Expectations,
    statistics::Statistics,
};

/// After the last message out, how long none may come before it is taken that none will.
const QUIET: Duration = Duration::from_secs(2);

/// How long answers are waited for after the last message out, however steadily they come, and what
/// is expected if no time was given.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Pings that wait for their pong, at most.
const WAITING_PINGS: usize = 64;

/// The session's own memory of what passed: only the newest, which is printed at once.
const NEWEST: Bounds = Bounds { entries: 1, bytes: 0 };

/// How a conversation is to go.
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) expectations: Expectations,
    /// Time between the end of the input and the close.
    pub(crate) wait: Option<Duration>,
    /// Time for everything.
    pub(crate) timeout: Option<Duration>,
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
    echoes: Echoes,
    statistics: Statistics,
    /// The next entry of the transcript to be printed.
    next_entry: u64,
    /// Sent when the session closes.
    close: Close,
    /// When the input ended, or the connection opened after that.
    input_ended: Option<Instant>,
    last_received: Instant,
    retry: Option<(Attempt, Instant)>,
    next_ping: Option<Instant>,
    pings: VecDeque<(Vec<u8>, Time)>,
    pings_sent: u64,
    /// The last failure that was told, so that an outage is told once.
    told: Option<String>,
    has_timed_out: bool,
    /// What decides on the exit status, apart from how the session ended.
    verdict: Verdict,
}

#[derive(Default)]
struct Verdict {
    was_open: bool,
    /// Closing was this side's wish.
    closed_here: bool,
    /// The first thing that went wrong, if something did.
    trouble: Option<Exit>,
}

/// Holds the conversation; says how it went.
pub(crate) async fn converse(
    options: Options,
    input: Input,
    output: Output,
    interrupt: Interrupt,
) -> Exit {
    let shell = Shell {
        session: Session::new(Backoff::DEFAULT, NEWEST, fastrand::u64(..)),
        link: Link::new(options.max_message),
        options,
        input,
        output,
        interrupt,
        echoes: Echoes::default(),
        statistics: Statistics::new(),
        next_entry: 0,
        close: Close { code: CloseCode::NORMAL, reason: String::new() },
        input_ended: None,
        last_received: Instant::now(),
        retry: None,
        next_ping: None,
        pings: VecDeque::new(),
        pings_sent: 0,
        told: None,
        has_timed_out: false,
        verdict: Verdict::default(),
    };
    shell.run().await
}

enum Wake {
    Interrupted,
    OutputFailed(Failure),
    Input(InputEvent),
    Link(LinkEvent),
    TimePassed,
}

impl Shell {
    async fn run(mut self) -> Exit {
        let give_up = self.options.timeout.map(|timeout| Instant::now() + timeout);
        self.dispatch(Event::Connect, None).await;
        let mut is_interrupted = false;
        let mut output_failure = None;
        while !matches!(self.session.state(), State::Idle(_)) {
            let deadline = self.next_deadline(give_up);
            let takes_input = self.input_ended.is_none()
                && (self.input.is_typed() || self.session.state().can_send())
                && (self.link.takes_more() || !self.session.state().can_send());
            let wake = tokio::select! {
                biased;
                () = self.interrupt.raised(), if !is_interrupted => Wake::Interrupted,
                failure = self.output.failed(), if output_failure.is_none() => {
                    Wake::OutputFailed(failure)
                }
                event = self.input.next(), if takes_input => Wake::Input(event),
                event = self.link.event() => Wake::Link(event),
                () = passed(deadline) => Wake::TimePassed,
            };
            match wake {
                Wake::Interrupted => {
                    is_interrupted = true;
                    self.disconnect().await;
                }
                Wake::OutputFailed(failure) => {
                    output_failure = Some(failure);
                    self.disconnect().await;
                }
                Wake::Input(event) => self.take_input(event).await,
                Wake::Link(event) => self.take_link(event).await,
                Wake::TimePassed => self.pass_time(give_up).await,
            }
        }
        self.end(output_failure).await
    }

    /// Tells what is left to tell, and judges.
    async fn end(self, output_failure: Option<Failure>) -> Exit {
        let Self { session, output, options, verdict, .. } = self;
        let met = options.expectations.are_met();
        let exit = match session.state() {
            State::Idle(Some(Ending::Cancelled)) if verdict.trouble.is_none() => Exit::Interrupted,
            _ if !verdict.was_open => Exit::Failed,
            _ if verdict.trouble.is_some() => verdict.trouble.unwrap_or(Exit::Failed),
            State::Idle(Some(Ending::Closed(close)))
                if !verdict.closed_here && !is_peaceful(close.code) =>
            {
                Exit::Closed
            }
            _ if !met => Exit::Unmet,
            _ => Exit::Done,
        };
        if let (Some(Exit::Unmet), Some(timeout)) = (verdict.trouble, options.timeout) {
            let time = show_duration(timeout);
            output.error(&format!("Not done within {time} (--timeout).")).await;
        }
        if exit == Exit::Unmet && !met && output_failure.is_none() {
            output.error(&options.expectations.missing()).await;
        }
        match output.finish().await.or(output_failure) {
            None => exit,
            Some(failure) => {
                if let Failure::Other(sentence) = &failure {
                    eprintln!("{sentence}");
                }
                failure.exit()
            }
        }
    }

    /// Reports `event` to the session, prints what it records, and performs what it wants.
    async fn dispatch(&mut self, event: Event, cause: Option<String>) {
        let mut next = Some((event, cause));
        while let Some((event, cause)) = next.take() {
            let effect = self.session.handle(event, now());
            self.print_entry(None, cause).await;
            next = match effect {
                Some(effect) => self.perform(effect).await.map(|event| (event, None)),
                None => None,
            };
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
            Effect::Close(attempt) => {
                let was_opening = self.link.close(self.close.clone());
                if was_opening {
                    return Some(Event::Ended(attempt, Ending::Failed));
                }
                self.control(Fact::Close(Direction::Out, self.close.clone())).await;
                None
            }
            Effect::Wait(attempt, delay) => {
                if !self.options.reconnect {
                    return Some(Event::Disconnect);
                }
                let text = format!("Trying again in {}", show_duration(delay));
                self.output.remark(Style::new().dimmed(), &text).await;
                self.retry = Some((attempt, Instant::now() + delay));
                None
            }
        }
    }

    /// Prints the entry that the session added to its transcript, if it did.
    async fn print_entry(&mut self, round_trip: Option<Duration>, cause: Option<String>) {
        let Some(entry) = self.session.transcript().entries().next_back() else { return };
        if entry.id < self.next_entry {
            return;
        }
        self.next_entry = entry.id + 1;
        if matches!(entry.item, workbench::Item::Sent(_)) && !self.output.shows_sent() {
            return;
        }
        let mut record = Record { at: entry.at, fact: Fact::from(&entry.item) };
        match &mut record.fact {
            Fact::Message(_, _, of_echo) => *of_echo = round_trip,
            Fact::Ended(_, of_end) => *of_end = cause,
            _ => {}
        }
        self.output.record(&record).await;
    }

    /// Prints a control frame, if the person wants to see those.
    async fn control(&mut self, fact: Fact) {
        if self.options.show_control {
            self.output.record(&Record { at: now(), fact }).await;
        }
    }

    async fn disconnect(&mut self) {
        self.verdict.closed_here = true;
        self.dispatch(Event::Disconnect, None).await;
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
                    self.disconnect().await;
                }
            }
            InputEvent::Broken(sentence) => {
                self.output.error(&sentence).await;
                self.verdict.trouble.get_or_insert(Exit::Failed);
                self.disconnect().await;
            }
        }
    }

    async fn send(&mut self, message: Message) {
        match self.session.send(message, now()) {
            Ok(effect) => {
                self.perform(effect).await;
                self.print_entry(None, None).await;
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
                self.disconnect().await;
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
                let again = !error.is_decision();
                self.told = Some(sentence.clone());
                self.dispatch(Event::Ended(attempt, Ending::Failed), Some(sentence)).await;
                if !again {
                    self.dispatch(Event::Disconnect, None).await;
                }
            }
            LinkEvent::Received(message) => self.received(attempt, message).await,
            LinkEvent::Pinged(payload) => {
                self.control(Fact::Ping(Direction::In, payload.clone())).await;
                // By the engine.
                self.control(Fact::Pong(Direction::Out, payload, None)).await;
            }
            LinkEvent::Ponged(payload) => self.ponged(payload).await,
            LinkEvent::PeerCloses(close) => self.control(Fact::Close(Direction::In, close)).await,
            LinkEvent::Ended(end) => self.ended(attempt, end).await,
        }
    }

    async fn opened(&mut self, attempt: Attempt, subprotocol: Option<String>) {
        self.verdict.was_open = true;
        self.told = None;
        self.echoes.clear();
        self.pings.clear();
        self.last_received = Instant::now();
        self.input_ended = self.input_ended.map(|_| Instant::now());
        self.next_ping = self.options.ping.map(|every| Instant::now() + every);
        self.dispatch(Event::Opened(attempt), None).await;
        if let Some(subprotocol) = subprotocol {
            let text = format!("Subprotocol: {subprotocol}");
            self.output.remark(Style::new().dimmed(), &text).await;
        }
        self.input.connected();
    }

    async fn received(&mut self, attempt: Attempt, message: Message) {
        self.last_received = Instant::now();
        let round_trip = self.echoes.received(&message, now());
        if let Some(time) = round_trip {
            self.statistics.round_trip(time);
        }
        self.statistics.count(Direction::In, &message);
        self.options.expectations.received(&message);
        self.session.handle(Event::Received(attempt, message), now());
        self.print_entry(round_trip, None).await;
        let expectations = &self.options.expectations;
        if expectations.exist() && expectations.are_met() && self.session.state().can_send() {
            self.disconnect().await;
        }
    }

    async fn ponged(&mut self, payload: Vec<u8>) {
        let now = now();
        let place = self.pings.iter().position(|(waiting, _)| *waiting == payload);
        let sent = place.and_then(|place| self.pings.drain(..=place).next_back());
        // Whoever sends pings wants to see their round trips.
        if sent.is_some() || self.options.show_control {
            let round_trip = sent.map(|(_, at)| now.since(at));
            let fact = Fact::Pong(Direction::In, payload, round_trip);
            self.output.record(&Record { at: now, fact }).await;
        }
    }

    async fn ended(&mut self, attempt: Attempt, end: End) {
        let (close, cause) = match end {
            End::Closed(close) => (close, None),
            End::Lost(cause) => (Close::abnormal(), cause),
            End::Violation(what) => {
                self.verdict.trouble.get_or_insert(Exit::Violation);
                self.output.error(&format!("The peer broke the protocol: {what}.")).await;
                (Close { code: CloseCode(1002), reason: String::new() }, Some(what))
            }
            End::TooLarge => {
                self.verdict.trouble.get_or_insert(Exit::Violation);
                let bound = show_counted(self.options.max_message as u64, "byte", "bytes");
                let text = format!(
                    "The peer sent a message over {bound}; --max-message raises the bound."
                );
                self.output.error(&text).await;
                (Close { code: CloseCode(1009), reason: String::new() }, None)
            }
        };
        self.next_ping = None;
        self.dispatch(Event::Ended(attempt, Ending::Closed(close)), cause).await;
    }

    /// When something has to be done though nothing happens.
    fn next_deadline(&self, give_up: Option<Instant>) -> Option<Instant> {
        let retry = self.retry.map(|(_, at)| at);
        [give_up.filter(|_| !self.has_timed_out), retry, self.next_ping, self.drained_at()]
            .into_iter()
            .flatten()
            .min()
    }

    async fn pass_time(&mut self, give_up: Option<Instant>) {
        let now = Instant::now();
        let has_come = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if has_come(give_up) && !self.has_timed_out {
            self.verdict.trouble.get_or_insert(Exit::Unmet);
            self.has_timed_out = true;
            return self.disconnect().await;
        }
        if has_come(self.drained_at()) {
            return self.disconnect().await;
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
        let ended = self.input_ended.filter(|_| self.session.state().can_send())?;
        if let Some(wait) = self.options.wait {
            return Some(ended + wait);
        }
        let longest = ended + LONGEST_WAIT;
        if self.options.expectations.exist() {
            // `--timeout` is the bound if there is one.
            return self.options.timeout.is_none().then_some(longest);
        }
        if !self.link.is_flushed() {
            return Some(longest);
        }
        if self.statistics.received() >= self.statistics.sent() {
            return Some(ended);
        }
        Some(longest.min(self.last_received.max(ended) + QUIET))
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
    let size = tokio::fs::metadata(path).await.map_err(|error| failed(error.to_string()))?.len();
    if size > max as u64 {
        return Err(failed(format!("it has more than {max} bytes (--max-message)")));
    }
    let bytes = tokio::fs::read(path).await.map_err(|error| failed(error.to_string()))?;
    Ok(String::from_utf8(bytes)
        .map_or_else(|error| Message::Binary(error.into_bytes()), Message::Text))
}

fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since_1970.as_micros()).unwrap_or(u64::MAX))
}
