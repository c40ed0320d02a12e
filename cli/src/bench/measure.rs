//! Measurement: latencies, counts, failures.

use std::{collections::BTreeMap, io, time::Duration};

use connector::io_error_kind;
use session::CloseCode;
use tokio::time::Instant;

use super::{
    figures::{Counts, Histogram, histogram, record},
    series::Series,
};
use crate::quantity::format_count;

/// Failure of a connection. Those of one kind are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failure {
    /// No connection; kind of the error.
    Connect(String),
    /// Closed by the server with this code.
    Closed(u16),
    /// Connection lost; kind of the error.
    Lost(String),
    /// Protocol violation of the server.
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
            Self::Lost(why) => format!("lost: {why}"),
            Self::Closed(code) => {
                format!("closed by the server: {code} ({})", CloseCode(*code).meaning())
            }
        }
    }
}

/// Model of the load, which decides on the messages that belong to a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// Messages on their way at any time of it: their number is the number of answers.
    Closed,
    /// Messages due in it.
    Open,
}

/// Measurement window: counts messages between two times. Only answers of counted messages are
/// latencies.
pub(super) struct Window {
    from: Instant,
    /// End; earlier after an interrupt.
    to: Instant,
    /// Rule for the messages that are counted.
    model: Model,
    counts: Counts,
    /// Answers received in the window, of any message.
    pub(super) messages: u64,
    /// Bytes of payload received.
    payload: u64,
    /// Latencies of answers since [`end_interval`](Self::end_interval).
    interval: Histogram,
    /// Latencies of earlier intervals.
    latency: Histogram,
    /// Delays between due and sent that are the generator's own.
    late: Histogram,
    /// Start of the interval.
    since: Instant,
    /// Numbers and latencies of each interval.
    series: Series,
}

impl Window {
    /// Empty window.
    pub(super) fn new(from: Instant, to: Instant, model: Model) -> Self {
        Self {
            from,
            to,
            model,
            counts: Counts::default(),
            messages: 0,
            payload: 0,
            interval: histogram(),
            latency: histogram(),
            late: histogram(),
            since: from,
            series: Series::default(),
        }
    }

    /// Start of the window.
    pub(super) fn from(&self) -> Instant {
        self.from
    }

    /// Numbers of messages.
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// Start and end of the window.
    pub(super) fn times(&self) -> (Instant, Instant) {
        (self.from, self.to)
    }

    /// Messages received so far.
    pub(super) fn received_messages(&self) -> u64 {
        self.messages + self.counts.pushes
    }

    /// Counts bytes of payload received, if inside the window. Frames and compression are not
    /// counted.
    pub(super) fn received(&mut self, now: Instant, payload: u64) {
        if self.contains(now) {
            self.payload += payload;
        }
    }

    /// True from the start of the window on.
    pub(super) fn has_begun(&self, now: Instant) -> bool {
        self.from <= now
    }

    /// Shortens the window. Returns its length. An end after its own changes nothing. The length is
    /// zero before the start.
    pub(super) fn end_at(&mut self, to: Instant) -> Duration {
        self.to = self.to.min(to);
        self.to.saturating_duration_since(self.from)
    }

    /// Counts a message received that is no answer.
    pub(super) fn pushed(&mut self, now: Instant) {
        self.counts.pushes += u64::from(self.contains(now));
    }

    /// Counts the answers to `count` messages sent, or due, at `at`. Also after the window: otherwise
    /// the messages delayed by a stall would be left out.
    pub(super) fn answered(&mut self, at: Instant, now: Instant, is_error: bool, count: u64) {
        if self.contains(now) {
            self.messages += count;
        }
        if count == 0 || !self.is_counted(at, now) {
            return;
        }
        if is_error {
            self.counts.errors += count;
        } else {
            self.counts.answered += count;
        }
        record(&mut self.interval, now.saturating_duration_since(at), count);
    }

    /// Counts an error without a latency, of a message or step due at `at`.
    pub(super) fn failed(&mut self, at: Instant, now: Instant) {
        self.counts.errors += u64::from(self.is_counted(at, now));
    }

    /// Counts a message sent, or due, at `at` that has no answer.
    pub(super) fn unanswered(&mut self, at: Instant) {
        self.counts.unanswered += u64::from(self.is_counted(at, self.to));
    }

    /// Counts messages that were due in the window and not sent.
    pub(super) fn not_sent(&mut self, count: u64) {
        self.counts.not_sent += count;
    }

    /// Records that a message due at `at` was sent at `now`, through no fault of the server.
    pub(super) fn sent_late(&mut self, at: Instant, now: Instant) {
        if self.contains(at) {
            record(&mut self.late, now.saturating_duration_since(at), 1);
        }
    }

    /// Ends an interval at `now`. `read` gets its latencies, which are then part of the whole.
    pub(super) fn end_interval<T>(
        &mut self,
        now: Instant,
        read: impl FnOnce(&Histogram) -> T,
    ) -> T {
        let result = read(&self.interval);
        let length = now.saturating_duration_since(self.since);
        self.series.push(length, self.counts, &self.interval);
        self.since = now;
        // Cannot fail: both have the same bounds.
        let _ = self.latency.add(&self.interval);
        self.interval.reset();
        result
    }

    /// True if a message sent, or due, at `at` belongs to the measurement.
    pub(super) fn is_counted(&self, at: Instant, answered: Instant) -> bool {
        let from = match self.model {
            Model::Closed => answered,
            Model::Open => at,
        };
        self.from <= from && at < self.to
    }

    /// True inside the window.
    pub(super) fn contains(&self, now: Instant) -> bool {
        self.from <= now && now < self.to
    }
}

