//! Conversation: drives the session with input, socket and timers, and performs its effects.

mod input_events;
mod socket_events;

use std::time::{Duration, UNIX_EPOCH};

use connector::{OpeningReport, OpeningStep, Target, connect};
use futures::future::BoxFuture;
use session::{
    Attempt, Backoff, Close, CloseCode, Direction, EchoMatcher, Effect, EndReason, Event, Fact,
    Handshake, Outcome, Record, Retries, Session, State, Time,
};
use tokio::time::Instant;

use super::{
    end_policy::{EndCause, EndPolicy, EndRules, Progress},
    input::{Input, InputEvent},
    output::{Output, WriteError},
    pings::Pings,
    sleep_until_some,
    socket::{CLOSE_TIMEOUT, Opened, Socket, SocketEvent},
    statistics::Statistics,
};
use crate::{
    handshake::{shown_url, step_lines},
    process::{Exit, Interrupt},
    quantity::{format_counted, format_duration},
    websocket::{Outgoing, WebSocket},
};

/// Closing handshake timeout once `--timeout` has passed.
const LATE_CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Waits for a peer that opens a WebSocket, once. Sentences about peers that did not are reported.
pub(crate) type Accept =
    Box<dyn FnOnce(Box<dyn Fn(&str) + Send>) -> BoxFuture<'static, (Opened, WebSocket)> + Send>;

/// Observer of all messages, closes and frames, independent of the output.
pub(crate) type Observer = Box<dyn Fn(&Fact)>;

/// Side of a conversation that opens it.
pub(super) enum Opening {
    /// This side connects to a target.
    Connect(Box<Target>),
    /// The peer connects: the first one that completes the opening handshake. `None` from then on.
    Accept(Option<Accept>),
}

/// Options of a conversation.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct Options {
    /// Side that opens the conversation.
    pub(super) opening: Opening,
    pub(super) end_rules: EndRules,
    /// Retries after a loss or failure.
    pub(super) retries: Retries,
    /// True to print Ping and Pong frames of the peer.
    pub(super) show_control: bool,
    /// True to print each frame with its header.
    pub(super) frames: bool,
    /// Interval of automatic pings.
    pub(super) ping: Option<Duration>,
    /// True to print the stages of the opening and the handshake.
    pub(super) verbose: bool,
    /// Show credentials in notices and errors.
    pub(super) shows_secrets: bool,
    /// Maximum size of a message or file, in bytes.
    pub(super) max_message: usize,
    /// Minimum size of a message to be compressed, in bytes.
    pub(super) compress_from: usize,
    /// Recorder of the conversation, for `wsbench record`.
    pub(super) observer: Option<Observer>,
}

/// Conversation from the first attempt to connect to the end of the last connection. The session
/// decides, the end policy ends it, and this performs: one loop, no shared state.
struct Conversation {
    /// Options; the rules of the end are those of the end policy.
    options: Options,
    /// State machine of the connection and its retries.
    session: Session,
    /// Connection, or an attempt to open one.
    socket: Socket,
    input: Input,
    /// Standard output and error.
    output: Output,
    /// Decides on the end and the exit status.
    end_policy: EndPolicy,
    echoes: EchoMatcher,
    /// Counts and round trips for `/stats` and the end.
    statistics: Statistics,
    /// Pings without a pong.
    pings: Pings,
    /// Bytes of a fragment of the message that is being sent.
    fragment: Option<usize>,
    /// Bytes of messages that the last connection left unwritten.
    unsent: Option<u64>,
    /// Close frame to send.
    close: Close,
    /// Next attempt and its time, during a retry delay.
    retry: Option<(Attempt, Instant)>,
    /// Time of the next automatic ping.
    next_ping: Option<Instant>,
    /// Last connection error printed: an outage is reported once.
    last_error: Option<String>,
    /// Last attempt to connect, for its record.
    handshake: Handshake,
    /// Report of the opening, until it is printed.
    report: Option<Box<OpeningReport>>,
    /// Ctrl-C and the signals to stop.
    interrupt: Interrupt,
}

