//! What is counted while a server is loaded.

use std::{collections::BTreeMap, io, time::Duration};

use hdrhistogram::Histogram;
use tokio::time::Instant;

use crate::connect::kind_of;

/// Latencies are counted in nanoseconds up to this, with three digits; a longer one counts as this.
const LONGEST: Duration = Duration::from_mins(1);

/// A histogram of times.
pub(super) type Times = Histogram<u64>;

pub(super) fn times() -> Times {
    let longest = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
    Histogram::new_with_bounds(1_000, longest, 3)
        .unwrap_or_else(|_| unreachable!("the bounds are right"))
}

/// Why a connection could not be loaded, or not to the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// There was none; its kind.
    Connect(String),
    /// The server answered nothing while it was measured.
    Silent,
    /// The server closed it, with this code.
    Closed(u16),
    /// It was lost; in words.
    Lost(String),
    /// The server sent what it must not; in words.
    Violation(String),
}

impl Trouble {
    pub(super) fn of(error: &io::Error) -> Self {
        Self::Lost(kind_of(error))
    }

    /// What is counted together.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Connect(why) | Self::Violation(why) => why.clone(),
            Self::Silent => "no answer".to_owned(),
            Self::Lost(why) => format!("lost: {why}"),
            Self::Closed(code) => {
                format!("closed by the server: {code} ({})", session::CloseCode(*code).meaning())
            }
        }
    }
}

/// Counts of what happens between two moments; what happens outside is not counted.
pub(super) struct Window {
    from: Instant,
    to: Instant,
    pub(super) messages: u64,
    /// Bytes of payload that came.
    pub(super) payload: u64,
    /// In nanoseconds.
    pub(super) latency: Times,
    /// Messages that had no answer at the end.
    pub(super) missing: u64,
}

impl Window {
    pub(super) fn new(from: Instant, to: Instant) -> Self {
        Self { from, to, messages: 0, payload: 0, latency: times(), missing: 0 }
    }

    /// Messages came.
    pub(super) fn received(&mut self, now: Instant, messages: u64, payload: u64) {
        if self.holds(now) {
            self.messages += messages;
            self.payload += payload;
        }
    }

    /// Whether it is measured at `now`, or was.
    pub(super) fn has_begun(&self, now: Instant) -> bool {
        self.from <= now
    }

    /// Ends it earlier. Returns how long it was.
    pub(super) fn end_at(&mut self, to: Instant) -> Duration {
        self.to = self.to.min(to);
        self.to.saturating_duration_since(self.from)
    }

    /// So many of those that were sent, or due, at `at` were answered `now`: after the window too,
    /// or what a stall held up until then would not count.
    pub(super) fn latency(&mut self, at: Instant, now: Instant, count: u32) {
        if self.from <= now && at < self.to {
            self.record(now.saturating_duration_since(at), count);
        }
    }

    /// So many of those that were sent, or due, at `at` had no answer at `until`.
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

    fn holds(&self, now: Instant) -> bool {
        self.from <= now && now < self.to
    }
}

/// What a run has shown.
pub(super) struct Measured {
    /// How long was measured.
    pub(super) time: Duration,
    /// Connections that were loaded at once.
    pub(super) connections: u32,
    pub(super) window: Window,
    /// In nanoseconds, each from nothing to the end of the handshake.
    pub(super) connect: Times,
    pub(super) troubles: BTreeMap<Trouble, u64>,
    /// Why the first connection that could not be made could not, in full, with controls escaped.
    pub(super) first_failure: Option<String>,
}

impl Measured {
    pub(super) fn messages_a_second(&self) -> f64 {
        a_second(self.window.messages, self.time)
    }

    /// Adds another run of the same server.
    pub(super) fn add(&mut self, other: Self) {
        self.time += other.time;
        self.connections = self.connections.max(other.connections);
        self.window.messages += other.window.messages;
        self.window.payload += other.window.payload;
        self.window.missing += other.window.missing;
        // All are made with the same bounds.
        let _ = self.window.latency.add(&other.window.latency);
        let _ = self.connect.add(&other.connect);
        for (trouble, count) in other.troubles {
            *self.troubles.entry(trouble).or_default() += count;
        }
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }
}

/// The time that so much of `times` stayed below; none if there are none.
pub(super) fn quantile(times: &Times, quantile: f64) -> Option<Duration> {
    (!times.is_empty()).then(|| Duration::from_nanos(times.value_at_quantile(quantile)))
}

#[expect(clippy::cast_precision_loss, reason = "for a person to read")]
pub(super) fn a_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