/// Results for one server. Totals of servers or turns have the same form.
pub(super) struct Results {
    /// Length of the measurement.
    pub(super) time: Duration,
    /// Concurrent connections.
    pub(super) connections: u32,
    pub(super) counts: Counts,
    /// Answers received in the measurement.
    pub(super) messages: u64,
    /// Bytes of payload received.
    pub(super) payload: u64,
    /// Latencies of answers.
    pub(super) latency: Histogram,
    /// Delays between due and sent that are the generator's own.
    pub(super) late: Histogram,
    /// Connect times, from TCP to the end of the handshake.
    pub(super) connect: Histogram,
    /// Number of failed connections by failure.
    pub(super) failures: BTreeMap<Failure, u64>,
    /// First connect error in full, its control characters escaped.
    pub(super) first_error: Option<String>,
    /// Results of each second; none for several servers together, whose quantiles do not add up.
    pub(super) series: Option<Series>,
}

impl Results {
    /// Results without a message.
    pub(super) fn new() -> Self {
        Self {
            time: Duration::ZERO,
            connections: 0,
            counts: Counts::default(),
            messages: 0,
            payload: 0,
            latency: histogram(),
            late: histogram(),
            connect: histogram(),
            failures: BTreeMap::new(),
            first_error: None,
            series: None,
        }
    }

    /// Fills in the numbers of the measured window, and its length.
    pub(super) fn fill(&mut self, mut window: Window, time: Duration) {
        window.end_interval(window.to, |_| ());
        self.series = Some(window.series);
        self.time = time;
        self.counts = window.counts;
        self.messages = window.messages;
        self.payload = window.payload;
        self.latency = window.latency;
        self.late = window.late;
    }

    /// Throughput: answers per second.
    pub(super) fn messages_per_second(&self) -> f64 {
        per_second(self.messages, self.time)
    }

    /// Connections that failed, each counted once, also after answers.
    pub(super) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// Results of several servers together.
    pub(super) fn sum(all: &[Self]) -> Self {
        let mut sum = Self::new();
        for results in all {
            sum.add_server(results);
        }
        if let [one] = all {
            sum.series.clone_from(&one.series);
        }
        sum
    }

    /// Adds the results of another turn. Turns follow each other: their times add up, their
    /// connections do not.
    pub(super) fn add_turn(&mut self, other: &Self) {
        let connections = self.connections.max(other.connections);
        let time = self.time + other.time;
        self.add_server(other);
        if let (Some(series), Some(other)) = (&mut self.series, &other.series) {
            series.append(other);
        }
        (self.time, self.connections) = (time, connections);
    }

    /// Adds the results of another server at the same time. Times overlap: the longest counts.
    pub(super) fn add_server(&mut self, other: &Self) {
        self.time = self.time.max(other.time);
        self.connections += other.connections;
        self.counts.add(other.counts);
        self.messages += other.messages;
        self.payload += other.payload;
        // Cannot fail: all have the same bounds.
        let _ = self.latency.add(&other.latency);
        let _ = self.late.add(&other.late);
        let _ = self.connect.add(&other.connect);
        for (failure, count) in &other.failures {
            *self.failures.entry(failure.clone()).or_default() += count;
        }
        self.first_error = self.first_error.take().or_else(|| other.first_error.clone());
    }
}

/// Rate per second; 0 if there was no time.
#[expect(clippy::cast_precision_loss, reason = "for a person to read")]
pub(super) fn per_second(count: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { count as f64 / time.as_secs_f64() }
}

/// Formats a rate to a tenth if it is low, else to a whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for a person to read")]
pub(super) fn format_rate(per_second: f64) -> String {
    if per_second < 100.0 { format!("{per_second:.1}") } else { format_count(per_second as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of a window from second 1 to second 2, of messages sent and answered at these times.
    fn counts(model: Model, messages: &[(f64, Option<f64>)]) -> Counts {
        let start = Instant::now();
        let at = |second: f64| start + Duration::from_secs_f64(second);
        let mut window = Window::new(at(1.0), at(2.0), model);
        for (sent, answered) in messages {
            match answered {
                Some(answered) => window.answered(at(*sent), at(*answered), false, 1),
                None => window.unanswered(at(*sent)),
            }
        }
        window.counts
    }

    #[test]
    fn a_measurement_counts_the_messages_that_its_model_says() {
        let messages = [
            (0.0, Some(0.5)),
            (0.0, Some(1.5)),
            (0.5, None),
            (1.0, Some(1.1)),
            (1.9, Some(9.0)),
            (1.9, None),
            (2.0, Some(2.1)),
            (2.0, None),
        ];
        let open = Counts { answered: 2, unanswered: 1, ..Counts::default() };
        assert_eq!(counts(Model::Open, &messages), open);
        let closed = Counts { answered: 3, unanswered: 2, ..Counts::default() };
        assert_eq!(counts(Model::Closed, &messages), closed);
    }

    #[test]
    fn results_of_turns_and_of_servers_add_up() {
        let one = || {
            let mut results = Results::new();
            results.time = Duration::from_secs(2);
            results.connections = 3;
            results.messages = 10;
            results
        };
        let mut turns = one();
        turns.add_turn(&one());
        assert_eq!((turns.time, turns.connections), (Duration::from_secs(4), 3));
        let mut servers = one();
        servers.add_server(&one());
        assert_eq!((servers.time, servers.connections), (Duration::from_secs(2), 6));
        assert!((servers.messages_per_second() - 2.0 * turns.messages_per_second()).abs() < 0.1);
    }
}
