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
    from: Instant,
    to: Instant,
    /// Runs of the file to its end.
    pub(super) passed: u64,
    pub(super) failed: u64,
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
    pub(super) fn new(from: Instant, to: Instant) -> Self {
        Self {
            window: Window::new(from, to, Model::Closed),
            from,
            to,
            passed: 0,
            failed: 0,
            steps: BTreeMap::new(),
            connect: histogram(),
            failures: BTreeMap::new(),
            first_error: None,
        }
    }

    /// Ends the measurement earlier.
    pub(super) fn end_at(&mut self, to: Instant) -> Duration {
        self.to = self.to.min(to);
        self.window.end_at(to)
    }

    fn contains(&self, now: Instant) -> bool {
        self.from <= now && now < self.to
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

    /// Counts a step that passed after it had waited so long.
    pub(super) fn passed(&mut self, span: &Span, waited: Duration, now: Instant) {
        self.window.answered(now.checked_sub(waited).unwrap_or(now), now, false, 1);
        if !self.contains(now) {
            return;
        }
        let step = match self.steps.get_mut(&span.start) {
            Some(step) => step,
            None => self.step(span),
        };
        step.passed += 1;
        if let Some(latency) = &mut step.latency {
            latency.saturating_record(u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// Counts a round that ended.
    pub(super) fn ended(&mut self, failure: Option<&Failure>, now: Instant) {
        if !self.contains(now) {
            return;
        }
        let Some(failure) = failure else {
            self.passed += 1;
            return;
        };
        self.failed += 1;
        if !failure.is_connection {
            self.window.answered(now, now, true, 1);
        }
        let step = self.step(&failure.span);
        step.failed += 1;
        if step.first_failure.is_none() {
            let differences = failure.differences.first().map(|it| format!(" {it}"));
            step.first_failure =
                Some(format!("{}{}", failure.message, differences.unwrap_or_default()));
        }
    }

    /// Counts a connection that was not made or broke the protocol.
    pub(super) fn broken(&mut self, failure: measure::Failure, error: &str, now: Instant) {
        if self.contains(now) {
            *self.failures.entry(failure).or_default() += 1;
            self.first_error.get_or_insert_with(|| error.to_owned());
        }
    }

    /// Counts the time of an opening.
    pub(super) fn opened(&mut self, took: Duration) {
        self.connect.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }
}
