//! Tally of a mock: counts of conversations and steps, and the misses.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use parking_lot::Mutex;
use scenario::{Serve, Span};
use serde_json::Value;

/// Number of misses listed, the last ones.
const LISTED: usize = 100;

/// Counts of one served path.
#[derive(Debug, Default)]
pub(super) struct ServeTally {
    /// WebSockets opened.
    pub(super) opened: AtomicU64,
    /// Requests refused by a line of the file.
    pub(super) refused: AtomicU64,
    /// Clients that passed the whole conversation.
    pub(super) passed: AtomicU64,
    /// Clients that went off the file.
    pub(super) deviated: AtomicU64,
    /// Clients that left before the last step.
    pub(super) left: AtomicU64,
    /// Steps and rules in the order of the file, with the number of times that each happened.
    pub(super) steps: Vec<(Span, AtomicU64)>,
    /// Indices of the steps by their positions: those of an included file are not in order.
    indices: HashMap<usize, usize>,
}

impl ServeTally {
    /// Tally with a zero for each step and rule of a path.
    pub(super) fn new(serve: &Serve) -> Self {
        let mut tally = Self::default();
        for span in serve.steps() {
            // A file that is included twice has its steps twice.
            if let Entry::Vacant(index) = tally.indices.entry(span.start) {
                index.insert(tally.steps.len());
                tally.steps.push((span, AtomicU64::default()));
            }
        }
        tally
    }

    /// Counts a step.
    pub(super) fn hit(&self, span: &Span) {
        if let Some(&index) = self.indices.get(&span.start) {
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
        let misses = self.0.lock();
        (misses.0, misses.1.iter().cloned().collect())
    }

    /// Adds a miss. Its texts are bounded by the caller.
    pub(super) fn add(&self, miss: Value) {
        let mut misses = self.0.lock();
        let (count, list) = &mut *misses;
        *count += 1;
        if list.len() == LISTED {
            list.pop_front();
        }
        list.push_back(miss);
    }
}
