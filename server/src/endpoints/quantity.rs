//! Quantities in a query: durations, sizes, rates.

use std::{ops::RangeInclusive, time::Duration};

use bytesize::ByteSize;

/// Max rate in messages per second.
pub(super) const MAX_RATE: f64 = 1_000_000.0;

/// Rate of messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rate {
    /// As fast as the peer reads.
    Max,
    /// Messages per second.
    PerSecond(f64),
}

/// Formats a duration as an option takes it, such as `1m 30s`.
pub(super) fn show_duration(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}

/// Formats a size as an option takes it, such as `64KiB`; exact, unlike `bytesize`.
pub(super) fn show_size(bytes: usize) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if bytes.is_multiple_of(1 << 30) => format!("{}GiB", bytes >> 30),
        _ if bytes.is_multiple_of(1 << 20) => format!("{}MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{}KiB", bytes >> 10),
        _ => bytes.to_string(),
    }
}

/// Parses a size within `range`.
pub(super) fn parse_size(text: &str, range: &RangeInclusive<usize>) -> Option<usize> {
    let ByteSize(bytes) = text.parse().ok()?;
    usize::try_from(bytes).ok().filter(|it| range.contains(it))
}

/// Parses a rate such as `10/s`, `5/m` or `1/h`.
pub(super) fn parse_rate(text: &str) -> Option<Rate> {
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let count = count.parse::<f64>().ok()?;
    let rate = count / seconds;
    (1.0 / 3600.0..=MAX_RATE).contains(&rate).then_some(Rate::PerSecond(rate))
}
