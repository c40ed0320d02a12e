//! Conversation: drives the session with input, socket and timers, and performs its effects.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use session::{
    Attempt, Backoff, Close, CloseCode, Direction, EchoMatcher, Effect, EndReason, Event, Fact,
    Handshake, Item, Message, Negotiated, Pattern, Record, Retries, Search, Session, State, Step,
    Time, visible_line,
};
use tokio::time::{Instant, sleep_until};

use super::{
    end_policy::{EndCause, EndPolicy, EndRules, Progress},
    input::{
        Input, InputEvent,
        command::{Command, HELP},
        read_file,
    },
    output::{Output, WriteError},
    pings::Pings,
    search::search,
    socket::{CLOSE_TIMEOUT, Opened, Outgoing, Socket, SocketEnd, SocketEvent},
    statistics::Statistics,
};
use crate::{
    connector::{ConnectError, Target, connect, redact_subprotocols},
    process::{Exit, Interrupt},
    quantity::{format_counted, format_duration},
};

/// Close handshake timeout once `--timeout` has passed.
const LATE_CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// HTTP status of a handshake that opens a WebSocket.
const SWITCHING_PROTOCOLS: u16 = 101;

/// Options of a conversation.
pub(super) struct Options {
    pub(super) target: Target,
    pub(super) end_rules: EndRules,
    /// Retries after a loss or failure.
    pub(super) retries: Retries,
    pub(super) show_control: bool,
    /// Interval of automatic pings.
    pub(super) ping: Option<Duration>,
    pub(super) verbose: bool,
    /// Maximum size of a message or file, in bytes.
    pub(super) max_message: usize,
}

/// Conversation from the first attempt to connect to the end of the last connection.
struct Conversation {
    target: Target,
    show_control: bool,
    ping_interval: Option<Duration>,
    verbose: bool,
    max_message: usize,
    session: Session,
    socket: Socket,
    input: Input,
    output: Output,
    end_policy: EndPolicy,
    echoes: EchoMatcher,
    statistics: Statistics,
    pings: Pings,
    /// Close frame to send.
    close: Close,
    retry: Option<(Attempt, Instant)>,
    next_ping: Option<Instant>,
    /// Last connection error printed: an outage is reported once.
    last_error: Option<String>,
    /// Last attempt to connect, for its record.
    handshake: Handshake,
    interrupt: Interrupt,
}

/// Holds a conversation. Returns the exit status.
pub(super) async fn run(
    options: Options,
    input: Input,
    output: Output,
    interrupt: Interrupt,
) -> Exit {
    let conversation = Conversation {
        target: options.target,
        show_control: options.show_control,
        ping_interval: options.ping,
        verbose: options.verbose,
        max_message: options.max_message,
        session: Session::new(Backoff::DEFAULT, options.retries, fastrand::u64(..)),
        socket: Socket::new(options.max_message),
        input,
        output,
        end_policy: EndPolicy::new(options.end_rules, Instant::now()),
        echoes: EchoMatcher::default(),
        statistics: Statistics::new(),
        pings: Pings::default(),
        close: Close { code: CloseCode::NORMAL, reason: String::new() },
        retry: None,
        next_ping: None,
        last_error: None,
        handshake: Handshake::default(),
        interrupt: interrupt.clone(),
    };
    conversation.run(interrupt).await
}

/// Event that wakes the conversation.
enum Wake {
    Interrupted,
    OutputFailed(WriteError),
    /// `--timeout`, retry or ping due.
    Timer,
    Input(InputEvent),
    Socket(SocketEvent),
    /// Nothing left to send or to wait for.
    Drained,
}

