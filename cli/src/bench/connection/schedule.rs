//! Send schedules: closed and open model.

use std::time::Duration;

use tokio::time::Instant;

/// Send schedule of a connection. Numbers are those of [`super::Awaited`].
#[derive(Clone, Copy)]
pub(in crate::bench) enum Schedule {
    /// No messages.
    Idle,
    /// Closed model: one message for each answer, this many at once.
    WhenAnswered(u32),
    /// Open model: messages at their times, answered or not.
    Fixed(Timetable),
}

/// Times at which the messages 0, 1, … of a connection are due.
#[derive(Clone, Copy)]
pub(in crate::bench) struct Timetable {
    /// Due time of message 0.
    origin: Instant,
    /// Nanoseconds between two messages; a fraction, as a rate of 3 per second asks for.
    interval: f64,
    /// Nanoseconds in which the rate rises from 0 to its value.
    ramp: f64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "2^53 ns are 104 days"
)]
impl Timetable {
    /// Messages every `interval` nanoseconds, at a rate that rises linearly for `ramp`. Exact to a
    /// nanosecond for 104 days.
    pub(in crate::bench) fn new(origin: Instant, interval: f64, ramp: Duration) -> Self {
        Self { origin, interval, ramp: ramp.as_nanos() as f64 }
    }

    /// Time at which a message is due.
    pub(in crate::bench) fn due(&self, number: u64) -> Instant {
        let steady = number as f64 * self.interval;
        let half = self.ramp / 2.0;
        // While the rate rises, messages grow with the square of the time.
        let nanos = if steady < half { 2.0 * (half * steady).sqrt() } else { steady + half };
        self.origin + Duration::from_nanos(nanos as u64)
    }

    /// Number of messages due before `time`. The inverse of [`Self::due`].
    pub(in crate::bench) fn due_before(&self, time: Instant) -> u64 {
        let nanos = time.saturating_duration_since(self.origin).as_nanos() as f64;
        let steady = if nanos < self.ramp {
            nanos * nanos / (2.0 * self.ramp)
        } else {
            nanos - self.ramp / 2.0
        };
        (steady / self.interval).ceil() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_due_at_the_rate() {
        let origin = Instant::now();
        let third = Timetable::new(origin, 1e9 / 3.0, Duration::ZERO);
        assert_eq!(third.due(0), origin);
        assert_eq!(third.due(3_000), origin + Duration::from_secs(1_000));
        assert_eq!(third.due_before(origin), 0);
        assert_eq!(third.due_before(origin + Duration::from_nanos(1)), 1);
        assert_eq!(third.due_before(origin + Duration::from_secs(1_000)), 3_000);
    }

    #[test]
    fn the_rate_rises_linearly() {
        let origin = Instant::now();
        let ramp = Duration::from_secs(10);
        let timetable = Timetable::new(origin, 1e7, ramp);
        let counts = [0, 5, 10, 11, 20].map(Duration::from_secs);
        let counts = counts.map(|time| timetable.due_before(origin + time));
        assert_eq!(counts, [0, 125, 500, 600, 1_500]);
        for number in [0, 1, 7, 499, 500, 501, 10_000] {
            let due = timetable.due(number);
            let before = timetable.due_before(due);
            assert!((number..=number + 1).contains(&before), "{number}: {before}");
        }
    }
}
