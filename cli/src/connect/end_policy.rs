//! End of a conversation: its deadlines, its cause and the exit status.
//!
//! Pure: `now` is passed in, nothing waits. Times are values of tokio's clock.

use std::time::Duration;

use session::{CloseCode, Message};
use tokio::time::Instant;

use super::{expectations::Expectations, output::WriteError};
use crate::{process::Exit, quantity::format_duration};

/// Silence after the last message sent that means that no answer will come.
const QUIET: Duration = Duration::from_secs(2);

/// Limit without progress, at the end of the input: no byte sent and no answer received.
const STALLED: Duration = Duration::from_secs(30);

/// Rules of a conversation's end, from the flags.
#[derive(Default)]
pub(super) struct EndRules {
    pub(super) expectations: Expectations,
    /// Time between the last message sent and the close (`--wait`).
    pub(super) wait: Option<Duration>,
    /// Limit of the whole run (`--timeout`).
    pub(super) timeout: Option<Timeout>,
}

/// Limit, and the time at which it is reached.
#[derive(Clone, Copy)]
pub(super) struct Timeout {
    pub(super) limit: Duration,
    pub(super) at: Instant,
}

/// Cause of a conversation's end.
#[derive(Debug)]
pub(super) enum EndCause {
    /// The peer closed with this code, or the connection was lost (1006).
    Peer(CloseCode),
    /// Protocol violation by the peer.
    Violation,
    /// Connection lost before all messages were written.
    Unsent,
    /// Nothing left to send or to wait for.
    Done,
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// `--timeout` has passed.
    TimedOut,
    /// Standard input could not be read, or sent as a message.
    InputFailed,
    /// Standard output could not be written.
    OutputFailed(WriteError),
}

/// Progress of the connection, as the policy needs it.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    /// The connection is open and not closing.
    pub(super) can_send: bool,
    /// Everything sent was written to the system.
    pub(super) is_flushed: bool,
    /// Time of the last write.
    pub(super) last_write: Option<Instant>,
    /// Every message sent was echoed.
    pub(super) echoes_are_back: bool,
}

/// Decides when a conversation ends, and with which exit status.
pub(super) struct EndPolicy {
    rules: EndRules,
    was_open: bool,
    /// End of the input, or the opening after it.
    input_ended: Option<Instant>,
    last_received: Instant,
    /// Last message that can be an answer.
    last_answer: Instant,
    sent: u64,
    received: u64,
    timeout_passed: bool,
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
            cause: None,
        }
    }

    /// The connection opened. Waiting for answers starts over.
    pub(super) fn opened(&mut self, now: Instant) {
        self.was_open = true;
        self.last_received = now;
        self.last_answer = now;
        self.input_ended = self.input_ended.map(|_| now);
    }

    /// The input ended: from now on, only answers are awaited.
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

    /// Counts a message received. False if the expectations were met before: the message was on its
    /// way already and does not belong to the output.
    pub(super) fn received(&mut self, message: &Message, is_echo: bool, now: Instant) -> bool {
        self.received += 1;
        self.last_received = now;
        // Beyond the number sent, only echoes can be answers.
        if is_echo || self.received <= self.sent {
            self.last_answer = now;
        }
        if self.is_satisfied() {
            return false;
        }
        self.rules.expectations.received(message);
        true
    }

    /// True once everything expected was received; false if nothing is expected.
    pub(super) fn is_satisfied(&self) -> bool {
        let expectations = &self.rules.expectations;
        expectations.exist() && expectations.are_met()
    }

    /// Records the cause of the end. The first one counts, except that unsent messages and violations
    /// replace [`EndCause::Done`].
    pub(super) fn end(&mut self, cause: EndCause) {
        match (&self.cause, &cause) {
            (None, _) | (Some(EndCause::Done), EndCause::Unsent | EndCause::Violation) => {
                self.cause = Some(cause);
            }
            _ => {}
        }
    }

    /// Another connection will be tried: it has a cause of its own.
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
        let ended = self.input_ended?;
        if self.cause.is_some() || !progress.can_send {
            return None;
        }
        let sent = progress.last_write.map_or(ended, |at| at.max(ended));
        if !progress.is_flushed {
            return Some(sent + self.rules.wait.unwrap_or_default().max(STALLED));
        }
        if let Some(wait) = self.rules.wait {
            return Some(sent + wait);
        }
        let stalled = self.last_answer.max(sent) + STALLED;
        if self.rules.expectations.exist() {
            return self.rules.timeout.is_none().then_some(stalled);
        }
        if self.received >= self.sent && progress.echoes_are_back {
            return Some(sent);
        }
        Some(stalled.min(self.last_received.max(sent) + QUIET))
    }

    /// Exit status of a conversation that has ended.
    pub(super) fn exit(&self) -> Exit {
        match &self.cause {
            Some(EndCause::Interrupted) if !self.was_open => Exit::Interrupted,
            _ if !self.was_open => Exit::Failed,
            Some(EndCause::Violation) => Exit::Violation,
            Some(EndCause::Unsent) => Exit::Closed,
            Some(EndCause::Peer(code)) if !is_normal(*code) => Exit::Closed,
            Some(EndCause::InputFailed | EndCause::OutputFailed(WriteError::Failed(_))) => {
                Exit::Failed
            }
            Some(EndCause::TimedOut) => Exit::Unmet,
            _ if !self.rules.expectations.are_met() => Exit::Unmet,
            _ => Exit::Done,
        }
    }

    /// Sentences to print at the end: the timeout that passed, the expectations not met.
    pub(super) fn last_words(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if let (Some(EndCause::TimedOut), Some(timeout)) = (&self.cause, self.rules.timeout) {
            let limit = format_duration(timeout.limit);
            sentences.push(format!("Not done within {limit} (--timeout)."));
        }
        if self.exit() == Exit::Unmet && !self.rules.expectations.are_met() {
            sentences.push(self.rules.expectations.missing());
        }
        sentences
    }
}

