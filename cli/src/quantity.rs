//! Durations, sizes and counts: parsed as typed (`250ms`, `16KiB`), formatted for a person.

use std::time::Duration;

use bytesize::ByteSize;
/// Formats a number with thousands separators: `1,234,567`.
pub(crate) use workbench::format::count as format_count;

/// Longest duration accepted: a year. Clocks overflow somewhere beyond.
pub(crate) const MAX_DURATION: Duration = Duration::from_hours(366 * 24);

/// Largest size accepted: 1 TiB. No message is larger.
const MAX_SIZE: ByteSize = ByteSize::tib(1);

/// Parses a duration: numbers with units, such as `250ms`, `1.5s` or `1m30s`; without one, seconds.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    // humantime wants a digit before the point, and a unit.
    let leading_zero = if text.starts_with('.') { "0" } else { "" };
    let unit = if text.ends_with(|last: char| last.is_ascii_digit()) { "s" } else { "" };
    let duration = humantime::parse_duration(&format!("{leading_zero}{text}{unit}"));
    let duration = duration.map_err(|_| {
        "write a time in seconds or with a unit, like 250ms, 1.5s or 1m30s".to_owned()
    })?;
    if duration > MAX_DURATION {
        return Err("the time is longer than a year".to_owned());
    }
    Ok(duration)
}

/// Parses a duration of more than zero.
pub(crate) fn parse_positive_duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("the time must be more than zero".to_owned()),
        duration => Ok(duration),
    }
}

/// Parses a size in bytes, with or without a unit, such as `512`, `16KiB` or `1MB`.
pub(crate) fn parse_size(text: &str) -> Result<usize, String> {
    let size: ByteSize = text
        .parse()
        .map_err(|_| "write a size in bytes or with a unit, like 16KiB or 1MB".to_owned())?;
    if size > MAX_SIZE {
        return Err("the size is more than 1 TiB".to_owned());
    }
    usize::try_from(size.as_u64()).map_err(|_| "the size is too large for this system".to_owned())
}

/// Parses a size of more than zero.
pub(crate) fn parse_positive_size(text: &str) -> Result<usize, String> {
    match parse_size(text)? {
        0 => Err("the size must be more than zero".to_owned()),
        size => Ok(size),
    }
}

/// Formats a duration to about three digits: `1.50 ms`.
pub(crate) fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        _ if seconds < 1e-3 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 10e-3 => format!("{:.2} ms", seconds * 1e3),
        _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        _ if seconds < 60.0 => format!("{seconds:.1} s"),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

/// Formats a count of things: `1 byte`, `2 bytes`.
pub(crate) fn format_counted(count: u64, singular: &str, plural: &str) -> String {
    format!("{} {}", format_count(count), if count == 1 { singular } else { plural })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed() {
        let ms = Duration::from_millis;
        for (text, expected) in [
            ("250ms", ms(250)),
            ("1s", ms(1_000)),
            ("1 s", ms(1_000)),
            ("1.5s", ms(1_500)),
            (".5s", ms(500)),
            ("5", ms(5_000)),
            ("0.25", ms(250)),
            ("0", ms(0)),
            ("1m30s", ms(90_000)),
            ("2min", ms(120_000)),
            ("1h", ms(3_600_000)),
            ("0s", ms(0)),
            ("10us", Duration::from_micros(10)),
            ("10µs", Duration::from_micros(10)),
        ] {
            assert_eq!(parse_duration(text), Ok(expected), "{text}");
        }
        for text in ["", "s", "1x", "-1", "-1s", "1.", "..s", "9999999h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert!(parse_positive_duration("0s").is_err());
    }

    #[test]
    fn sizes_are_parsed() {
        for (text, expected) in [
            ("0", 0),
            ("32", 32),
            ("32B", 32),
            ("16KiB", 16 << 10),
            ("16kib", 16 << 10),
            ("1.5 MiB", 3 << 19),
            ("2MB", 2_000_000),
            ("1TiB", 1 << 40),
        ] {
            assert_eq!(parse_size(text), Ok(expected), "{text}");
        }
        for text in ["", "KiB", "1X", "-1", "1e3", "2000GiB", "1099511627777"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        assert!(parse_positive_size("0").is_err());
    }

    #[test]
    fn counts_and_durations_are_formatted() {
        let counts = [0, 999, 1_000, 1_234_567].map(format_count);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(format_counted(1, "byte", "bytes"), "1 byte");
        let durations = [12, 1_500, 25_000, 1_500_000, 90_000_000]
            .map(|micros| format_duration(Duration::from_micros(micros)));
        assert_eq!(durations, ["12 µs", "1.50 ms", "25 ms", "1.5 s", "1 min 30 s"]);
    }
}