impl Conversation {
    /// Event loop, until the session is idle.
    async fn run(mut self, interrupt: Interrupt) -> Exit {
        self.dispatch(Event::Connect, None).await;
        let mut is_interrupted = false;
        let mut has_output = true;
        while !matches!(self.session.state(), State::Idle(_)) {
            let timer = self.next_timer();
            let drained = self.end_policy.drained_at(self.progress());
            let reads_input = self.reads_input();
            let wake = tokio::select! {
                biased;
                () = interrupt.raised(), if !is_interrupted => Wake::Interrupted,
                error = self.output.failed(), if has_output => Wake::OutputFailed(error),
                // Before the socket: a peer that keeps sending does not stop the clock.
                () = sleep_until_some(timer) => Wake::Timer,
                event = self.input.next(), if reads_input => Wake::Input(event),
                event = self.socket.event() => Wake::Socket(event),
                // After the socket: messages received already count.
                () = sleep_until_some(drained) => Wake::Drained,
            };
            match wake {
                Wake::Interrupted => {
                    is_interrupted = true;
                    self.disconnect(EndCause::Interrupted).await;
                    self.socket.limit_close(CLOSE_TIMEOUT);
                }
                Wake::OutputFailed(error) => {
                    has_output = false;
                    self.disconnect(EndCause::OutputFailed(error)).await;
                    self.socket.limit_close(CLOSE_TIMEOUT);
                }
                Wake::Timer => self.handle_timers().await,
                Wake::Input(event) => self.handle_input(event).await,
                Wake::Socket(event) => self.handle_socket(event).await,
                Wake::Drained => self.disconnect(EndCause::Done).await,
            }
        }
        self.finish().await
    }

    /// Input is read if it can be sent; a prompt also while there is no connection.
    fn reads_input(&self) -> bool {
        let can_send = self.session.state().can_send();
        self.end_policy.wants_input()
            && (self.input.is_prompt() || can_send)
            && (self.socket.is_ready() || !can_send)
            && !self.end_policy.holds_back(self.input.expected_before())
    }

    /// Snapshot for the end policy.
    fn progress(&self) -> Progress {
        Progress {
            can_send: self.session.state().can_send(),
            is_flushed: self.socket.is_flushed(),
            last_write: self.socket.last_write(),
            echoes_are_back: self.echoes.are_back(),
            expected_before: self.input.expected_before(),
        }
    }

    /// Prints what is left to print, and returns the exit status.
    async fn finish(self) -> Exit {
        let exit = self.end_policy.exit();
        match self.output.finish(self.end_policy.last_words()).await {
            Some(error) if exit == Exit::Done => exit_of(&error),
            _ => exit,
        }
    }

    /// Reports `event` to the session; prints and performs the result.
    async fn dispatch(&mut self, event: Event, cause: Option<String>) {
        let mut next = Some((event, cause));
        while let Some((event, cause)) = next.take() {
            let step = self.session.handle(event, now());
            next = self.apply(step, None, cause).await.map(|event| (event, None));
        }
    }

    /// Prints and performs a step of the session. Returns an event that follows at once.
    async fn apply(
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

    /// Performs an effect. Returns an event that follows at once.
    async fn perform(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Open(attempt) => {
                self.open(attempt);
                None
            }
            Effect::Send(_, message) => {
                self.statistics.count(Direction::Out, &message);
                self.end_policy.sent();
                self.echoes.sent(&message, now());
                self.socket.send(Outgoing::Message(message));
                None
            }
            Effect::Close(attempt, close) => {
                let was_opening = self.socket.close(close.clone());
                if was_opening {
                    return Some(Event::Ended(attempt, EndReason::Failed));
                }
                // The answer to the peer's Close frame was printed with it.
                if !self.socket.is_closed_by_peer() {
                    self.print_control(Fact::Close(Direction::Out, close)).await;
                }
                None
            }
            Effect::Wait(attempt, delay) => {
                self.output.aside(&format!("Trying again in {}", format_duration(delay))).await;
                self.retry = Some((attempt, Instant::now() + delay));
                None
            }
        }
    }

    /// Starts an attempt to connect.
    fn open(&mut self, Attempt(number): Attempt) {
        self.retry = None;
        self.handshake = Handshake {
            attempt: Some(number.saturating_add(1)),
            url: Some(self.target.url.to_string()),
            ..Handshake::default()
        };
        let target = self.target.clone();
        let tracer = self.verbose.then(|| self.output.tracer());
        self.socket.open(async move {
            let trace = |line: &str| {
                if let Some(tracer) = &tracer {
                    tracer(line);
                }
            };
            connect(&target, &trace).await
        });
    }

    /// Prints an item of the session, with the round-trip time of an echo or the cause of an end.
    async fn print(&self, item: Item, round_trip: Option<Duration>, cause: Option<String>) {
        if matches!(item, Item::Sent(_)) && !self.output.prints_all() {
            return;
        }
        let mut record = Record { at: now(), fact: item.into() };
        match &mut record.fact {
            Fact::Message(_, _, of_echo) => *of_echo = round_trip,
            Fact::Opened(handshake) => handshake.clone_from(&self.handshake),
            // Printed for each attempt, retries included.
            Fact::Ended(EndReason::Failed, ..) => return,
            Fact::Ended(EndReason::Cancelled, _, handshake) => {
                handshake.clone_from(&self.handshake);
            }
            Fact::Ended(EndReason::Closed(_), of_end, _) => *of_end = cause,
            _ => {}
        }
        self.output.record(&record).await;
    }

