//! End of a conversation: its deadlines, its cause and the exit status.
//!
//! Pure: `now` is passed in, nothing waits. Times are values of tokio's clock.

mod sentences;

use std::time::Duration;

use session::{Close, Pattern, Search};
use tokio::time::Instant;

use super::{expectations::Expectations, expected_close::ExpectedClose, output::WriteError};
use crate::process::Exit;

/// Silence after the last message sent, after which no answer is expected.
const QUIET: Duration = Duration::from_secs(2);

/// Limit without progress, at the end of the input: no byte sent and no answer received. It ends a
/// conversation that a peer keeps open with messages of its own.
const STALLED: Duration = Duration::from_secs(30);

/// Rules of a conversation's end, from the flags.
#[derive(Default)]
pub(super) struct EndRules {
    /// Messages to receive (`--expect`, `--count`).
    pub(super) expectations: Expectations,
    /// Messages that end it with a failure (`--fail-on`).
    pub(super) fail_on: Vec<Search>,
    /// Close of the peer that is expected (`--expect-close`).
    pub(super) expected_close: Option<ExpectedClose>,
    /// Time between the last message sent and the close (`--wait`).
    pub(super) wait: Option<Duration>,
    /// Limit of the whole run (`--timeout`).
    pub(super) timeout: Option<Timeout>,
}

/// Time limit, counted from the start of the program.
#[derive(Clone, Copy)]
pub(super) struct Timeout {
    /// Duration as typed, for its sentence.
    pub(super) limit: Duration,
    /// Time at which it is reached.
    pub(super) at: Instant,
}

/// Cause of a conversation's end.
#[derive(Debug)]
pub(super) enum EndCause {
    /// Close of the peer, or loss of the connection (1006).
    Peer(Close),
    /// Message that matched this pattern of `--fail-on`.
    FailedOn(Pattern),
    /// Protocol violation by the peer.
    Violation,
    /// End of the connection before all messages were sent.
    Unsent,
    /// Nothing left to send or to wait for.
    Done,
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// `--timeout` has passed.
    TimedOut,
    /// Standard input that could not be read, or sent as a message.
    InputFailed,
    /// Standard output that could not be written.
    OutputFailed(WriteError),
}

/// Progress of the connection, as the policy needs it. A snapshot, taken for each decision.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    /// True while the connection is open and not closing.
    pub(super) can_send: bool,
    /// True if everything sent was written to the system.
    pub(super) is_flushed: bool,
    /// Time of the last write.
    pub(super) last_write: Option<Instant>,
    /// True if every message sent was echoed.
    pub(super) echoes_are_back: bool,
    /// Number of expectations to meet before the next message is sent.
    pub(super) expected_before: usize,
}

/// End policy: decides on the time of the end and on the exit status.
pub(super) struct EndPolicy {
    rules: EndRules,
    /// True once a connection was open.
    was_open: bool,
    /// End of the input, or the opening after it.
    input_ended: Option<Instant>,
    /// Time of the last message received.
    last_received: Instant,
    /// Time of the last message that can be an answer.
    last_answer: Instant,
    /// Messages sent, over all connections.
    sent: u64,
    /// Messages received, over all connections.
    received: u64,
    /// True once `--timeout` has passed.
    timeout_passed: bool,
    /// True once the sentence about a wait was printed.
    is_explained: bool,
    /// Cause of the end, once there is one.
    cause: Option<EndCause>,
}

impl EndPolicy {
    /// Policy before the first attempt to connect.
    pub(super) fn new(rules: EndRules, now: Instant) -> Self {
        Self {
            rules,
            was_open: false,
            input_ended: None,
            last_received: now,
            last_answer: now,
            sent: 0,
            received: 0,
            timeout_passed: false,
            is_explained: false,
            cause: None,
        }
    }

    /// Records an open connection. Waiting for answers starts over.
    pub(super) fn opened(&mut self, now: Instant) {
        self.was_open = true;
        self.last_received = now;
        self.last_answer = now;
        self.input_ended = self.input_ended.map(|_| now);
    }

