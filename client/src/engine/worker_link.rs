//! Link to an engine's worker: the channel, the watchdog, and what the worker has told of itself.

use std::time::Duration;

use session::Time;
use workbench::engine::{Snapshot, Watchdog};

use crate::browser::{
    clock::now,
    worker::{channel::Channel, thread::WorkerThread},
};

/// Bytes of a worker's memory that are worth a new one. An idle worker has some 3 MB. WebAssembly
/// memory grows and never shrinks.
const SPENT: f64 = 32e6;

/// Time after a failure of the engine within which another one ends it for good.
const RECOVERY: Duration = Duration::from_mins(1);

/// Worker of an engine, and the channel to it. Dropping it ends the thread, and with it the engine and its socket.
pub(super) struct WorkerLink {
    pub(super) channel: Channel,
    /// Terminated with the handle. `None` for an engine that runs in the page, as in tests.
    _thread: Option<WorkerThread>,
    /// Snapshot for the next frame. One that was not shown yet is replaced: a frame shows the newest only.
    pub(super) next: Option<Snapshot>,
    /// Watchdog, pinged once an interval.
    pub(super) watchdog: Watchdog,
    /// Has answered: its script is loaded.
    has_answered: bool,
    /// Holds more than [`SPENT`], as of the last answer.
    pub(super) is_spent: bool,
    /// Time at which the worker before failed; `None` if it did not.
    pub(super) failed_at: Option<Time>,
}

impl WorkerLink {
    /// Link to a worker that was just started.
    pub(super) fn new(channel: Channel, thread: Option<WorkerThread>) -> Self {
        Self {
            channel,
            _thread: thread,
            next: None,
            watchdog: Watchdog::default(),
            has_answered: false,
            is_spent: false,
            failed_at: None,
        }
    }

    /// Notes an answer to a ping, with the worker's memory in bytes.
    pub(super) fn answered(&mut self, memory: f64) {
        self.watchdog.answered();
        self.has_answered = true;
        self.is_spent = memory > SPENT;
    }

    /// True if another worker may take its place after a failure: it was loaded, and the one before did
    /// not fail just now.
    pub(super) fn has_recovered(&self) -> bool {
        self.has_answered && self.failed_at.is_none_or(|at| now().since(at) > RECOVERY)
    }
}