/// Holds a conversation. Returns the exit status. Input and output are started already.
pub(super) async fn run(
    mut options: Options,
    input: Input,
    output: Output,
    interrupt: Interrupt,
) -> Exit {
    let conversation = Conversation {
        session: Session::new(Backoff::DEFAULT, options.retries, fastrand::u64(..)),
        socket: Socket::new(options.max_message)
            .compress_from(options.compress_from)
            .show_frames(options.frames || options.observer.is_some()),
        input,
        output,
        end_policy: EndPolicy::new(std::mem::take(&mut options.end_rules), Instant::now()),
        echoes: EchoMatcher::default(),
        statistics: Statistics::new(),
        pings: Pings::default(),
        fragment: None,
        unsent: None,
        close: Close { code: CloseCode::NORMAL, reason: String::new() },
        retry: None,
        next_ping: None,
        last_error: None,
        handshake: Handshake::default(),
        report: None,
        interrupt: interrupt.clone(),
        options,
    };
    conversation.run(interrupt).await
}

/// Event that wakes the conversation.
enum Wake {
    /// Ctrl-C, or a signal to stop.
    Interrupted,
    /// Standard output that takes no more, such as a closed pipe.
    OutputFailed(WriteError),
    /// `--timeout`, retry or ping due.
    Timer,
    /// Next item of the input, or its end.
    Input(InputEvent),
    /// Message, or change of the connection.
    Socket(SocketEvent),
    /// Nothing left to send or to wait for.
    Drained,
}

impl Conversation {
    /// Event loop, until the session is idle. Branches are polled in order: interrupts and timers
    /// first, so that a busy peer cannot hold them off.
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

