//! Rates of messages in a query, such as `10/s`.

/// Max rate in messages per second.
pub(super) const MAX_RATE: u32 = 1_000_000;

/// Rate of messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rate {
    /// As fast as the peer reads.
    Max,
    /// Messages per second.
    PerSecond(f64),
}

/// Parses a rate such as `10/s`, `5/m` or `1/h`, or `max`.
pub(super) fn parse_rate(text: &str) -> Option<Rate> {
    if text == "max" {
        return Some(Rate::Max);
    }
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let count = count.parse::<f64>().ok()?;
    let rate = count / seconds;
    (1.0 / 3600.0..=f64::from(MAX_RATE)).contains(&rate).then_some(Rate::PerSecond(rate))
}
