//! Durations as typed and printed: `250ms`, `2s`, `1m30s`.

use std::time::Duration;

/// Longest duration of a step: a day. A run waits no longer for any event.
pub(crate) const LONGEST: Duration = Duration::from_hours(24);

/// Parses a duration with its unit. The error is the beginning of a sentence, without its full
/// stop: none, an unknown unit, or longer than a day.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| {
        format!("'{text}' is not a duration. Write a number and a unit, like 250ms or 2s")
    })?;
    if duration > LONGEST {
        return Err(format!("{text} is longer than a day"));
    }
    Ok(duration)
}

/// Prints a duration as it is typed, without spaces. `parse` reads it again.
pub(crate) fn print(duration: Duration) -> String {
    humantime::format_duration(duration).to_string().replace(' ', "")
}
