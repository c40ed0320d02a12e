//! Clock of a run of a scenario.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use session::Time;
use tokio::time::Instant;

/// Clock: starts at the time of day, and is not set back.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    at: Time,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = Time(u64::try_from(since.as_micros()).unwrap_or(u64::MAX));
        Self { started: Instant::now(), at }
    }

    pub(crate) fn now(&self) -> Time {
        self.at.after(self.started.elapsed())
    }

    pub(crate) fn instant(&self, time: Time) -> Instant {
        // Rounded up: a timer that fires early would only be set again.
        self.started + time.since(self.at) + Duration::from_micros(1)
    }
}
