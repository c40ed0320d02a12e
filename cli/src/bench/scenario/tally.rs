//! Tally of a load: rounds, and what became of each step.

use std::{collections::BTreeMap, time::Duration};

use scenario::{Failure, Span};
use tokio::time::Instant;

use crate::bench::{
    figures::{Histogram, histogram},
    measure::{self, Model, Window},
};

/// Steps whose latencies are told apart. Each takes some 200 KiB.
const STEPS: usize = 200;

/// Counts and times of a measurement.
pub(super) struct Tally {
    pub(super) window: Window,
    model: Model,
    /// Runs of the file to its end.
    pub(super) passed: u64,
    pub(super) failed: u64,
    /// With a rate, rounds that were due and had not ended, or begun, at the end.
    pub(super) unfinished: u64,
    pub(super) not_begun: u64,
    /// Steps that wait, by their place in the file.
    pub(super) steps: BTreeMap<usize, Step>,
    pub(super) connect: Histogram,
    /// Connections that were not made or broke the protocol.
    pub(super) failures: BTreeMap<measure::Failure, u64>,
    pub(super) first_error: Option<String>,
}

/// Step of a file, in all rounds of all.
pub(super) struct Step {
    pub(super) span: Span,
    pub(super) passed: u64,
    pub(super) failed: u64,
    /// Times that it waited; none from the 201st step on.
    pub(super) latency: Option<Histogram>,
    /// Sentence about the first failure.
    pub(super) first_failure: Option<String>,
}

impl Tally {
    pub(super) fn new(from: Instant, to: Instant, model: Model) -> Self {
        Self {
            window: Window::new(from, to, model),
            model,
            passed: 0,
            failed: 0,
            unfinished: 0,
            not_begun: 0,
            steps: BTreeMap::new(),
            connect: histogram(),
            failures: BTreeMap::new(),
            first_error: None,
        }
    }

    /// True for what was due at `at` and is over now. Without a rate, nothing is waited for after the end.
    fn is_counted(&self, at: Instant, now: Instant) -> bool {
        let is_in_time = self.model == Model::Open || self.window.contains(now);
        is_in_time && self.window.is_counted(at, now)
    }

    fn step(&mut self, span: &Span) -> &mut Step {
        let latency = (self.steps.len() < STEPS).then(histogram);
        self.steps.entry(span.start).or_insert_with(|| Step {
            span: span.clone(),
            passed: 0,
            failed: 0,
            latency,
            first_failure: None,
        })
    }

    /// Counts a step that passed after it had waited so long, the delay of its round included.
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
            latency.saturating_record(u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// Counts a round that was due then and ended.
    pub(super) fn ended(&mut self, failure: Option<&Failure>, due: Instant, now: Instant) {
        if !self.is_counted(due, now) {
            return;
        }
        let Some(failure) = failure else {
            self.passed += 1;
            return;
        };
        self.failed += 1;
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

    /// Counts a round that was due then and has not ended: the step that it waits at has no answer.
    pub(super) fn unfinished(&mut self, due: Instant, now: Instant) {
        if self.is_counted(due, now) {
            self.unfinished += 1;
            self.window.unanswered(due);
        }
    }

    /// Counts rounds that were due and did not begin.
    pub(super) fn not_begun(&mut self, count: u64) {
        self.not_begun += count;
        self.window.not_sent(count);
    }

    /// Counts a connection that was not made or broke the protocol.
    pub(super) fn broken(&mut self, failure: measure::Failure, error: &str, now: Instant) {
        if self.window.contains(now) {
            *self.failures.entry(failure).or_default() += 1;
            self.first_error.get_or_insert_with(|| error.to_owned());
        }
    }

    /// Counts the time of an opening.
    pub(super) fn opened(&mut self, took: Duration) {
        self.connect.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }
}
