//! Measurement: latencies, counts, failures.

use std::{collections::BTreeMap, io, time::Duration};

use session::CloseCode;
use tokio::time::Instant;

use crate::connector::io_error_kind;

/// Longest latency recorded, in nanoseconds with three digits; a longer one counts as this.
const LONGEST: Duration = Duration::from_mins(1);

/// Histogram of times, in nanoseconds.
pub(super) type Histogram = hdrhistogram::Histogram<u64>;

/// Empty histogram.
pub(super) fn histogram() -> Histogram {
    let longest = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
    Histogram::new_with_bounds(1_000, longest, 3)
        .unwrap_or_else(|_| unreachable!("the bounds are valid"))
}

/// Failure of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failure {
    /// Not connected; kind of the error.
    Connect(String),
    /// No answer during the measurement.
    NoAnswer,
    /// Closed by the server with this code.
    Closed(u16),
    /// Connection lost; kind of the error.
    Lost(String),
    /// Protocol violation by the server.
    Violation(String),
}

impl Failure {
    /// Lost connection, by I/O error.
    pub(super) fn of(error: &io::Error) -> Self {
        Self::Lost(io_error_kind(error))
    }

    /// Category: failures of one category are counted together.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Connect(why) | Self::Violation(why) => why.clone(),
            Self::NoAnswer => "no answer".to_owned(),
            Self::Lost(why) => format!("lost: {why}"),
            Self::Closed(code) => {
                format!("closed by the server: {code} ({})", CloseCode(*code).meaning())
            }
        }
    }
}

/// Measurement window: counts messages between two times.
pub(super) struct Window {
    from: Instant,
    to: Instant,
    /// Messages received.
    pub(super) messages: u64,
    /// Bytes of payload received.
    pub(super) payload: u64,
    /// Latencies, missing answers included.
    pub(super) latency: Histogram,
    /// Messages without an answer at the end.
    pub(super) missing: u64,
}

impl Window {
    /// Empty window.
    pub(super) fn new(from: Instant, to: Instant) -> Self {
        Self { from, to, messages: 0, payload: 0, latency: histogram(), missing: 0 }
    }

    /// Counts messages received, if inside the window.
    pub(super) fn received(&mut self, now: Instant, messages: u64, payload: u64) {
        if self.contains(now) {
            self.messages += messages;
            self.payload += payload;
        }
    }

    /// True from the start of the window on.
    pub(super) fn has_begun(&self, now: Instant) -> bool {
        self.from <= now
    }

    /// Shortens the window. Returns its length.
    pub(super) fn end_at(&mut self, to: Instant) -> Duration {
        self.to = self.to.min(to);
        self.to.saturating_duration_since(self.from)
    }

    /// Records `count` answers to messages sent, or due, at `at`. Also after the window: otherwise the
    /// messages delayed by a stall would be left out.
    pub(super) fn latency(&mut self, at: Instant, now: Instant, count: u32) {
        if self.from <= now && at < self.to {
            self.record(now.saturating_duration_since(at), count);
        }
    }

    /// Records `count` messages sent, or due, at `at` without an answer at `until`.
    pub(super) fn missing(&mut self, at: Instant, until: Instant, count: u32) {
        if at < self.to {
            self.missing += u64::from(count);
            self.record(until.saturating_duration_since(at), count);
        }
    }

    fn record(&mut self, took: Duration, count: u32) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.latency.saturating_record_n(nanos.min(self.latency.high()), u64::from(count));
    }

    /// True inside the window.
    fn contains(&self, now: Instant) -> bool {
        self.from <= now && now < self.to
    }
}

/// Results for one server.
pub(super) struct Results {
    /// Length of the measurement.
    pub(super) time: Duration,
    /// Concurrent connections.
    pub(super) connections: u32,
    pub(super) window: Window,
    /// Connect times, from TCP to the end of the handshake.
    pub(super) connect: Histogram,
    /// Number of failed connections by failure.
    pub(super) failures: BTreeMap<Failure, u64>,
    /// First connect error in full, its control characters escaped.
    pub(super) first_error: Option<String>,
}

impl Results {
    /// Throughput: answers per second.
    pub(super) fn messages_per_second(&self) -> f64 {
        per_second(self.window.messages, self.time)
    }

    /// Adds the results of another turn.
    pub(super) fn add(&mut self, other: Self) {
        self.time += other.time;
        self.connections = self.connections.max(other.connections);
        self.window.messages += other.window.messages;
        self.window.payload += other.window.payload;
        self.window.missing += other.window.missing;
        // Cannot fail: all have the same bounds.
        let _ = self.window.latency.add(&other.window.latency);
        let _ = self.connect.add(&other.connect);
        for (failure, count) in other.failures {
            *self.failures.entry(failure).or_default() += count;
        }
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

/// Quantile of `times`; `None` if empty.
pub(super) fn quantile(times: &Histogram, quantile: f64) -> Option<Duration> {
    (!times.is_empty()).then(|| Duration::from_nanos(times.value_at_quantile(quantile)))
}

#[expect(clippy::cast_precision_loss, reason = "for a person to read")]
/// Rate per second.
pub(super) fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