    /// Prints a control frame, with `--show-control` or `--json`.
    async fn print_control(&self, fact: Fact) {
        if self.shows_control() {
            self.output.record(&Record { at: now(), fact }).await;
        }
    }

    /// True with `--show-control` or `--json`.
    fn shows_control(&self) -> bool {
        self.show_control || self.output.prints_all()
    }

    /// Ends the conversation: close handshake if open, no retry.
    async fn disconnect(&mut self, cause: EndCause) {
        self.end_policy.end(cause);
        self.dispatch(Event::Disconnect(self.close.clone()), None).await;
    }

    /// Sends a message, runs a command, or notes the end of the input.
    async fn handle_input(&mut self, event: InputEvent) {
        match event {
            InputEvent::Message(message) => self.send(message).await,
            InputEvent::Ping(payload) => self.ping(payload).await,
            InputEvent::Close(close) => {
                self.close = close;
                self.disconnect(EndCause::Done).await;
            }
            InputEvent::Line(line) => match Command::parse(&line) {
                Ok(command) => self.obey(command).await,
                Err(sentence) => self.output.error(&sentence).await,
            },
            InputEvent::End => {
                self.end_policy.input_ended(Instant::now());
                // Ctrl-D at the prompt waits for no answers.
                if self.input.is_prompt() {
                    self.disconnect(EndCause::Done).await;
                }
            }
            InputEvent::Failed(sentence) => {
                self.output.error(&sentence).await;
                self.disconnect(EndCause::InputFailed).await;
            }
        }
    }

    /// Sends a message, or reports that there is no connection.
    async fn send(&mut self, message: Message) {
        match self.session.send(message) {
            Ok(step) => {
                self.apply(step, None, None).await;
            }
            Err(_) => {
                self.output.error("Not sent: not connected. Arrow up recalls the line.").await;
            }
        }
    }

    /// Runs a command of the prompt.
    async fn obey(&mut self, command: Command) {
        match command {
            Command::Send(message) => self.send(message).await,
            Command::Ping(payload) => self.ping(payload).await,
            Command::Close(close) => {
                self.close = close;
                self.disconnect(EndCause::Done).await;
            }
            Command::ToggleJson => {
                let now = if self.output.toggle_json() { "indented" } else { "shown as received" };
                self.output.reply(&format!("JSON is {now}.")).await;
            }
            Command::File(path) => match read_file(&path, self.max_message).await {
                Ok(message) => {
                    let kind = if matches!(message, Message::Text(_)) { "text" } else { "binary" };
                    let size = format_counted(message.len() as u64, "byte", "bytes");
                    self.send(message).await;
                    self.output.reply(&format!("{}: {size} as {kind}", path.display())).await;
                }
                Err(sentence) => self.output.error(&sentence).await,
            },
            Command::Stats => self.output.reply(&self.statistics.to_string()).await,
            Command::Help => self.output.reply(HELP).await,
        }
    }

    /// Sends a ping, by command or interval.
    async fn ping(&mut self, payload: Vec<u8>) {
        if !self.socket.is_ready() {
            return self.output.error("Not sent: the connection is not ready.").await;
        }
        self.pings.sent(payload.clone(), now());
        self.socket.send(Outgoing::Ping(payload.clone()));
        self.print_control(Fact::Ping(Direction::Out, payload)).await;
    }