    /// True while input is read: it can be sent, or it is typed at a prompt. Expectations before
    /// the next message hold it back.
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
            echoes_are_back: self.echoes.pending() == 0,
            expected_before: self.input.expected_before(),
        }
    }

    /// Reports messages that the connection did not take: bytes left to write, and those of the input from
    /// `place` on.
    async fn report_unsent(&mut self, place: Option<String>) {
        let bytes = self.unsent.take().map(|it| format_counted(it, "byte", "bytes"));
        let left = bytes.map(|bytes| format!("with {bytes} left to send"));
        let ended: Vec<_> = left.into_iter().chain(place).collect();
        if !ended.is_empty() {
            let ended = ended.join(", ");
            let sentence = format!("Not everything was sent: the connection ended {ended}.");
            self.output.error(&sentence).await;
            self.end_policy.end(EndCause::Unsent);
        }
    }

    /// Prints the last sentences and returns the exit status, which a failed output can worsen.
    async fn finish(mut self) -> Exit {
        let is_cut_short = self.end_policy.is_cut_short();
        let place = if is_cut_short { self.input.next_place().await } else { None };
        self.report_unsent(place).await;
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
            let outcome = self.session.handle(event, now());
            next = self.apply(outcome, cause).await.map(|event| (event, None));
        }
    }

    /// Prints and performs an outcome of the session. Returns an event that follows at once.
    async fn apply(&mut self, outcome: Outcome, cause: Option<String>) -> Option<Event> {
        if let Some(item) = outcome.item {
            self.print(item.into(), cause).await;
        }
        match outcome.effect {
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
                self.socket.send(match self.fragment {
                    Some(size) => Outgoing::Fragments(message, size),
                    None => Outgoing::Message(message),
                });
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

    /// Starts an attempt to connect. Runs in the socket: its result is an event.
    fn open(&mut self, Attempt(number): Attempt) {
        self.retry = None;
        let attempt = Some(number.saturating_add(1));
        let target = match &mut self.options.opening {
            Opening::Connect(target) => Target::clone(target),
            Opening::Accept(accept) => {
                self.handshake = Handshake { attempt, ..Handshake::default() };
                let report: Box<dyn Fn(&str) + Send> = if self.options.verbose {
                    Box::new(self.output.tracer())
                } else {
                    Box::new(|_| {})
                };
                if let Some(accept) = accept.take() {
                    self.socket.accept(accept(report));
                }
                return;
            }
        };
        let url = Some(target.url.to_string());
        self.handshake = Handshake { attempt, url, ..Handshake::default() };
        let tracer = self.options.verbose.then(|| self.output.tracer());
        let shows_secrets = self.options.shows_secrets;
        self.socket.open(async move {
            let trace = |step: OpeningStep<'_>| {
                if let Some(tracer) = &tracer
                    && let Some(lines) = step_lines(step, shows_secrets)
                {
                    tracer(&lines);
                }
            };
            connect(&target, &trace).await
        });
    }

    /// Prints a fact of the conversation, with the cause of an end.
    async fn print(&mut self, fact: Fact, cause: Option<String>) {
        let is_printed =
            !matches!(fact, Fact::Message(Direction::Out, ..)) || self.output.prints_all();
        let mut record = Record { at: now(), fact };
        match &mut record.fact {
            Fact::Opened(handshake) => handshake.clone_from(&self.handshake),
            // Printed for each attempt, retries included.
            Fact::Ended(EndReason::Failed, ..) => return,
            Fact::Ended(EndReason::Cancelled, _, handshake) => {
                handshake.clone_from(&self.handshake);
            }
            Fact::Ended(EndReason::Closed(_), of_end, _) => *of_end = cause,
            _ => {}
        }
        self.observe(&record.fact);
        if !is_printed {
            return;
        }
        // The observer has it whole: a recording makes variables of secrets.
        if let Fact::Opened(Handshake { url: Some(url), .. })
        | Fact::Ended(_, _, Handshake { url: Some(url), .. }) = &mut record.fact
        {
            *url = shown_url(&*url, self.options.shows_secrets);
        }
        let report = self.report.take();
        self.output.record_opening(&record, report.as_deref()).await;
    }

    /// Passes a fact to the observer, if there is one.
    fn observe(&self, fact: &Fact) {
        if let Some(observer) = &self.options.observer {
            observer(fact);
        }
    }

    /// Prints a control frame, with `--show-control` or `--json`.
    async fn print_control(&self, fact: Fact) {
        self.observe(&fact);
        if self.shows_control() {
            self.output.record(&Record { at: now(), fact }).await;
        }
    }

    /// True with `--show-control` or `--json`.
    fn shows_control(&self) -> bool {
        self.options.show_control || self.output.prints_all()
    }

    /// Ends the conversation: closing handshake if open, no retry. The first cause counts.
    async fn disconnect(&mut self, cause: EndCause) {
        self.end_policy.end(cause);
        self.dispatch(Event::Disconnect(self.close.clone()), None).await;
    }

    /// Time of the next timer: `--timeout`, retry, ping, explanation of a wait.
    fn next_timer(&self) -> Option<Instant> {
        let retry = self.retry.map(|(_, at)| at);
        let explanation = self.end_policy.explains_at(self.progress());
        let timers = [self.end_policy.deadline(), retry, self.next_ping, explanation];
        timers.into_iter().flatten().min()
    }

    /// Performs the timers that are due. After `--timeout`, no other counts.
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
        if let Some(interval) = self.options.ping.filter(|_| is_due(self.next_ping)) {
            self.next_ping = Some(now + interval);
            // A peer that does not read gets no pings either.
            if self.socket.is_ready() {
                let payload = self.pings.next_payload();
                self.ping(payload).await;
            }
        }
    }
}

/// Exit status if only the output failed. A reader that is gone (`| head`) is no failure.
fn exit_of(error: &WriteError) -> Exit {
    match error {
        WriteError::BrokenPipe => Exit::Done,
        WriteError::TimedOut => Exit::Unmet,
        WriteError::Failed(_) => Exit::Failed,
    }
}

/// Wall clock time.
fn now() -> Time {
    Time(0).after(UNIX_EPOCH.elapsed().unwrap_or_default())
}