/// True for the codes of a close without an error.
fn is_normal(code: CloseCode) -> bool {
    matches!(code, CloseCode::NORMAL | CloseCode::NO_STATUS)
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Open, flushed, all echoes back.
    const IDLE: Progress =
        Progress { can_send: true, is_flushed: true, last_write: None, echoes_are_back: true };

    fn text(text: &str) -> Message {
        Message::Text(text.into())
    }

    fn expecting(pattern: &str) -> EndRules {
        let expectations = Expectations::new(vec![Regex::new(pattern).unwrap()], None);
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
    fn while_there_is_input_nothing_ends_it() {
        let (policy, _) = open(EndRules::default());
        assert!(policy.wants_input());
        assert_eq!(policy.drained_at(IDLE), None);
    }

    #[test]
    fn all_echoes_back_end_it_at_once() {
        let (mut policy, start) = open(EndRules::default());
        policy.sent();
        policy.input_ended(start + SECOND);
        policy.received(&text("a"), true, start + SECOND);
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
        policy.received(&text("other"), false, start + SECOND);
        assert_eq!(policy.drained_at(waiting), Some(start + SECOND + QUIET));
    }

    #[test]
    fn a_stream_of_messages_ends_it_after_thirty_seconds() {
        let (mut policy, start) = open(EndRules::default());
        policy.sent();
        policy.input_ended(start);
        let waiting = Progress { echoes_are_back: false, ..IDLE };
        for second in 1..=29 {
            policy.received(&text("news"), false, start + second * SECOND);
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
        policy.received(&text("news"), false, start + 4 * SECOND);
        assert_eq!(policy.drained_at(IDLE), Some(start + 5 * SECOND));
    }

    #[test]
    fn expectations_end_it_once_met_and_later_messages_are_left_out() {
        let (mut policy, start) = open(expecting("^b$"));
        assert!(policy.received(&text("a"), false, start) && !policy.is_satisfied());
        assert!(policy.received(&text("b"), false, start) && policy.is_satisfied());
        assert!(!policy.received(&text("c"), false, start));
        policy.end(EndCause::Done);
        assert_eq!((policy.exit(), policy.last_words()), (Exit::Done, Vec::new()));
    }

    #[test]
    fn expectations_are_given_up_after_thirty_seconds_without_a_timeout() {
        let (mut policy, start) = open(expecting("never"));
        policy.sent();
        policy.input_ended(start);
        policy.received(&text("a"), true, start + SECOND);
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
        let sentences = ["Not done within 1.0 s (--timeout).", "No message matched 'never'."];
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
            (EndCause::Peer(CloseCode::NORMAL), Exit::Done),
            (EndCause::Peer(CloseCode::NO_STATUS), Exit::Done),
            (EndCause::Peer(CloseCode::ABNORMAL), Exit::Closed),
            (EndCause::Peer(CloseCode(4001)), Exit::Closed),
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
        let broken = || EndCause::Peer(CloseCode(1011));
        assert_eq!(exit([EndCause::Done, broken()]), Exit::Done);
        assert_eq!(exit([broken(), EndCause::Done]), Exit::Closed);
        assert_eq!(exit([EndCause::Done, EndCause::Unsent]), Exit::Closed);
        assert_eq!(exit([EndCause::Done, EndCause::Violation]), Exit::Violation);
        assert_eq!(exit([EndCause::Interrupted, EndCause::Unsent]), Exit::Done);
    }

    #[test]
    fn a_normal_close_does_not_meet_expectations() {
        let (mut policy, _) = open(expecting("a"));
        policy.end(EndCause::Peer(CloseCode::NORMAL));
        assert_eq!(policy.exit(), Exit::Unmet);
    }

    #[test]
    fn a_retry_clears_the_cause_and_waits_anew_from_the_next_opening() {
        let (mut policy, start) = open(EndRules::default());
        policy.input_ended(start);
        policy.end(EndCause::Peer(CloseCode::ABNORMAL));
        assert_eq!(policy.drained_at(IDLE), None);
        policy.retrying();
        assert_eq!(policy.drained_at(Progress { can_send: false, ..IDLE }), None);
        policy.opened(start + SECOND);
        assert_eq!(policy.drained_at(IDLE), Some(start + SECOND));
        policy.end(EndCause::Done);
        assert_eq!(policy.exit(), Exit::Done);
    }
}
