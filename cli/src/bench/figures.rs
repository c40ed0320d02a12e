//! Figures of a measurement: numbers of messages, and histograms of times.

use std::time::Duration;

/// Longest latency recorded, in nanoseconds with three digits; a longer one counts as this. The
/// bounds are the same for all histograms, so that they can be added.
const LONGEST: Duration = Duration::from_mins(1);

/// Histogram of times, in nanoseconds. Three significant digits; some 200 KiB each.
pub(super) type Histogram = hdrhistogram::Histogram<u64>;

/// Empty histogram. From 1 µs up to [`LONGEST`].
pub(super) fn histogram() -> Histogram {
    let longest = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
    Histogram::new_with_bounds(1_000, longest, 3)
        .unwrap_or_else(|_| unreachable!("the bounds are valid"))
}

/// Numbers of messages. Each message sent, or due, is in one of them but `pushes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Due, but not sent: the server took no more, the connection was lost, or the generator was too
    /// slow.
    pub(super) not_sent: u64,
    /// Sent, without an answer.
    pub(super) unanswered: u64,
    /// Answered as expected.
    pub(super) answered: u64,
    /// Answered with an error.
    pub(super) errors: u64,
    /// Messages received that are no answers.
    pub(super) pushes: u64,
}

/// Adds a time to a histogram; longer than its bound counts as that.
pub(super) fn record(times: &mut Histogram, time: Duration, count: u64) {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    times.saturating_record_n(nanos.min(times.high()), count);
}

impl Counts {
    /// Messages sent.
    pub(super) fn sent(&self) -> u64 {
        self.answered + self.errors + self.unanswered
    }

    /// Messages not sent or not answered.
    pub(super) fn missing(&self) -> u64 {
        self.not_sent + self.unanswered
    }

    /// Messages to be sent. Of a closed model, only those that were sent.
    pub(super) fn due(&self) -> u64 {
        self.sent() + self.not_sent
    }

    /// Adds the numbers of another server, turn or log.
    pub(super) fn add(&mut self, other: Self) {
        self.not_sent += other.not_sent;
        self.unanswered += other.unanswered;
        self.answered += other.answered;
        self.errors += other.errors;
        self.pushes += other.pushes;
    }
}

/// Quantile of `times`; `None` if empty. `quantile` is a share from 0 to 1. Exact to three digits.
pub(super) fn quantile(times: &Histogram, quantile: f64) -> Option<Duration> {
    (!times.is_empty()).then(|| Duration::from_nanos(times.value_at_quantile(quantile)))
}
