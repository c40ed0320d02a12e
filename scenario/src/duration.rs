//! Durations as typed and printed: `250ms`, `2s`, `1m30s`.

use std::time::Duration;

/// Longest duration of a step: a day. A run waits no longer for anything.
pub(crate) const LONGEST: Duration = Duration::from_hours(24);

/// Parses a duration with its unit.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| {
        format!("'{text}' is not a duration. Write a number and a unit, like 250ms or 2s")
    })?;
    if duration > LONGEST {
        return Err(format!("{text} is longer than a day"));
    }
    Ok(duration)
}

/// Prints a duration as it is typed, without spaces.
pub(crate) fn print(duration: Duration) -> String {
    humantime::format_duration(duration).to_string().replace(' ', "")
}