    /// Records the end of the input: from now on, only answers are awaited.
    pub(super) fn input_ended(&mut self, now: Instant) {
        self.input_ended = Some(now);
    }

    /// True until the input has ended.
    pub(super) fn wants_input(&self) -> bool {
        self.input_ended.is_none()
    }

    /// Counts a message sent.
    pub(super) fn sent(&mut self) {
        self.sent += 1;
    }

    /// True if the next message waits for expectations. `expected_before` is the number to be met
    /// before it is sent.
    pub(super) fn holds_back(&self, expected_before: usize) -> bool {
        expected_before > self.rules.expectations.matched()
    }

    /// Search for the next message expected.
    pub(super) fn expected(&mut self) -> Option<&mut Search> {
        self.rules.expectations.search()
    }

    /// Searches for messages that are a failure.
    pub(super) fn failures(&mut self) -> &mut [Search] {
        &mut self.rules.fail_on
    }

    /// Counts a message received, which may match the next pattern expected. False if the end was
    /// decided before: the message was on its way already and does not belong to the output.
    pub(super) fn received(&mut self, matches: bool, is_echo: bool, now: Instant) -> bool {
        self.received += 1;
        self.last_received = now;
        // Beyond the number sent, only echoes can be answers.
        if is_echo || self.received <= self.sent {
            self.last_answer = now;
        }
        if self.is_satisfied() || matches!(self.cause, Some(EndCause::FailedOn(_))) {
            return false;
        }
        self.rules.expectations.received(matches);
        true
    }

    /// True once everything expected was received; false if nothing is expected, or a close.
    pub(super) fn is_satisfied(&self) -> bool {
        let expectations = &self.rules.expectations;
        expectations.exist() && expectations.are_met() && self.rules.expected_close.is_none()
    }

    /// True if `close` is the close that is expected.
    pub(super) fn expects(&self, close: &Close) -> bool {
        self.rules.expected_close.as_ref().is_some_and(|expected| expected.matches(close))
    }

    /// True if everything expected was received, and closed as expected.
    fn is_met(&self) -> bool {
        let is_closed = match &self.cause {
            Some(EndCause::Peer(close)) => self.expects(close),
            _ => false,
        };
        self.rules.expectations.are_met() && (is_closed || self.rules.expected_close.is_none())
    }

    /// Records the cause of the end. The first one counts, except that unsent messages and violations
    /// replace [`EndCause::Done`], and unsent messages a close that would be success but was not asked for.
    pub(super) fn end(&mut self, cause: EndCause) {
        let replaces = match (&self.cause, &cause) {
            (None, _) | (Some(EndCause::Done), EndCause::Unsent | EndCause::Violation) => true,
            (Some(EndCause::Peer(close)), EndCause::Unsent) => {
                self.exit() == Exit::Done && !self.expects(close)
            }
            _ => false,
        };
        if replaces {
            self.cause = Some(cause);
        }
    }

    /// True if the connection has ended before the input, and not by a decision of this side.
    pub(super) fn is_cut_short(&self) -> bool {
        let of_peer =
            |it: &_| matches!(it, EndCause::Peer(_) | EndCause::Unsent | EndCause::Violation);
        self.was_open && self.wants_input() && self.cause.as_ref().is_none_or(of_peer)
    }

    /// Drops the cause: another connection will be tried, with a cause of its own.
    pub(super) fn retrying(&mut self) {
        self.cause = None;
    }

