//! Entries of a file that cannot be read: left out, counted, and explained by the first few.

use serde::{Deserialize, Serialize};

/// Explained entries, at most.
pub const MAX_EXPLAINED: usize = 3;

/// Entries of a file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable<E> {
    /// Number of entries.
    pub count: u64,
    /// Errors of the first, at most [`MAX_EXPLAINED`].
    pub first: Vec<E>,
}

impl<E> Default for Unreadable<E> {
    /// None.
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<E> Unreadable<E> {
    /// Counts an entry; its error is kept if it is among the first.
    pub(super) fn add(&mut self, error: impl FnOnce() -> E) {
        self.count += 1;
        if self.first.len() < MAX_EXPLAINED {
            self.first.push(error());
        }
    }
}
