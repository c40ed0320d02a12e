//! Delay before the next connection attempt.

use std::time::Duration;

/// Exponential backoff with jitter.
///
/// The delay before retry `n` (counted from 0) lies between half of and all of `first * 2^n`, and
/// never exceeds `ceiling`. The fixed half avoids an immediate retry; the random half spreads
/// clients that lost the same server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Longest wait before the first retry.
    pub first: Duration,
    /// Longest wait before any retry.
    pub ceiling: Duration,
    /// Minimum lifetime of a good connection: its loss restarts the backoff at `first`. Shorter
    /// connections keep increasing the delay.
    pub steady: Duration,
}

impl Backoff {
    /// Half a second, doubling to half a minute.
    pub const DEFAULT: Self = Self {
        first: Duration::from_millis(500),
        ceiling: Duration::from_secs(30),
        steady: Duration::from_secs(5),
    };

    /// Delay before retry number `retry`. `random` is uniform in `0.0..1.0` and clamped to it.
    #[must_use]
    pub fn delay(&self, retry: u32, random: f64) -> Duration {
        let longest = 2_u32
            .checked_pow(retry)
            .and_then(|factor| self.first.checked_mul(factor))
            .map_or(self.ceiling, |doubled| doubled.min(self.ceiling));
        longest.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_wait_doubles_up_to_the_ceiling() {
        let longest: Vec<_> = [0, 1, 2, 5, 6, 7, 31, 32, u32::MAX]
            .into_iter()
            .map(|retry| Backoff::DEFAULT.delay(retry, 1.0).as_millis())
            .collect();
        assert_eq!(longest, [500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000]);
    }

    proptest! {
        #[test]
        fn every_wait_is_between_half_and_all_of_the_longest(
            retry in 0..40_u32, random in -1.0..2.0
        ) {
            let doubled = Duration::from_millis(500 << retry.min(6));
            let longest = doubled.min(Backoff::DEFAULT.ceiling);
            let delay = Backoff::DEFAULT.delay(retry, random);
            prop_assert!(longest / 2 <= delay && delay <= longest, "{:?} of {:?}", delay, longest);
        }
    }
}