    /// Time of `--timeout`, until it has passed.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.rules.timeout.filter(|_| !self.timeout_passed).map(|timeout| timeout.at)
    }

    /// True once, when `--timeout` has passed.
    pub(super) fn times_out(&mut self, now: Instant) -> bool {
        let passes = self.deadline().is_some_and(|at| at <= now);
        self.timeout_passed |= passes;
        passes
    }

    /// Time at which the conversation is done if nothing more is received until then. `None` while
    /// there is input, without an open connection, or if only `--timeout` or the peer ends it.
    pub(super) fn drained_at(&self, progress: Progress) -> Option<Instant> {
        let is_held_back = self.holds_back(progress.expected_before);
        let held_back = is_held_back.then_some(self.last_answer);
        let ended = self.input_ended.or(held_back)?;
        if self.cause.is_some() || !progress.can_send {
            return None;
        }
        let sent = progress.last_write.map_or(ended, |at| at.max(ended));
        if !progress.is_flushed {
            return Some(sent + self.rules.wait.unwrap_or_default().max(STALLED));
        }
        if let Some(wait) = self.rules.wait.filter(|_| !is_held_back) {
            return Some(sent + wait);
        }
        let stalled = self.last_answer.max(sent) + STALLED;
        if self.rules.expectations.exist() || self.rules.expected_close.is_some() {
            return self.rules.timeout.is_none().then_some(stalled);
        }
        if self.received >= self.sent && progress.echoes_are_back {
            return Some(sent);
        }
        Some(stalled.min(self.last_received.max(sent) + QUIET))
    }

    /// Exit status of a conversation that has ended. The most specific cause counts: no connection,
    /// violation, loss, then expectations. Without a cause, the last retry after a loss has failed.
    pub(super) fn exit(&self) -> Exit {
        match &self.cause {
            Some(EndCause::Interrupted) if !self.was_open => Exit::Interrupted,
            _ if !self.was_open => Exit::Failed,
            Some(EndCause::Violation) => Exit::Violation,
            None | Some(EndCause::Unsent) => Exit::Closed,
            Some(EndCause::Peer(close)) if !close.code.is_normal() && !self.expects(close) => {
                Exit::Closed
            }
            Some(EndCause::InputFailed | EndCause::OutputFailed(WriteError::Failed(_))) => {
                Exit::Failed
            }
            Some(EndCause::TimedOut | EndCause::FailedOn(_)) => Exit::Unmet,
            _ if !self.is_met() => Exit::Unmet,
            _ => Exit::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use session::CloseCode;

    use super::{sentences::EXPLAINED, *};

    const SECOND: Duration = Duration::from_secs(1);

    /// Open, flushed, all echoes back.
    const IDLE: Progress = Progress {
        can_send: true,
        is_flushed: true,
        last_write: None,
        echoes_are_back: true,
        expected_before: 0,
    };

    fn closed(code: u16) -> EndCause {
        EndCause::Peer(Close { code: CloseCode(code), reason: String::new() })
    }

    fn expecting(pattern: &str) -> EndRules {
        let expectations = Expectations::new(vec![pattern.parse().unwrap()], None);
        EndRules { expectations, ..EndRules::default() }
    }

    /// Policy of an open connection, and the time it opened.
    fn open(rules: EndRules) -> (EndPolicy, Instant) {
        let start = Instant::now();
        let mut policy = EndPolicy::new(rules, start);
        policy.opened(start);
        (policy, start)
    }

    fn exit_of(cause: EndCause) -> Exit {
        let (mut policy, _) = open(EndRules::default());
        policy.end(cause);
        policy.exit()
    }

    #[test]
    fn all_echoes_back_end_it_at_once() {
        let (mut policy, start) = open(EndRules::default());
        policy.sent();
        policy.input_ended(start + SECOND);
        policy.received(false, true, start + SECOND);
        assert!(!policy.wants_input());
        assert_eq!(policy.drained_at(IDLE), Some(start + SECOND));
        let last_write = Some(start + 3 * SECOND);
        assert_eq!(policy.drained_at(Progress { last_write, ..IDLE }), last_write);
    }

    #[test]
    fn a_missing_answer_ends_it_after_two_seconds_of_silence() {
        let (mut policy, start) = open(EndRules::default());
        policy.sent();
        policy.sent();
        policy.input_ended(start);
        let waiting = Progress { echoes_are_back: false, ..IDLE };
        assert_eq!(policy.drained_at(waiting), Some(start + QUIET));
        policy.received(false, false, start + SECOND);
        assert_eq!(policy.drained_at(waiting), Some(start + SECOND + QUIET));
    }

    #[test]
    fn a_stream_of_messages_ends_it_after_thirty_seconds() {
        let (mut policy, start) = open(EndRules::default());
        policy.sent();
        policy.input_ended(start);
        let waiting = Progress { echoes_are_back: false, ..IDLE };
        for second in 1..=29 {
            policy.received(false, false, start + second * SECOND);
        }
        // The first may be the answer, the others are pushed.
        assert_eq!(policy.drained_at(waiting), Some(start + SECOND + STALLED));
    }

    #[test]
    fn output_that_is_not_written_may_stall_for_thirty_seconds() {
        let (mut policy, start) = open(EndRules::default());
        policy.input_ended(start);
        let stuck = Progress { is_flushed: false, last_write: Some(start + SECOND), ..IDLE };
        assert_eq!(policy.drained_at(stuck), Some(start + SECOND + STALLED));
        let rules = EndRules { wait: Some(60 * SECOND), ..EndRules::default() };
        let (mut policy, start) = open(rules);
        policy.input_ended(start);
        let stuck = Progress { is_flushed: false, ..IDLE };
        assert_eq!(policy.drained_at(stuck), Some(start + 60 * SECOND));
    }

    #[test]
    fn wait_keeps_it_open_whatever_is_received() {
        let rules = EndRules { wait: Some(5 * SECOND), ..EndRules::default() };
        let (mut policy, start) = open(rules);
        policy.input_ended(start);
        policy.received(false, false, start + 4 * SECOND);
        assert_eq!(policy.drained_at(IDLE), Some(start + 5 * SECOND));
    }

    #[test]
    fn expectations_end_it_once_met_and_later_messages_are_left_out() {
        let (mut policy, start) = open(expecting("^b$"));
        assert!(policy.received(false, false, start) && !policy.is_satisfied());
        assert!(policy.received(true, false, start) && policy.is_satisfied());
        assert!(!policy.received(false, false, start));
        policy.end(EndCause::Done);
        assert_eq!((policy.exit(), policy.last_words()), (Exit::Done, Vec::new()));
    }

    #[test]
    fn expectations_are_given_up_after_thirty_seconds_without_a_timeout() {
        let (mut policy, start) = open(expecting("never"));
        policy.sent();
        policy.input_ended(start);
        policy.received(false, true, start + SECOND);
        assert_eq!(policy.drained_at(IDLE), Some(start + SECOND + STALLED));
        policy.end(EndCause::Done);
        assert_eq!(policy.exit(), Exit::Unmet);
        assert_eq!(policy.last_words(), ["No message matched 'never'."]);
    }

    #[test]
    fn with_a_timeout_expectations_have_that_time() {
        let start = Instant::now();
        let timeout = Some(Timeout { limit: SECOND, at: start + SECOND });
        let mut policy = EndPolicy::new(EndRules { timeout, ..expecting("never") }, start);
        policy.opened(start);
        policy.input_ended(start);
        assert_eq!(policy.drained_at(IDLE), None);
        assert_eq!(policy.deadline(), Some(start + SECOND));
        assert!(!policy.times_out(start));
        assert!(policy.times_out(start + SECOND));
        assert!(!policy.times_out(start + SECOND) && policy.deadline().is_none(), "once");
        policy.end(EndCause::TimedOut);
        assert_eq!(policy.exit(), Exit::Unmet);
        let sentences = ["Timed out after 1.0 s (--timeout).", "No message matched 'never'."];
        assert_eq!(policy.last_words(), sentences);
    }

    #[test]
    fn without_a_connection_the_exit_status_is_failure_or_interrupt() {
        let unopened = |cause| {
            let mut policy = EndPolicy::new(EndRules::default(), Instant::now());
            policy.end(cause);
            policy.exit()
        };
        assert_eq!(unopened(EndCause::Interrupted), Exit::Interrupted);
        assert_eq!(unopened(EndCause::TimedOut), Exit::Failed);
        assert_eq!(unopened(EndCause::Done), Exit::Failed);
    }

    #[test]
    fn each_cause_has_its_exit_status() {
        for (cause, expected) in [
            (EndCause::Done, Exit::Done),
            (EndCause::Interrupted, Exit::Done),
            (EndCause::TimedOut, Exit::Unmet),
            (closed(1000), Exit::Done),
            (closed(1005), Exit::Done),
            (closed(1006), Exit::Closed),
            (closed(4001), Exit::Closed),
            (EndCause::Violation, Exit::Violation),
            (EndCause::Unsent, Exit::Closed),
            (EndCause::InputFailed, Exit::Failed),
            (EndCause::OutputFailed(WriteError::BrokenPipe), Exit::Done),
            (EndCause::OutputFailed(WriteError::Failed(String::new())), Exit::Failed),
        ] {
            let shown = format!("{cause:?}");
            assert_eq!(exit_of(cause), expected, "{shown}");
        }
    }

    #[test]
    fn the_first_cause_counts_unless_messages_were_lost_after_done() {
        let exit = |causes: [EndCause; 2]| {
            let (mut policy, _) = open(EndRules::default());
            for cause in causes {
                policy.end(cause);
            }
            policy.exit()
        };
        let broken = || closed(1011);
        assert_eq!(exit([EndCause::Done, broken()]), Exit::Done);
        assert_eq!(exit([broken(), EndCause::Done]), Exit::Closed);
        assert_eq!(exit([EndCause::Done, EndCause::Unsent]), Exit::Closed);
        assert_eq!(exit([EndCause::Done, EndCause::Violation]), Exit::Violation);
        assert_eq!(exit([EndCause::Interrupted, EndCause::Unsent]), Exit::Done);
        assert_eq!(exit([closed(1000), EndCause::Unsent]), Exit::Closed);
    }

    #[test]
    fn input_that_a_close_cuts_short_is_a_failure_unless_the_close_or_a_message_was_expected() {
        let cut_short = |rules, cause| {
            let (mut policy, _) = open(rules);
            policy.end(cause);
            let is_cut_short = policy.is_cut_short();
            policy.end(EndCause::Unsent);
            (is_cut_short, policy.exit())
        };
        let close = || EndRules { expected_close: "1000".parse().ok(), ..EndRules::default() };
        for (rules, cause, expected) in [
            (EndRules::default(), closed(1000), (true, Exit::Closed)),
            (EndRules::default(), closed(1011), (true, Exit::Closed)),
            (EndRules::default(), EndCause::Violation, (true, Exit::Violation)),
            (EndRules::default(), EndCause::Interrupted, (false, Exit::Done)),
            (close(), closed(1000), (true, Exit::Done)),
            (expecting("a"), closed(1000), (true, Exit::Unmet)),
        ] {
            assert_eq!(cut_short(rules, cause), expected);
        }
        let (mut policy, start) = open(EndRules::default());
        policy.input_ended(start);
        policy.end(closed(1000));
        assert!(!policy.is_cut_short(), "the input had ended");
        assert!(!EndPolicy::new(EndRules::default(), start).is_cut_short(), "it was never open");
    }

    #[test]
    fn a_loss_after_which_no_retry_succeeds_is_one() {
        let (mut policy, _) = open(EndRules::default());
        policy.end(closed(1006));
        policy.retrying();
        assert_eq!(policy.exit(), Exit::Closed);
    }

    #[test]
    fn a_normal_close_does_not_meet_expectations() {
        let (mut policy, _) = open(expecting("a"));
        policy.end(closed(1000));
        assert_eq!(policy.exit(), Exit::Unmet);
    }

    #[test]
    fn a_retry_clears_the_cause_and_waits_anew_from_the_next_opening() {
        let (mut policy, start) = open(EndRules::default());
        policy.input_ended(start);
        policy.end(closed(1006));
        assert_eq!(policy.drained_at(IDLE), None);
        policy.retrying();
        assert_eq!(policy.drained_at(Progress { can_send: false, ..IDLE }), None);
        policy.opened(start + SECOND);
        assert_eq!(policy.drained_at(IDLE), Some(start + SECOND));
        policy.end(EndCause::Done);
        assert_eq!(policy.exit(), Exit::Done);
    }

    #[test]
    fn an_expected_close_is_waited_for_and_is_success() {
        let answered = |expected: &str| {
            let expected_close = Some(expected.parse().unwrap());
            let (mut policy, start) = open(EndRules { expected_close, ..expecting("a") });
            policy.input_ended(start);
            assert!(policy.received(true, true, start));
            assert!(!policy.is_satisfied(), "the close is missing");
            assert_eq!(policy.drained_at(IDLE), Some(start + STALLED));
            policy
        };
        for (expected, cause, exit, sentence) in [
            ("4001", closed(4001), Exit::Done, None),
            ("1006", closed(1006), Exit::Done, None),
            ("4001", closed(1011), Exit::Closed, Some("Expected a close with 4001.")),
            ("4001", closed(1000), Exit::Unmet, Some("Expected a close with 4001.")),
            ("4001", EndCause::Done, Exit::Unmet, Some("The server did not close with 4001.")),
        ] {
            let mut policy = answered(expected);
            policy.end(cause);
            let sentences = sentence.map(str::to_owned).into_iter().collect::<Vec<_>>();
            assert_eq!((policy.exit(), policy.last_words()), (exit, sentences));
        }
        let expected_close = Some("4001".parse().unwrap());
        let (mut policy, _) = open(EndRules { expected_close, ..expecting("a") });
        policy.end(closed(4001));
        assert_eq!(policy.exit(), Exit::Unmet, "the message is missing");
    }

    #[test]
    fn a_message_held_back_is_given_up_like_an_expectation() {
        let (mut policy, start) = open(expecting("a"));
        let held_back = Progress { expected_before: 1, ..IDLE };
        assert!(policy.holds_back(1) && !policy.holds_back(0));
        assert_eq!(policy.drained_at(held_back), Some(start + STALLED));
        assert_eq!(policy.explains_at(held_back), Some(start + EXPLAINED));
        policy.received(true, false, start + SECOND);
        assert!(!policy.holds_back(1));
        assert_eq!(policy.drained_at(held_back), None, "there is input");
    }

    #[test]
    fn a_message_of_fail_on_is_a_failure_with_its_pattern() {
        let (mut policy, _) = open(EndRules::default());
        policy.end(EndCause::FailedOn("err.r".parse().unwrap()));
        assert_eq!(policy.exit(), Exit::Unmet);
        assert_eq!(policy.last_words(), ["A message matched 'err.r' (--fail-on)."]);
    }

    #[test]
    fn a_person_is_told_once_what_is_waited_for() {
        let (mut policy, start) = open(expecting("^b$"));
        assert_eq!(policy.explains_at(IDLE), None, "there is input");
        policy.input_ended(start);
        assert_eq!(policy.explains_at(IDLE), Some(start + EXPLAINED));
        let sentence = policy.explain(IDLE);
        assert!(sentence.starts_with("Waiting for a message that matches '^b$', up to 30 s"));
        assert_eq!(policy.explains_at(IDLE), None);
        let (mut policy, start) = open(EndRules::default());
        policy.input_ended(start);
        assert_eq!(policy.explains_at(IDLE), None, "nothing is waited for");
        policy.sent();
        let waiting = Progress { echoes_are_back: false, ..IDLE };
        assert_eq!(policy.explains_at(waiting), Some(start + EXPLAINED));
        assert!(policy.explain(waiting).contains("--wait TIME"));
    }
}
