//! Clock of a run of a scenario.

use std::time::{Duration, UNIX_EPOCH};

use session::Time;
use tokio::time::Instant;

/// Clock: starts at the time of day, and is not set back. A run reads all its times from one.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    /// Monotonic time of the start.
    started: Instant,
    /// Time of day at the start.
    at: Time,
}

impl Clock {
    /// Starts a clock at the present time of day.
    pub(crate) fn start() -> Self {
        let at = Time(0).after(UNIX_EPOCH.elapsed().unwrap_or_default());
        Self { started: Instant::now(), at }
    }

    /// Time of day, as far as the monotonic clock has moved since the start.
    pub(crate) fn now(&self) -> Time {
        self.at.after(self.started.elapsed())
    }

    /// Monotonic instant of a time, for a timer; the start for an earlier time.
    pub(crate) fn instant(&self, time: Time) -> Instant {
        // Rounded up: a timer that fires early would only be set again.
        self.started + time.since(self.at) + Duration::from_micros(1)
    }
}
