//! Watchdog: finds a worker that does not answer.

use std::time::Duration;

/// Interval of [`Watchdog::tick`].
pub const WATCHDOG_INTERVAL: Duration = Duration::from_secs(1);

/// Intervals without an answer after which a worker counts as stuck. They are counted, since time also
/// passes while the computer sleeps.
const MAX_MISSED: u8 = 3;

/// Watchdog of a worker, which is to answer each ping.
#[derive(Debug, Default)]
pub struct Watchdog {
    /// Intervals since the unanswered ping, if there is one.
    waiting: Option<u8>,
    /// True once the worker has answered: before, it may still be loading.
    has_answered: bool,
}

/// Next step of a watchdog.
#[derive(Debug, PartialEq, Eq)]
pub enum Tick {
    /// Waits.
    Wait,
    /// Sends a ping.
    Ping,
    /// Reports that the worker does not answer.
    Stuck,
}

impl Watchdog {
    /// Counts an interval. Pings a stuck worker in each: one lost ping must not keep it stuck.
    pub fn tick(&mut self) -> Tick {
        let Some(intervals) = &mut self.waiting else {
            self.waiting = Some(0);
            return Tick::Ping;
        };
        *intervals = intervals.saturating_add(1);
        match *intervals {
            _ if !self.has_answered => Tick::Wait,
            ..MAX_MISSED => Tick::Wait,
            MAX_MISSED => Tick::Stuck,
            _ => Tick::Ping,
        }
    }

    /// Notes the answer to the ping.
    pub fn answered(&mut self) {
        *self = Self { waiting: None, has_answered: true };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_stuck_three_intervals_after_an_unanswered_ping() {
        let mut watchdog = Watchdog::default();
        assert_eq!(watchdog.tick(), Tick::Ping);
        watchdog.answered();
        let ticks = [(); 6].map(|()| watchdog.tick());
        let expected = [Tick::Ping, Tick::Wait, Tick::Wait, Tick::Stuck, Tick::Ping, Tick::Ping];
        assert_eq!(ticks, expected);
    }

    #[test]
    fn a_worker_that_is_loading_is_not_stuck() {
        let mut watchdog = Watchdog::default();
        assert_eq!(watchdog.tick(), Tick::Ping);
        assert!((0..1_000).all(|_| watchdog.tick() == Tick::Wait));
    }
}
