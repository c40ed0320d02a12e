//! Time series of a measurement: numbers and latencies of each second.

use std::time::Duration;

use serde_json::{Value, json};

use super::figures::{Counts, Histogram, quantile};

/// Length of an interval.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// Intervals kept: the first hour.
const MAX_INTERVALS: usize = 3_600;

/// Intervals of a measurement, in order.
#[derive(Clone, Default)]
pub(super) struct Series {
    /// At most [`MAX_INTERVALS`], in order.
    intervals: Vec<Interval>,
    /// Length of all intervals, dropped ones too.
    length: Duration,
    /// Numbers of messages at the end of the last interval.
    counted: Counts,
}

/// Numbers and latencies of one interval.
#[derive(Clone)]
struct Interval {
    /// Time from the beginning of the measurement.
    start: Duration,
    /// Length; the last interval may be shorter.
    length: Duration,
    /// Answers as expected.
    answered: u64,
    /// Answers with an error.
    errors: u64,
    /// Messages received that are no answers.
    pushes: u64,
    /// Latencies: p50, p99 and the longest.
    latency: [Option<Duration>; 3],
}

impl Series {
    /// Adds the interval that ends with these `counts`, and the latencies of its answers. An empty
    /// interval is left out.
    pub(super) fn push(&mut self, length: Duration, counts: Counts, latency: &Histogram) {
        if length.is_zero() {
            return;
        }
        let before = std::mem::replace(&mut self.counted, counts);
        self.keep(Interval {
            start: self.length,
            length,
            answered: counts.answered - before.answered,
            errors: counts.errors - before.errors,
            pushes: counts.pushes - before.pushes,
            latency: [0.5, 0.99, 1.0].map(|share| quantile(latency, share)),
        });
        self.length += length;
    }

    /// Adds another turn. Its intervals follow, without the pause between turns.
    pub(super) fn append(&mut self, other: &Self) {
        let start = self.length;
        for interval in &other.intervals {
            self.keep(Interval { start: start + interval.start, ..interval.clone() });
        }
        self.length += other.length;
    }

    /// Adds an interval while there is room.
    fn keep(&mut self, interval: Interval) {
        if self.intervals.len() < MAX_INTERVALS {
            self.intervals.push(interval);
        }
    }

    /// Array for a script. Latencies are whole microseconds, or null for an interval without an
    /// answer.
    pub(super) fn json(&self) -> Value {
        let micros = |time: Option<Duration>| time.map(|time| time.as_micros());
        let interval = |it: &Interval| {
            let [p50, p99, max] = it.latency.map(micros);
            json!({
                "start_seconds": it.start.as_secs_f64(),
                "seconds": it.length.as_secs_f64(),
                "answered": it.answered,
                "answered_with_error": it.errors,
                "pushes": it.pushes,
                "latency_us": { "p50": p50, "p99": p99, "max": max },
            })
        };
        self.intervals.iter().map(interval).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::figures::histogram, *};

    fn second(answered: u64) -> Series {
        let mut series = Series::default();
        let mut latency = histogram();
        latency.record(2_000_000).unwrap();
        series.push(INTERVAL, Counts { answered, ..Counts::default() }, &latency);
        series
    }

    #[test]
    fn each_interval_has_its_own_counts_and_latencies() {
        let mut series = second(10);
        let counts = Counts { answered: 15, errors: 1, ..Counts::default() };
        series.push(INTERVAL / 2, counts, &histogram());
        series.push(Duration::ZERO, counts, &histogram());
        let json = series.json();
        assert_eq!(json.as_array().unwrap().len(), 2);
        assert_eq!(json[0]["answered"], 10);
        assert_eq!(json[0]["latency_us"]["max"], 2_000);
        assert_eq!((&json[1]["answered"], &json[1]["answered_with_error"]), (&json!(5), &json!(1)));
        assert_eq!((&json[1]["start_seconds"], &json[1]["seconds"]), (&json!(1.0), &json!(0.5)));
        assert_eq!(json[1]["latency_us"]["p50"], Value::Null);
    }

    #[test]
    fn turns_follow_each_other_and_an_hour_is_kept() {
        let mut series = second(1);
        for _ in 0..2 * MAX_INTERVALS {
            series.append(&second(1));
        }
        let json = series.json();
        assert_eq!(json.as_array().unwrap().len(), MAX_INTERVALS);
        assert_eq!(json[2]["start_seconds"], 2.0);
    }
}
