//! Events of the socket: the opening, messages and frames of the peer, the end.

use connector::{ConnectError, OpeningReport, redact_subprotocols};
use session::{
    Attempt, Close, Direction, EndReason, Event, Fact, Message, Negotiated, Pattern, Record,
    Retries, Search, State, visible_line,
};
use tokio::time::Instant;

use super::{Conversation, now};
use crate::{
    connect::{
        end_policy::EndCause,
        output::opening_lines,
        search::search,
        sleep_until_some,
        socket::{Opened, SocketEnd, SocketEvent, failed_handshake, violation_sentence},
    },
    handshake::failure,
    process::Interrupt,
};

impl Conversation {
    /// Reports an event of the socket to the session and the end policy. Events of a connection
    /// that is over are ignored.
    pub(super) async fn handle_socket(&mut self, event: SocketEvent) {
        let (State::Connecting(attempt) | State::Open(attempt) | State::Closing(attempt)) =
            *self.session.state()
        else {
            return;
        };
        let has_closed = matches!(self.session.state(), State::Closing(_));
        // The frame that the socket has sent for it.
        let answer = event.answer(has_closed);
        match event {
            SocketEvent::Ready => {}
            SocketEvent::Frames(frames) => {
                for (direction, frame) in frames {
                    let fact = Fact::Frame(direction, frame);
                    self.observe(&fact);
                    if self.options.frames {
                        self.output.record(&Record { at: now(), fact }).await;
                    }
                }
            }
            SocketEvent::Opened(opened) => self.opened(attempt, opened).await,
            SocketEvent::Failed(error) => self.failed(attempt, &error).await,
            SocketEvent::Received(message) => self.received(attempt, message).await,
            SocketEvent::Ping(payload) => {
                self.print_control(Fact::Ping(Direction::In, payload)).await;
            }
            SocketEvent::Pong(payload) => self.ponged(payload).await,
            SocketEvent::Close(close) => {
                self.print_control(Fact::Close(Direction::In, close.clone())).await;
                if !has_closed {
                    self.closed_by_peer(close);
                }
            }
            SocketEvent::Ended(end) => self.ended(attempt, end).await,
        }
        if let Some(fact) = answer {
            self.print_control(fact).await;
        }
    }

    /// Handles an open connection: starts pings and the prompt, and prints the negotiated
    /// parameters.
    async fn opened(&mut self, attempt: Attempt, opened: Opened) {
        self.handshake = opened.handshake(self.handshake.attempt);
        self.end_policy.opened(Instant::now());
        self.last_error = None;
        self.echoes.clear();
        self.pings.clear();
        self.next_ping = self.options.ping.map(|interval| Instant::now() + interval);
        let negotiated = Negotiated {
            subprotocol: self.handshake.subprotocol.clone().unwrap_or_default(),
            extensions: self.handshake.extensions.clone().unwrap_or_default(),
        };
        if let Some(report) = &opened.report {
            self.show_times(report).await;
        }
        self.report = opened.report;
        self.dispatch(Event::Opened(attempt, negotiated), None).await;
        if let Some(subprotocol) = opened.subprotocol {
            let shown = if self.options.shows_secrets {
                subprotocol
            } else {
                redact_subprotocols(&subprotocol)
            };
            self.output.aside(&format!("Subprotocol: {}", visible_line(&shown))).await;
        }
        if self.options.verbose {
            let agreed = self.handshake.extensions.as_deref().unwrap_or("none");
            self.output.aside(&format!("Compression: {agreed}")).await;
        }
        self.input.connected();
    }

    /// Prints certificates and times of an opening, with `--verbose`.
    async fn show_times(&self, report: &OpeningReport) {
        if self.options.verbose {
            for line in opening_lines(report) {
                self.output.aside(&line).await;
            }
        }
    }

    /// Handles a failed attempt: prints the error once per outage, and retries unless it is
    /// permanent.
    async fn failed(&mut self, attempt: Attempt, error: &ConnectError) {
        let sentence = failure(error, self.options.shows_secrets);
        if self.last_error.as_ref() != Some(&sentence) {
            self.output.error(&sentence).await;
        }
        self.show_times(error.opening()).await;
        if error.is_permanent() {
            self.session.limit_retries(Retries::NONE);
        }
        if self.output.prints_all() {
            let attempt = self.handshake.attempt;
            let handshake = failed_handshake(error, attempt, self.options.shows_secrets);
            let fact = Fact::Ended(EndReason::Failed, Some(sentence.clone()), handshake);
            self.output.record_opening(&Record { at: now(), fact }, Some(error.opening())).await;
        }
        self.last_error = Some(sentence);
        self.dispatch(Event::Ended(attempt, EndReason::Failed), None).await;
    }

    /// Handles a message: measures an echo, prints it, and ends the conversation once expectations
    /// are met.
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
        if self.session.accepts(attempt) {
            self.print(Fact::Message(Direction::In, message, round_trip), None).await;
        }
        if let Some(pattern) = failure {
            self.disconnect(EndCause::FailedOn(pattern)).await;
        } else if self.end_policy.is_satisfied() {
            self.disconnect(EndCause::Done).await;
        }
    }

    /// First pattern of `--fail-on` that a message matches. Patterns are searched for in the order
    /// of the flags.
    async fn failure(&mut self, message: &Message) -> Option<Pattern> {
        let deadline = self.end_policy.deadline();
        for search in self.end_policy.failures() {
            if matches(search, message, &self.interrupt, deadline).await {
                return Some(search.pattern().clone());
            }
        }
        None
    }

    /// Records the peer's close. An expected one is not retried.
    fn closed_by_peer(&mut self, close: Close) {
        if self.end_policy.expects(&close) {
            self.session.limit_retries(Retries::NONE);
        }
        self.end_policy.end(EndCause::Peer(close));
    }

    /// Handles a pong: prints its round-trip time.
    async fn ponged(&mut self, payload: Vec<u8>) {
        let now = now();
        let round_trip = self.pings.answered(&payload, now);
        let fact = Fact::Pong(Direction::In, payload, round_trip);
        self.observe(&fact);
        // The answer to a ping is shown even without --show-control.
        if round_trip.is_some() || self.shows_control() {
            self.output.record(&Record { at: now, fact }).await;
        }
    }

    /// Handles the end of the connection: explains a loss or violation, then ends the conversation
    /// or retries.
    async fn ended(&mut self, attempt: Attempt, end: SocketEnd) {
        let (close, cause) = (end.close(), end.cause());
        match end {
            SocketEnd::Closed { unsent, .. } | SocketEnd::Lost { unsent, .. } => {
                self.unsent = unsent;
                if unsent.is_some() {
                    self.end_policy.end(EndCause::Unsent);
                }
                self.closed_by_peer(close.clone());
            }
            SocketEnd::Violation(violation) => {
                self.output.error(&violation_sentence(violation)).await;
                self.end_policy.end(EndCause::Violation);
            }
        }
        self.next_ping = None;
        self.dispatch(Event::Ended(attempt, EndReason::Closed(close)), cause).await;
        if matches!(self.session.state(), State::Waiting { .. }) {
            self.report_unsent(None).await;
            self.end_policy.retrying();
        }
    }
}

/// True if a message matches. Ctrl-C and `--timeout` end the search. An ended search has not
/// matched.
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
