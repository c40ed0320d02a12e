//! Repeated sending of a message: at an interval or as fast as possible, limited or unlimited.

use std::{num::NonZeroU64, time::Duration};

use serde::{Deserialize, Serialize};
use session::Time;

/// Longest delay that is caught up: enough for a late timer, not for a suspended computer.
const MAX_CATCH_UP: Duration = Duration::from_secs(1);
/// Maximum number of messages due at once, so that the sender can handle other events in between.
pub const MAX_BURST: u64 = 1_000;

/// Interval and count of a repeated message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repetition {
    /// Interval between messages; `None` for as fast as the connection accepts.
    interval: Option<Duration>,
    /// Number of messages; `None` for no end.
    times: Option<u64>,
}

impl Repetition {
    /// Creates a repetition: one message per `interval`, in milliseconds, the first at once, or as fast as the
    /// connection accepts them; `times` messages, or unlimited. Browser timers are coarser than the shortest interval,
    /// so that several messages may be due at a time.
    #[must_use]
    pub fn new(interval: Option<NonZeroU64>, times: Option<NonZeroU64>) -> Self {
        let interval = interval.map(|it| Duration::from_millis(it.get()));
        Self { interval, times: times.map(NonZeroU64::get) }
    }

    /// Interval between messages; `None` for as fast as possible.
    #[must_use]
    pub fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// Number of messages; `None` for unlimited.
    #[must_use]
    pub fn times(&self) -> Option<u64> {
        self.times
    }
}

/// Progress of a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Sent messages.
    pub sent: u64,
    /// Total; `None` if unlimited.
    pub of: Option<u64>,
    /// Missed sending times.
    pub missed: u64,
    /// Time of the start.
    pub since: Time,
}

/// Running repetition. The owner of the timer asks for the number of due messages, sends what the
/// connection accepts, and reports how many.
///
/// Sending times lie `interval` apart, counted from the start, so that late timers cause no drift.
/// Messages of the last second are caught up on, at least one and at most [`MAX_BURST`]; older
/// sending times are missed. Missed messages do not count: `times` of them are sent all the same,
/// later. If the clock is set back, the schedule moves with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Interval and number, as chosen.
    repetition: Repetition,
    /// Messages sent and time, for the view.
    progress: Progress,
    /// Time of the next message; the start, if there is no interval.
    next: Time,
    /// Latest observed time.
    seen: Time,
    /// True once it was stopped by the user or by the end of the connection.
    is_stopped: bool,
}

impl Repeat {
    /// Starts the repetition; the first message is due.
    #[must_use]
    pub fn new(repetition: Repetition, now: Time) -> Self {
        let progress = Progress { sent: 0, of: repetition.times, missed: 0, since: now };
        Self { repetition, progress, next: now, seen: now, is_stopped: false }
    }

    /// Number of messages due now. Unchanged until some are sent.
    pub fn due(&mut self, now: Time) -> u64 {
        self.follow(now);
        let left = self.left();
        let Some(interval) = self.repetition.interval else { return left.min(MAX_BURST) };
        if left == 0 || now < self.next {
            return 0;
        }
        let interval = micros(interval);
        let past = (now.0 - self.next.0) / interval + 1;
        let made_up = (micros(MAX_CATCH_UP) / interval).clamp(1, MAX_BURST);
        let missed = past.saturating_sub(made_up);
        self.progress.missed += missed;
        self.next.0 += interval * missed;
        past.min(made_up).min(left)
    }

    /// Counts sent messages.
    pub fn count(&mut self, sent: u64) {
        let sent = sent.min(self.left());
        self.progress.sent += sent;
        if let Some(interval) = self.repetition.interval {
            self.next.0 = self.next.0.saturating_add(micros(interval).saturating_mul(sent));
        }
    }

    /// Time to check again; `None` if finished. A past time means at once, or as soon as the
    /// connection accepts more.
    pub(crate) fn next_at(&self) -> Option<Time> {
        (self.left() > 0).then_some(self.next)
    }

    /// True if there is an interval between messages.
    pub(crate) fn has_interval(&self) -> bool {
        self.repetition.interval.is_some()
    }

    /// Stops the repetition.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// True if nothing more will be sent.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.left() == 0
    }

    /// Progress so far.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Number of messages still to send; 0 once stopped.
    fn left(&self) -> u64 {
        if self.is_stopped {
            return 0;
        }
        self.repetition.times.map_or(u64::MAX, |times| times.saturating_sub(self.progress.sent))
    }

    /// Without this, a clock set back would delay the next message far.
    fn follow(&mut self, now: Time) {
        let back = self.seen.0.saturating_sub(now.0);
        for moment in [&mut self.next, &mut self.progress.since] {
            moment.0 = moment.0.saturating_sub(back);
        }
        self.seen = now;
    }
}

