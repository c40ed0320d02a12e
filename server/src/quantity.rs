//! Durations and sizes as flags take them: `250ms`, `1m30s`, `16KiB`.

use std::time::Duration;

use bytesize::ByteSize;

/// Longest duration accepted: a year. Clocks overflow somewhere beyond.
pub const MAX_DURATION: Duration = Duration::from_hours(366 * 24);

/// Largest size accepted: 1 TiB. No message is larger.
const MAX_SIZE: ByteSize = ByteSize::tib(1);

/// Parses a duration: numbers with units, such as `250ms`, `1.5s` or `1m30s`; without one, seconds.
///
/// # Errors
///
/// A sentence for text of another form, and for more than a year.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    // humantime wants a digit before the point, and a unit after each number.
    let leading_zero = if text.starts_with('.') { "0" } else { "" };
    let is_number = text.ends_with(|last: char| last.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let unit = if is_number { "s" } else { "" };
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
///
/// # Errors
///
/// As [`parse_duration`], and zero.
pub fn parse_positive_duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("the time must be more than zero".to_owned()),
        duration => Ok(duration),
    }
}

/// Parses a size in bytes, with or without a unit, such as `512`, `16KiB` or `1MB`.
///
/// # Errors
///
/// A sentence for text of another form, and for more than 1 TiB or than this system can address.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let size: ByteSize = text
        .parse()
        .map_err(|_| "write a size in bytes or with a unit, like 16KiB or 1MB".to_owned())?;
    if size > MAX_SIZE {
        return Err("the size is more than 1 TiB".to_owned());
    }
    usize::try_from(size.as_u64()).map_err(|_| "the size is too large for this system".to_owned())
}

/// Parses a size of more than zero.
///
/// # Errors
///
/// As [`parse_size`], and zero.
pub fn parse_positive_size(text: &str) -> Result<usize, String> {
    match parse_size(text)? {
        0 => Err("the size must be more than zero".to_owned()),
        size => Ok(size),
    }
}

/// Formats a duration as [`parse_duration`] reads it: `1m 30s`.
pub(crate) fn format_exact_duration(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// Formats a size as [`parse_size`] reads it, in the largest unit that leaves no rest: `16KiB`, `1000`.
pub(crate) fn format_size(bytes: usize) -> String {
    const UNITS: [(usize, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = UNITS.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    let (unit, name) = whole.unwrap_or((1, ""));
    format!("{}{name}", bytes / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_printed_in_the_largest_unit_that_leaves_no_rest() {
        let sizes = [0, 1_023, 1 << 10, (1 << 20) + (1 << 10), 16 << 20, 1 << 30].map(format_size);
        assert_eq!(sizes, ["0", "1023", "1KiB", "1025KiB", "16MiB", "1GiB"]);
    }

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
        for text in ["", "s", "1x", "-1", "-1s", "1.", "..s", "9999999h", "1h30", "10ms5", "1 5"] {
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
}