    /// Reports an event of the socket to the session and the end policy.
    async fn handle_socket(&mut self, event: SocketEvent) {
        let (State::Connecting(attempt) | State::Open(attempt) | State::Closing(attempt)) =
            *self.session.state()
        else {
            return;
        };
        match event {
            SocketEvent::Ready => {}
            SocketEvent::Opened(opened) => self.opened(attempt, opened).await,
            SocketEvent::Failed(error) => self.failed(attempt, &error).await,
            SocketEvent::Received(message) => self.received(attempt, message).await,
            SocketEvent::Ping(payload) => {
                self.print_control(Fact::Ping(Direction::In, payload.clone())).await;
                // Sent by tungstenite.
                self.print_control(Fact::Pong(Direction::Out, payload, None)).await;
            }
            SocketEvent::Pong(payload) => self.ponged(payload).await,
            SocketEvent::Close(close) => {
                self.print_control(Fact::Close(Direction::In, close.clone())).await;
                if !matches!(self.session.state(), State::Closing(_)) {
                    self.closed_by_peer(close.clone());
                    // Sent by tungstenite.
                    self.print_control(Fact::Close(Direction::Out, close)).await;
                }
            }
            SocketEvent::Ended(end) => self.ended(attempt, end).await,
        }
    }

    /// Connection open: starts pings and the prompt.
    async fn opened(&mut self, attempt: Attempt, opened: Opened) {
        let Opened { url, address, subprotocol } = opened;
        self.handshake.url = Some(url);
        self.handshake.address = address.map(|address| address.to_string());
        self.handshake.status = Some(SWITCHING_PROTOCOLS);
        self.handshake.subprotocol.clone_from(&subprotocol);

        self.end_policy.opened(Instant::now());
        self.last_error = None;
        self.echoes.clear();
        self.pings.clear();
        self.next_ping = self.ping_interval.map(|interval| Instant::now() + interval);
        let negotiated = Negotiated {
            subprotocol: subprotocol.clone().unwrap_or_default(),
            extensions: String::new(),
        };
        self.dispatch(Event::Opened(attempt, negotiated), None).await;
        if let Some(subprotocol) = subprotocol {
            let shown = if self.target.shows_secrets {
                subprotocol
            } else {
                redact_subprotocols(&subprotocol)
            };
            self.output.aside(&format!("Subprotocol: {}", visible_line(&shown))).await;
        }
        self.input.connected();
    }

    /// Attempt failed: prints the error once per outage, and retries unless it is permanent.
    async fn failed(&mut self, attempt: Attempt, error: &ConnectError) {
        let sentence = error.to_string();
        if self.last_error.as_ref() != Some(&sentence) {
            self.output.error(&sentence).await;
        }
        if error.is_permanent() {
            self.session.limit_retries(Retries::NONE);
        }
        if self.output.prints_all() {
            let handshake = Handshake {
                attempt: self.handshake.attempt,
                url: Some(error.url().to_owned()),
                address: error.address().map(|address| address.to_string()),
                status: error.status(),
                subprotocol: None,
            };
            let fact = Fact::Ended(EndReason::Failed, Some(sentence.clone()), handshake);
            self.output.record(&Record { at: now(), fact }).await;
        }
        self.last_error = Some(sentence);
        self.dispatch(Event::Ended(attempt, EndReason::Failed), None).await;
    }

    /// Message received: measures an echo, prints it, and ends once expectations are met.
    async fn received(&mut self, attempt: Attempt, message: Message) {
        let round_trip = self.echoes.received(&message, now());
        if let Some(time) = round_trip {
            self.statistics.round_trip(time);
        }
        self.statistics.count(Direction::In, &message);
        let failure = self.failure(&message).await;
        let deadline = self.end_policy.deadline();
        let is_expected = match self.end_policy.expected() {
            Some(search) => matches(search, &message, &self.interrupt, deadline).await,
            None => false,
        };
        if !self.end_policy.received(is_expected, round_trip.is_some(), Instant::now()) {
            return;
        }
        let step = self.session.handle(Event::Received(attempt, message), now());
        self.apply(step, round_trip, None).await;
        if let Some(pattern) = failure {
            self.disconnect(EndCause::FailedOn(pattern)).await;
        } else if self.end_policy.is_satisfied() {
            self.disconnect(EndCause::Done).await;
        }
    }

    /// First pattern of `--fail-on` that a message matches.
    async fn failure(&mut self, message: &Message) -> Option<Pattern> {
        let deadline = self.end_policy.deadline();
        for search in self.end_policy.failures() {
            if matches(search, message, &self.interrupt, deadline).await {
                return Some(search.pattern().clone());
            }
        }
        None
    }

    /// Notes that the peer has closed, and does not retry if that was expected.
    fn closed_by_peer(&mut self, close: Close) {
        if self.end_policy.expects(&close) {
            self.session.limit_retries(Retries::NONE);
        }
        self.end_policy.end(EndCause::Peer(close));
    }

