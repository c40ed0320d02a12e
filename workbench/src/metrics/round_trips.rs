//! Round-trip times: quantiles and maximum.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Highest recorded value; longer round trips count as this, except in the maximum.
const MAX_ROUND_TRIP: Duration = Duration::from_hours(1);

/// Significant digits of a quantile: within 0.1 %, in 92 KiB.
const DIGITS: u8 = 3;

/// Round-trip times of echoes and pongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundTrips {
    /// Number of round trips.
    pub count: u64,
    /// Median; like all quantiles at most 0.1 % too high.
    pub p50: Duration,
    /// 95th percentile.
    pub p95: Duration,
    /// 99th percentile.
    pub p99: Duration,
    /// Exact maximum.
    pub longest: Duration,
}

/// Histogram of round trips, in fixed memory.
#[derive(Debug)]
pub(super) struct RoundTripHistogram {
    /// In microseconds.
    histogram: Histogram<u32>,
    /// Longest of all, exactly.
    longest: Duration,
}

impl Default for RoundTripHistogram {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, micros(MAX_ROUND_TRIP), DIGITS)
            .unwrap_or_else(|_| unreachable!("the bounds are right"));
        Self { histogram, longest: Duration::ZERO }
    }
}

impl RoundTripHistogram {
    /// Counts a round trip. Beyond the histogram's range it counts as the highest value.
    pub(super) fn count(&mut self, time: Duration) {
        self.histogram.saturating_record(micros(time));
        self.longest = self.longest.max(time);
    }

    /// Percentiles; `None` without a round trip.
    pub(super) fn summary(&self) -> Option<RoundTrips> {
        // The upper bound of a bucket may exceed all its values.
        let quantile =
            |part| Duration::from_micros(self.histogram.value_at_quantile(part)).min(self.longest);
        (!self.histogram.is_empty()).then(|| RoundTrips {
            count: self.histogram.len(),
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
            longest: self.longest,
        })
    }
}

/// Microseconds; the highest value where they do not fit.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn summary(times: &[u64]) -> Option<RoundTrips> {
        let mut latencies = RoundTripHistogram::default();
        for micros in times {
            latencies.count(Duration::from_micros(*micros));
        }
        latencies.summary()
    }

    #[test]
    fn memory_is_as_documented() {
        let buckets = RoundTripHistogram::default().histogram.distinct_values();
        assert_eq!(buckets * size_of::<u32>(), 92 << 10);
    }

    #[test]
    fn no_round_trips_have_no_quantiles() {
        assert_eq!(summary(&[]), None);
        let mut latencies = RoundTripHistogram::default();
        latencies.count(Duration::ZERO);
        assert_eq!(latencies.summary().map(|it| (it.count, it.p99)), Some((1, Duration::ZERO)));
    }

    #[test]
    fn one_past_the_limit_only_counts_as_maximum() {
        let longest = summary(&[5, 3_600_000_001, u64::MAX]).expect("three");
        assert_eq!(longest.longest, Duration::from_micros(u64::MAX));
        assert!(
            longest.p99 >= MAX_ROUND_TRIP && longest.p99 < MAX_ROUND_TRIP.mul_f64(1.001),
            "{longest:?}"
        );
    }

    proptest! {
        #[test]
        fn a_quantile_is_that_of_a_sorted_list_to_three_digits(
            mut times in prop::collection::vec(
                prop_oneof![0..100_u64, 0..100_000_u64, 0..3_600_000_000_u64], 1..300
            )
        ) {
            let found = summary(&times).expect("some");
            times.sort_unstable();
            prop_assert_eq!(found.count, times.len() as u64);
            prop_assert_eq!(found.longest, Duration::from_micros(times[times.len() - 1]));
            for (percent, found) in [(50, found.p50), (95, found.p95), (99, found.p99)] {
                let rank = (times.len() * percent).div_ceil(100);
                let (exact, found) = (times[rank - 1], micros(found));
                prop_assert!((exact..=exact + exact / 1_000).contains(&found), "p{percent}: {exact}, {found}");
            }
        }
    }
}
