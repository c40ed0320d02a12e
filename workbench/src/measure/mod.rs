//! What is measured of the messages that pass: how many, how fast, how long their echoes take, and
//! which are missing of those that are numbered.
//!
//! Clearing a list clears no figure: both tallies count from the start, the minute is the last one,
//! and the rest begins anew with a connection (see [`Measure::opened`]).

mod chart;
mod minute;
mod number;
mod round_trips;
mod stream;

use std::time::Duration;

use minute::Seconds;
use number::number;
use round_trips::Latencies;
use serde::{Deserialize, Serialize};
use session::{EchoMatcher, Message, Time};
use stream::Watch;

pub use chart::{Chart, HEIGHT, Scale, WIDTH};
pub use minute::{Minute, SECONDS, Second};
pub use number::Form;
pub use round_trips::RoundTrips;
pub use stream::{Numbered, SHOWN_GAPS};

/// Messages and their bytes of payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub messages: u64,
    /// Bytes of payload in them.
    pub bytes: u64,
}

impl Tally {
    fn count(&mut self, message: &Message) {
        self.messages += 1;
        self.bytes += message.len() as u64;
    }
}

/// Measures what passes over the connections of a tab, in fixed memory.
#[derive(Debug, Default)]
pub struct Measure {
    sent: Tally,
    received: Tally,
    echoes: EchoMatcher,
    latencies: Latencies,
    seconds: Seconds,
    /// One for each [`Form`], in its order.
    watches: [Watch; 3],
}

impl Measure {
    /// A connection opened. Numbers are expected from their beginning. Round trips are measured anew
    /// unless it `is_regained`: one that was lost and came back is to the same server.
    pub fn opened(&mut self, is_regained: bool) {
        self.echoes.clear();
        self.watches = Default::default();
        if !is_regained {
            self.latencies.clear();
        }
    }

    /// Counts a message that was sent.
    pub fn sent(&mut self, message: &Message, now: Time) {
        self.sent.count(message);
        self.seconds.at(now).sent.count(message);
        self.echoes.sent(message, now);
    }

    /// Counts a message that was received. The time since what it echoes was sent, if it is an echo.
    pub fn received(&mut self, message: &Message, now: Time) -> Option<Duration> {
        let round_trip = self.echoes.received(message, now);
        self.received.count(message);
        let second = self.seconds.at(now);
        second.received.count(message);
        if let Some(time) = round_trip {
            second.count_round_trip(time);
            self.latencies.count(time);
        }
        if let Some((form, number)) = number(message.payload()) {
            self.watches[form as usize].take(number);
        }
        round_trip
    }

    /// What was sent since the start.
    #[must_use]
    pub fn all_sent(&self) -> Tally {
        self.sent
    }

    /// What was received since the start.
    #[must_use]
    pub fn all_received(&self) -> Tally {
        self.received
    }

    /// The round trips, if there were any.
    #[must_use]
    pub fn round_trips(&self) -> Option<RoundTrips> {
        self.latencies.summary()
    }

    /// The last minute in which anything passed.
    #[must_use]
    pub fn minute(&self) -> Minute {
        self.seconds.minute()
    }

    /// The numbered stream; of several the one with the most messages.
    #[must_use]
    pub fn numbered(&self) -> Option<Numbered> {
        let forms = [Form::Text, Form::Json, Form::Binary];
        let streams = forms.into_iter().zip(&self.watches);
        streams.filter_map(|(form, watch)| watch.numbered(form)).max_by_key(|it| it.received)
    }
}
