//! The last minute, second by second.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use session::Time;

use crate::metrics::Tally;

/// Length of the window in seconds.
pub const SECONDS: usize = 60;

/// Traffic of one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Second {
    /// Sent messages.
    pub sent: Tally,
    /// Received messages.
    pub received: Tally,
    /// Received echoes and pongs.
    pub round_trips: u64,
    /// Sum of round trips.
    pub sum: Duration,
    /// Longest round trip; zero without echoes.
    pub longest: Duration,
}

impl Second {
    /// True if the second has no traffic.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.sent.messages == 0 && self.received.messages == 0 && self.round_trips == 0
    }

    /// Mean round trip, if any.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        let nanos = self.sum.as_nanos().checked_div(self.round_trips.into())?;
        Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    pub(super) fn count_round_trip(&mut self, time: Duration) {
        self.round_trips += 1;
        self.sum = self.sum.saturating_add(time);
        self.longest = self.longest.max(time);
    }
}

/// Snapshot of the last minute with traffic.
///
/// Seconds after its end have no traffic; views advance it by their own clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    /// Last second with traffic, counted from 1970-01-01T00:00:00Z, possibly unfinished.
    pub end: u64,
    /// Traffic of the seconds up to and including `end`, oldest first; at most [`SECONDS`]. Earlier
    /// seconds had none.
    pub seconds: Vec<Second>,
}

impl Minute {
    /// Traffic of the second that starts `second` seconds after 1970-01-01T00:00:00Z; empty if
    /// outside this minute.
    #[must_use]
    pub fn second(&self, second: u64) -> Second {
        let back = self.end.checked_sub(second).and_then(|back| usize::try_from(back).ok());
        let index = back.and_then(|back| self.seconds.len().checked_sub(back)?.checked_sub(1));
        index.and_then(|index| self.seconds.get(index)).copied().unwrap_or_default()
    }

    /// The [`SECONDS`] whole seconds before `now`, oldest first, each with its start.
    pub fn whole_seconds(&self, now: Time) -> impl Iterator<Item = (u64, Second)> {
        let now = now.as_secs();
        (now.saturating_sub(SECONDS as u64)..now).map(|second| (second, self.second(second)))
    }
}

/// A ring of the last [`SECONDS`].
#[derive(Debug)]
pub(super) struct Seconds {
    newest: u64,
    ring: [Second; SECONDS],
}

impl Default for Seconds {
    fn default() -> Self {
        Self { newest: 0, ring: [Second::default(); SECONDS] }
    }
}

impl Seconds {
    /// Bucket of `now`.
    ///
    /// A clock set back discards the repeated seconds. Back by one second may be the difference of
    /// two clocks: that counts in the newest.
    pub(super) fn at(&mut self, now: Time) -> &mut Second {
        let second = now.as_secs();
        if second > self.newest || second + 1 < self.newest {
            let from = second.min(self.newest) + 1;
            let to = second.max(self.newest);
            for stale in (from..=to).take(self.ring.len()) {
                *self.slot(stale) = Second::default();
            }
            self.newest = second;
        }
        self.slot(self.newest)
    }

    pub(super) fn minute(&self) -> Minute {
        let first = self.newest.saturating_sub(SECONDS as u64 - 1);
        let seconds = (first..=self.newest).map(|second| self.ring[place(second)]);
        let seconds = seconds.skip_while(|second| *second == Second::default()).collect();
        Minute { end: self.newest, seconds }
    }

    fn slot(&mut self, second: u64) -> &mut Second {
        &mut self.ring[place(second)]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "less than SECONDS")]
fn place(second: u64) -> usize {
    (second % SECONDS as u64) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn received(seconds: &mut Seconds, second: u64) {
        seconds.at(Time(second * 1_000_000 + 999_999)).received.messages += 1;
    }

    fn counts(seconds: &Seconds) -> (u64, Vec<u64>) {
        let minute = seconds.minute();
        (minute.end, minute.seconds.iter().map(|second| second.received.messages).collect())
    }

    #[test]
    fn a_clock_set_back_discards_repeated_seconds() {
        let mut seconds = Seconds::default();
        for second in [100, 101, 110, 109] {
            received(&mut seconds, second);
        }
        assert_eq!(counts(&seconds).1, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2], "back by a little");
        received(&mut seconds, 102);
        assert_eq!(counts(&seconds), (102, vec![1, 1, 1]));
        received(&mut seconds, 7);
        assert_eq!(counts(&seconds), (7, vec![1]), "back by more than a minute");
    }

    #[test]
    fn a_minute_advances_with_the_viewer_clock() {
        let mut seconds = Seconds::default();
        received(&mut seconds, 100);
        let minute = seconds.minute();
        let last = |micros| {
            let (_, second) = minute.whole_seconds(Time(micros)).last().unwrap();
            second.received.messages
        };
        assert_eq!([100_999_999, 101_000_000, 101_999_999, 102_000_000].map(last), [0, 1, 1, 0]);
        let whole: Vec<_> = minute.whole_seconds(Time(160_000_000)).collect();
        assert_eq!((whole.len(), whole[0].0, whole[0].1.received.messages), (60, 100, 1));
        assert!(whole[1..].iter().all(|(_, second)| *second == Second::default()));
        assert_eq!(minute.second(u64::MAX), Second::default());
    }

    #[test]
    fn the_mean_is_of_the_round_trips_there_were() {
        let mut second = Second::default();
        assert_eq!(second.mean(), None);
        for micros in [1, 2, 6] {
            second.count_round_trip(Duration::from_micros(micros));
        }
        assert_eq!(second.mean(), Some(Duration::from_micros(3)));
        assert_eq!(second.longest, Duration::from_micros(6));
    }

    /// Steps of a clock: mostly on, at times back, at times far.
    fn steps() -> impl Strategy<Value = Vec<i64>> {
        let step = prop_oneof![
            6 => 0..1_500_000_i64,
            1 => 0..200_000_000_i64,
            2 => -5_000_000..0_i64,
            1 => -200_000_000..0_i64,
        ];
        prop::collection::vec(step, 0..200)
    }

    proptest! {
        #[test]
        fn the_ring_matches_a_map(steps in steps()) {
            let mut seconds = Seconds::default();
            let mut map = BTreeMap::<u64, u64>::new();
            let mut now = Time(1_000_000_000);
            for step in steps {
                now = Time(now.0.saturating_add_signed(step));
                seconds.at(now).received.messages += 1;
                let newest = map.last_key_value().map_or(0, |(second, _)| *second);
                let mut second = now.as_secs();
                if second + 1 == newest {
                    second = newest;
                }
                map.retain(|kept, _| *kept <= second && kept + SECONDS as u64 > second);
                *map.entry(second).or_default() += 1;

                let minute = seconds.minute();
                prop_assert_eq!(minute.end, second);
                let first = *map.first_key_value().expect("one was put in").0;
                let expected: Vec<_> =
                    (first..=second).map(|it| map.get(&it).copied().unwrap_or(0)).collect();
                let counts: Vec<_> = minute.seconds.iter().map(|it| it.received.messages).collect();
                prop_assert_eq!(counts, expected);
            }
        }
    }
}
