//! Clock of a run of a scenario.

use std::time::UNIX_EPOCH;

use session::Time;
use tokio::time::Instant;

/// Clock: starts at the time of day, and is not set back. A run reads all its times from one.
#[derive(Clone, Copy)]
pub struct ScenarioClock {
    /// Monotonic time of the start.
    started: Instant,
    /// Time of day at the start.
    at: Time,
}

impl ScenarioClock {
    /// Starts a clock at the present time of day.
    #[must_use]
    pub fn start() -> Self {
        let at = Time(0).after(UNIX_EPOCH.elapsed().unwrap_or_default());
        Self { started: Instant::now(), at }
    }

    /// Time of day, as far as the monotonic clock has moved since the start.
    #[must_use]
    pub fn now(&self) -> Time {
        self.at.after(self.started.elapsed())
    }

    /// Monotonic instant from which on [`now`](Self::now) is `time` or later; the start for an earlier time.
    #[must_use]
    pub fn instant(&self, time: Time) -> Instant {
        self.started + time.since(self.at)
    }
}
