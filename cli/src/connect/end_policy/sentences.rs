//! Sentences about the end: the wait before it, and the reason of a failure.

use std::time::Duration;

use tokio::time::Instant;

use super::{EndCause, EndPolicy, Progress, QUIET, STALLED};
use crate::{process::Exit, quantity::format_duration};

/// Delay of the sentence about a wait: shorter waits need none.
pub(super) const EXPLAINED: Duration = Duration::from_millis(1_500);

impl EndPolicy {
    /// Sentences to print at the end: the timeout that passed, the expectations not met.
    pub(in crate::connect) fn last_words(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if let (Some(EndCause::TimedOut), Some(timeout)) = (&self.cause, self.rules.timeout) {
            let limit = format_duration(timeout.limit);
            sentences.push(format!("Timed out after {limit} (--timeout)."));
        }
        if let Some(EndCause::FailedOn(pattern)) = &self.cause {
            sentences.push(format!("A message matched '{pattern}' (--fail-on)."));
            return sentences;
        }
        if self.exit() == Exit::Unmet && !self.rules.expectations.are_met() {
            sentences.push(self.rules.expectations.missing());
        }
        match (&self.rules.expected_close, &self.cause) {
            (Some(expected), Some(EndCause::Peer(close))) if !self.expects(close) => {
                sentences.push(format!("Expected a close with {expected}."));
            }
            (Some(expected), Some(cause))
                if self.was_open && !matches!(cause, EndCause::Peer(_)) =>
            {
                sentences.push(format!("The server did not close with {expected}."));
            }
            _ => {}
        }
        sentences
    }

    /// Time of the sentence about a wait; `None` once it was printed, or if the conversation ends
    /// before.
    pub(in crate::connect) fn explains_at(&self, progress: Progress) -> Option<Instant> {
        let is_held_back = self.holds_back(progress.expected_before);
        let ended = self.input_ended.or(is_held_back.then_some(self.last_answer))?;
        if self.is_explained || self.rules.wait.is_some() && !is_held_back {
            return None;
        }
        if self.cause.is_some() || !progress.can_send {
            return None;
        }
        let at = progress.last_write.map_or(ended, |at| at.max(ended)) + EXPLAINED;
        self.drained_at(progress).is_none_or(|end| end > at).then_some(at)
    }

    /// Sentence about the wait, with its limit. [`Self::explains_at`] is `None` from then on.
    pub(in crate::connect) fn explain(&mut self, progress: Progress) -> String {
        self.is_explained = true;
        let stalled = STALLED.as_secs();
        let limit = match self.rules.timeout {
            Some(_) => "until --timeout".to_owned(),
            None => {
                format!("up to {stalled} s without an answer; --timeout TIME changes the limit")
            }
        };
        let expectations = &self.rules.expectations;
        if !progress.is_flushed {
            "Waiting until the server has read everything.".to_owned()
        } else if let Some(pattern) = expectations.next() {
            format!("Waiting for a message that matches '{pattern}', {limit}.")
        } else if !expectations.are_met() {
            format!("Waiting for more messages (--count), {limit}.")
        } else if let Some(close) = &self.rules.expected_close {
            format!("Waiting for the server to close with {close}, {limit}.")
        } else {
            let quiet = QUIET.as_secs();
            format!(
                "Waiting for answers, up to {quiet} s without a message or {stalled} s without an \
                 answer; --wait TIME changes the limit."
            )
        }
    }
}