    /// Pong received: prints its round-trip time.
    async fn ponged(&mut self, payload: Vec<u8>) {
        let now = now();
        let round_trip = self.pings.answered(&payload, now);
        // The answer to a ping is shown even without --show-control.
        if round_trip.is_some() || self.shows_control() {
            let fact = Fact::Pong(Direction::In, payload, round_trip);
            self.output.record(&Record { at: now, fact }).await;
        }
    }

    /// Connection gone: explains a loss or violation, then closes or retries.
    async fn ended(&mut self, attempt: Attempt, end: SocketEnd) {
        let close = |code| Close { code: CloseCode(code), reason: String::new() };
        let (close, detail, cause) = match end {
            SocketEnd::Closed(close) => (close.clone(), None, EndCause::Peer(close)),
            SocketEnd::Lost { cause, unsent: None } => {
                (Close::abnormal(), cause, EndCause::Peer(Close::abnormal()))
            }
            SocketEnd::Lost { cause, unsent: Some(bytes) } => {
                let bytes = format_counted(bytes, "byte", "bytes");
                let text =
                    format!("Not everything was sent: {bytes} left when the connection ended.");
                self.output.error(&text).await;
                (Close::abnormal(), cause, EndCause::Unsent)
            }
            SocketEnd::Violation(why) => {
                let sentence = format!("The peer violated the protocol: {}.", visible_line(&why));
                self.output.error(&sentence).await;
                (close(1002), Some(why), EndCause::Violation)
            }
            SocketEnd::TooLarge => {
                let limit = format_counted(self.max_message as u64, "byte", "bytes");
                let text = format!(
                    "The peer sent a message over {limit}; --max-message raises the limit."
                );
                self.output.error(&text).await;
                (close(1009), None, EndCause::Violation)
            }
        };
        match cause {
            EndCause::Peer(close) => self.closed_by_peer(close),
            cause => self.end_policy.end(cause),
        }
        self.next_ping = None;
        self.dispatch(Event::Ended(attempt, EndReason::Closed(close)), detail).await;
        if matches!(self.session.state(), State::Waiting { .. }) {
            self.end_policy.retrying();
        }
    }

    /// Time of the next timer: `--timeout`, retry, ping, explanation of a wait.
    fn next_timer(&self) -> Option<Instant> {
        let retry = self.retry.map(|(_, at)| at);
        let explanation = self.end_policy.explains_at(self.progress());
        let timers = [self.end_policy.deadline(), retry, self.next_ping, explanation];
        timers.into_iter().flatten().min()
    }

    /// Performs the timers that are due.
    async fn handle_timers(&mut self) {
        let now = Instant::now();
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if self.end_policy.times_out(now) {
            self.disconnect(EndCause::TimedOut).await;
            return self.socket.limit_close(LATE_CLOSE_TIMEOUT);
        }
        if is_due(self.end_policy.explains_at(self.progress())) {
            let sentence = self.end_policy.explain(self.progress());
            self.output.aside(&sentence).await;
        }
        if let Some((attempt, _)) = self.retry.filter(|(_, at)| is_due(Some(*at))) {
            self.retry = None;
            self.dispatch(Event::Waited(attempt), None).await;
        }
        if let Some(interval) = self.ping_interval.filter(|_| is_due(self.next_ping)) {
            self.next_ping = Some(now + interval);
            // A peer that does not read gets no pings either.
            if self.socket.is_ready() {
                let payload = self.pings.next_payload();
                self.ping(payload).await;
            }
        }
    }
}

/// True if a message matches. Ctrl-C and `--timeout` end the search.
async fn matches(
    pattern: &mut Search,
    message: &Message,
    interrupt: &Interrupt,
    deadline: Option<Instant>,
) -> bool {
    tokio::select! {
        biased;
        matches = search(pattern, message) => matches,
        () = interrupt.raised() => false,
        () = sleep_until_some(deadline) => false,
    }
}

/// Exit status if only the output failed.
fn exit_of(error: &WriteError) -> Exit {
    match error {
        WriteError::BrokenPipe => Exit::Done,
        WriteError::TimedOut => Exit::Unmet,
        WriteError::Failed(_) => Exit::Failed,
    }
}

/// Sleeps until `deadline`; forever without one.
async fn sleep_until_some(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Wall clock time, in microseconds since 1970.
fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since_1970.as_micros()).unwrap_or(u64::MAX))
}
