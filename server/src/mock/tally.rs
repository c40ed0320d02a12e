//! Tally of a mock: counts of what was asked for, and what was missed.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use scenario::{Serve, Span};
use serde_json::Value;

/// Number of misses listed, the last ones.
const LISTED: usize = 100;

/// Counts of one served path.
#[derive(Debug, Default)]
pub(super) struct ServeTally {
    pub(super) opened: AtomicU64,
    pub(super) refused: AtomicU64,
    /// Clients that passed the whole conversation.
    pub(super) passed: AtomicU64,
    /// Clients that said what the file does not.
    pub(super) deviated: AtomicU64,
    /// Clients that left before the last step.
    pub(super) left: AtomicU64,
    /// Steps and rules in the order of the file, with the number of times that each happened.
    pub(super) steps: Vec<(Span, AtomicU64)>,
}

impl ServeTally {
    pub(super) fn new(serve: &Serve) -> Self {
        let steps = serve.steps().into_iter().map(|span| (span, AtomicU64::default())).collect();
        Self { steps, ..Self::default() }
    }

    /// Counts a step.
    pub(super) fn hit(&self, span: &Span) {
        if let Ok(index) = self.steps.binary_search_by_key(&span.start, |(step, _)| step.start) {
            self.steps[index].1.fetch_add(1, Relaxed);
        }
    }
}

/// Requests and messages for which the files have no answer.
#[derive(Debug, Default)]
pub(super) struct Misses(Mutex<(u64, VecDeque<Value>)>);

impl Misses {
    /// Number of all misses, and the last [`LISTED`].
    pub(super) fn list(&self) -> (u64, Vec<Value>) {
        let misses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (misses.0, misses.1.iter().cloned().collect())
    }

    /// Adds a miss. Its texts are bounded by the caller.
    pub(super) fn add(&self, miss: Value) {
        let mut misses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, list) = &mut *misses;
        *count += 1;
        if list.len() == LISTED {
            list.pop_front();
        }
        list.push_back(miss);
    }
}