/// At least one, even for an unvalidated repetition.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Time = Time(1_000_000_000_000);

    fn at(millis: u64) -> Time {
        START.after(Duration::from_millis(millis))
    }

    fn repeat(interval: u64, times: Option<u64>) -> Repeat {
        let times = times.and_then(NonZeroU64::new);
        Repeat::new(Repetition::new(NonZeroU64::new(interval), times), START)
    }

    fn send(repeat: &mut Repeat, now: Time) -> u64 {
        let due = repeat.due(now);
        repeat.count(due);
        due
    }

    #[test]
    fn a_late_timer_causes_no_drift() {
        let mut repeat = repeat(100, Some(5));
        let sent: Vec<_> = [0, 50, 100, 250, 300, 399, 400, 500]
            .map(|millis| send(&mut repeat, at(millis)))
            .into();
        assert_eq!(sent, [1, 0, 1, 1, 1, 0, 1, 0]);
        assert!(repeat.is_over());
        assert_eq!(repeat.next_at(), None);
        assert_eq!(repeat.progress(), Progress { sent: 5, of: Some(5), missed: 0, since: START });
    }

    #[test]
    fn at_most_a_second_is_caught_up() {
        let mut repeat = repeat(100, Some(100));
        assert_eq!(send(&mut repeat, at(0)), 1);
        assert_eq!(send(&mut repeat, at(60_050)), 10);
        assert_eq!(repeat.progress().missed, 590);
        assert_eq!(repeat.next_at(), Some(at(60_100)));
        // A pause that is longer than that: one.
        let mut slow = self::repeat(5_000, None);
        assert_eq!(send(&mut slow, at(60_001)), 1);
        assert_eq!((slow.next_at(), slow.progress().missed), (Some(at(65_000)), 12));
        let mut fast = self::repeat(1, None);
        assert_eq!(fast.due(at(60_000)), MAX_BURST);
    }

    #[test]
    fn without_an_interval_all_remaining_are_due() {
        let mut repeat = Repeat::new(Repetition::new(None, NonZeroU64::new(MAX_BURST + 1)), START);
        assert_eq!(send(&mut repeat, START), MAX_BURST);
        assert_eq!(repeat.next_at(), Some(START));
        assert_eq!(send(&mut repeat, START), 1);
        assert_eq!(send(&mut repeat, START), 0);
        assert!(repeat.is_over());
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_it() {
        let mut repeat = repeat(1_000, None);
        assert_eq!(send(&mut repeat, at(0)), 1);
        assert_eq!(send(&mut repeat, at(500)), 0);
        let before = Time(START.0 / 2);
        assert_eq!(send(&mut repeat, before), 0);
        assert_eq!(send(&mut repeat, before.after(Duration::from_millis(500))), 1);
    }

    #[test]
    fn a_stopped_repetition_sends_nothing() {
        let mut repeat = repeat(10, None);
        repeat.stop();
        assert_eq!((repeat.due(at(50)), repeat.next_at(), repeat.is_over()), (0, None, true));
    }

    #[test]
    fn the_longest_interval_has_no_end() {
        let mut repeat = repeat(u64::MAX, None);
        assert_eq!((send(&mut repeat, START), send(&mut repeat, at(1_000))), (1, 0));
    }

    proptest! {
        #[test]
        fn each_due_time_counts_once_and_bursts_are_bounded(
            interval in 1..3_000_u64, times in prop::option::of(1..200_u64),
            steps in prop::collection::vec((0..5_000_u64, 0..20_u64), 0..60)
        ) {
            let mut repeat = repeat(interval, times);
            let mut now = 0;
            for (pass, taken) in steps {
                now += pass;
                let due = repeat.due(at(now));
                prop_assert!(due <= MAX_BURST.min((1_000 / interval).max(1)));
                prop_assert_eq!(repeat.due(at(now)), due);
                repeat.count(due.min(taken));
                let Progress { sent, missed, .. } = repeat.progress();
                prop_assert!(times.is_none_or(|times| sent <= times));
                prop_assert_eq!(repeat.is_over(), times == Some(sent));
                // The moments stay where they were from the beginning.
                if let Some(next) = repeat.next_at() {
                    prop_assert_eq!(next, at(interval * (sent + missed)));
                    if taken >= due {
                        prop_assert!(next > at(now));
                    }
                }
            }
        }
    }
}
