//! Metrics of a tab: message counts, rates of the last minute, round trips, and gaps in numbered
//! streams.
//!
//! Clearing the list resets nothing here: counts run from the start, the minute is the last one, and
//! the rest begins anew with a connection (see [`Measure::opened`]).

mod chart;
mod measure;
mod minute;
mod number;
mod pings;
mod round_trips;
mod stream;
mod tally;

pub use chart::{Chart, HEIGHT, Scale, WIDTH};
pub use measure::Measure;
pub use minute::{Minute, SECONDS, Second};
pub use number::NumberForm;
pub use round_trips::RoundTrips;
pub use stream::Numbered;
pub use tally::Tally;
