//! What `/stats` shows: how much went each way, and how long echoes took.

use std::{fmt, time::Duration};

use hdrhistogram::Histogram;
use session::{Direction, Message};

use crate::quantity::{show_count, show_counted, show_duration};

/// Round trips are counted up to this; a longer one counts as this long.
const LONGEST: Duration = Duration::from_hours(1);

/// Counts since the program started.
pub(crate) struct Statistics {
    out: Count,
    incoming: Count,
    /// In microseconds.
    round_trips: Histogram<u32>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    messages: u64,
    bytes: u64,
}

impl Statistics {
    pub(crate) fn new() -> Self {
        let longest = u64::try_from(LONGEST.as_micros()).unwrap_or(u64::MAX);
        let round_trips = Histogram::new_with_bounds(1, longest, 3);
        Self {
            out: Count::default(),
            incoming: Count::default(),
            round_trips: round_trips.unwrap_or_else(|_| unreachable!("the bounds are right")),
        }
    }

    pub(crate) fn count(&mut self, direction: Direction, message: &Message) {
        let count = match direction {
            Direction::In => &mut self.incoming,
            Direction::Out => &mut self.out,
        };
        count.messages += 1;
        count.bytes += message.len() as u64;
    }

    pub(crate) fn round_trip(&mut self, time: Duration) {
        self.round_trips.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn sent(&self) -> u64 {
        self.out.messages
    }

    pub(crate) fn received(&self) -> u64 {
        self.incoming.messages
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages = show_counted(self.messages, "message", "messages");
        write!(f, "{messages}, {}", show_counted(self.bytes, "byte", "bytes"))
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sent:        {}\nReceived:    {}", self.out, self.incoming)?;
        if self.round_trips.is_empty() {
            return Ok(());
        }
        let at = |quantile| {
            show_duration(Duration::from_micros(self.round_trips.value_at_quantile(quantile)))
        };
        write!(
            f,
            "\nRound trips: p50 {}, p95 {}, p99 {}, longest {} ({} echoes)",
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0),
            show_count(self.round_trips.len())
        )
    }
}
