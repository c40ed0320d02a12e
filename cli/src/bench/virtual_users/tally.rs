//! Tally of a load: iterations, and the results of each step.

use std::{collections::BTreeMap, time::Duration};

use scenario::{Failure, Span};
use tokio::time::Instant;

use crate::bench::{
    figures::{Histogram, histogram, record},
    measure::{self, Model, Window},
};

/// Steps with a histogram of their own. Each takes some 200 KiB.
const STEPS: usize = 200;

/// Counts and times of a measurement, of all users together.
pub(super) struct Tally {
    /// Counts and latencies of the measurement, a step being a message.
    pub(super) window: Window,
    /// Rule for the iterations and steps that are counted.
    model: Model,
    pub(super) iterations: Iterations,
    /// Steps that wait for an event, by their place in the file.
    pub(super) steps: BTreeMap<usize, StepTally>,
    /// Times of opening handshakes.
    pub(super) connect: Histogram,
    /// Connections that failed or broke the protocol, by kind.
    pub(super) failures: BTreeMap<measure::Failure, u64>,
    /// Sentence of the first of them.
    pub(super) first_error: Option<String>,
}

/// Numbers of iterations due in the measurement.
#[derive(Default)]
pub(super) struct Iterations {
    /// Iterations whose steps all passed.
    pub(super) passed: u64,
    /// Iterations with a failed step.
    pub(super) failed: u64,
    /// Iterations that had not ended; with a rate only.
    pub(super) unfinished: u64,
    /// Iterations that had not begun; with a rate only.
    pub(super) not_begun: u64,
}

/// Counts of a step of the file, in all iterations of all users.
pub(super) struct StepTally {
    /// Place in the file.
    pub(super) span: Span,
    /// Times that it passed.
    pub(super) passed: u64,
    /// Times that it failed an iteration.
    pub(super) failed: u64,
    /// Times that it waited; none from the 201st step on.
    pub(super) latency: Option<Histogram>,
    /// Sentence about the first failure.
    pub(super) first_failure: Option<String>,
}

impl Tally {
    /// Empty tally of a measurement between two times.
    pub(super) fn new(from: Instant, to: Instant, model: Model) -> Self {
        Self {
            window: Window::new(from, to, model),
            model,
            iterations: Iterations::default(),
            steps: BTreeMap::new(),
            connect: histogram(),
            failures: BTreeMap::new(),
            first_error: None,
        }
    }

    /// True for an iteration or step that was due at `at` and is over now. Without a rate, nothing is
    /// waited for after the end.
    fn is_counted(&self, at: Instant, now: Instant) -> bool {
        let is_in_time = self.model == Model::Open || self.window.contains(now);
        is_in_time && self.window.is_counted(at, now)
    }

    /// Counts of the step at this place, which are added if it is new.
    fn step(&mut self, span: &Span) -> &mut StepTally {
        let has_room = self.steps.len() < STEPS;
        self.steps.entry(span.start).or_insert_with(|| StepTally {
            span: span.clone(),
            passed: 0,
            failed: 0,
            latency: has_room.then(histogram),
            first_failure: None,
        })
    }

    /// Counts a step that passed after this waiting time, which includes the delay of its iteration.
    pub(super) fn passed(&mut self, span: &Span, waited: Duration, now: Instant) {
        let at = now.checked_sub(waited).unwrap_or(now);
        if !self.is_counted(at, now) {
            return;
        }
        self.window.answered(at, now, false, 1);
        let step = match self.steps.get_mut(&span.start) {
            Some(step) => step,
            None => self.step(span),
        };
        step.passed += 1;
        if let Some(latency) = &mut step.latency {
            record(latency, waited, 1);
        }
    }

    /// Counts the end of an iteration that was due at `due`. A failure counts for its step; a failure to
    /// connect counts as a failed iteration, not as a failed step.
    pub(super) fn ended(&mut self, failure: Option<&Failure>, due: Instant, now: Instant) {
        if !self.is_counted(due, now) {
            return;
        }
        let Some(failure) = failure else {
            self.iterations.passed += 1;
            return;
        };
        self.iterations.failed += 1;
        if !failure.is_error {
            self.window.failed(due, now);
        }
        let step = self.step(&failure.span);
        step.failed += 1;
        if step.first_failure.is_none() {
            let differences = failure.differences.first().map(|it| format!(" {it}"));
            step.first_failure =
                Some(format!("{}{}", failure.message, differences.unwrap_or_default()));
        }
    }

    /// Counts an iteration due at `due` that has not ended: the step that it waits at counts as
    /// unanswered.
    pub(super) fn unfinished(&mut self, due: Instant, now: Instant) {
        if self.is_counted(due, now) {
            self.iterations.unfinished += 1;
            self.window.unanswered(due);
        }
    }

    /// Counts iterations that were due and did not begin. They count as messages not sent.
    pub(super) fn not_begun(&mut self, count: u64) {
        self.iterations.not_begun += count;
        self.window.not_sent(count);
    }

    /// Counts a failed connection, or one that broke the protocol, within the measurement.
    pub(super) fn broken(&mut self, failure: measure::Failure, error: &str, now: Instant) {
        if self.window.contains(now) {
            *self.failures.entry(failure).or_default() += 1;
            self.first_error.get_or_insert_with(|| error.to_owned());
        }
    }

    /// Counts the time of an opening.
    pub(super) fn opened(&mut self, took: Duration) {
        record(&mut self.connect, took, 1);
    }
}
