//! Statistics for `/stats`: messages and bytes in each direction, round-trip times.

use std::{fmt, time::Duration};

use hdrhistogram::Histogram;
use session::{Direction, Message};

use crate::quantity::{format_count, format_counted, format_duration};

/// Longest round trip recorded; a longer one counts as this.
const LONGEST: Duration = Duration::from_hours(1);

/// Statistics since the program started. Reconnecting does not reset them.
pub(super) struct Statistics {
    sent: Count,
    received: Count,
    /// Round trips of echoes, in microseconds with three digits.
    round_trips: Histogram<u32>,
}

/// Messages and bytes in one direction.
#[derive(Clone, Copy, Default)]
struct Count {
    messages: u64,
    /// Bytes of their payloads, uncompressed.
    bytes: u64,
}

impl Statistics {
    /// Statistics without messages. Round trips are kept with three significant digits.
    pub(super) fn new() -> Self {
        let longest = u64::try_from(LONGEST.as_micros()).unwrap_or(u64::MAX);
        let round_trips = Histogram::new_with_bounds(1, longest, 3);
        Self {
            sent: Count::default(),
            received: Count::default(),
            round_trips: round_trips.unwrap_or_else(|_| unreachable!("the bounds are valid")),
        }
    }

    /// Counts a message.
    pub(super) fn count(&mut self, direction: Direction, message: &Message) {
        let count = match direction {
            Direction::In => &mut self.received,
            Direction::Out => &mut self.sent,
        };
        count.messages += 1;
        count.bytes += message.len() as u64;
    }

    /// Records the round-trip time of an echo.
    pub(super) fn round_trip(&mut self, time: Duration) {
        self.round_trips.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages = format_counted(self.messages, "message", "messages");
        write!(f, "{messages}, {}", format_counted(self.bytes, "byte", "bytes"))
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sent:        {}\nReceived:    {}", self.sent, self.received)?;
        if self.round_trips.is_empty() {
            return Ok(());
        }
        let at = |quantile| {
            format_duration(Duration::from_micros(self.round_trips.value_at_quantile(quantile)))
        };
        write!(
            f,
            "\nRound trips: p50 {}, p95 {}, p99 {}, longest {} ({} echoes)",
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0),
            format_count(self.round_trips.len())
        )
    }
}
