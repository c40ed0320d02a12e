//! Times and sizes as people write them: `250ms`, `1m30s`, `16KiB`; and bytes as hexadecimal.

use std::{fmt::Write, time::Duration};

/// Nanoseconds in each unit of time.
const TIMES: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("min", 60e9),
    ("h", 3600e9),
];

/// Bytes in each unit of size, in small letters.
const SIZES: [(&str, usize); 8] = [
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

/// The longest time that is understood: a year. Clocks overflow somewhere beyond.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// Reads a time: numbers, each with its unit.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a time is a number with a unit, like 250ms, 1.5s or 1m30s".to_owned();
    let mut rest = text;
    let mut nanos = 0.0;
    while !rest.is_empty() {
        let (number, after) = split_number(rest).ok_or_else(wrong)?;
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, factor) = TIMES.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        nanos += number * factor;
        rest = after;
    }
    if text.is_empty() {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(nanos / 1e9)
        .ok()
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| "that is longer than a year".to_owned())
}

/// A time that is not zero.
pub(crate) fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("it must be more than zero".to_owned()),
        duration => Ok(duration),
    }
}

/// Reads a size in bytes: a number, with a unit if it is not bytes.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let wrong = || "a size is a number of bytes, or one with a unit, like 16KiB or 1MB".to_owned();
    let (number, unit) = split_number(text).ok_or_else(wrong)?;
    let unit = unit.trim_start().to_ascii_lowercase();
    let (_, factor) = SIZES.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    #[expect(clippy::cast_precision_loss, reason = "units are exact")]
    let bytes = number * *factor as f64;
    // Up to here every whole number is exact; and no message is larger.
    if bytes > 2_f64.powi(40) {
        return Err("that is more than 1 TiB".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Ok(bytes.round() as usize)
}

/// A size that is not zero.
pub(crate) fn positive_size(text: &str) -> Result<usize, String> {
    match size(text)? {
        0 => Err("it must be more than zero".to_owned()),
        size => Ok(size),
    }
}

fn split_number(text: &str) -> Option<(f64, &str)> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    Some((number.parse().ok()?, rest))
}

/// A time as a person reads it: three digits or so, with its unit.
pub(crate) fn show_duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        _ if seconds < 1e-3 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 10e-3 => format!("{:.2} ms", seconds * 1e3),
        _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        _ if seconds < 60.0 => format!("{seconds:.1} s"),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

/// A number with its thousands parted.
pub(crate) fn show_count(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1 byte`, `2 bytes`: a count of things.
pub(crate) fn show_counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", show_count(count), if count == 1 { one } else { many })
}

/// Pairs of hexadecimal digits, without anything between.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads pairs of hexadecimal digits, with spaces between as one likes.
pub(crate) fn from_hex(text: &str) -> Result<Vec<u8>, String> {
    let mut digits = Vec::new();
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        let digit = character.to_digit(16);
        let digit = digit.ok_or_else(|| format!("'{character}' is not a hexadecimal digit"))?;
        digits.push(u8::try_from(digit).unwrap_or_default());
    }
    if !digits.len().is_multiple_of(2) {
        return Err("the last byte has only one hexadecimal digit".to_owned());
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let ms = Duration::from_millis;
        for (text, expected) in [
            ("250ms", ms(250)),
            ("1s", ms(1_000)),
            ("1.5s", ms(1_500)),
            ("1m30s", ms(90_000)),
            ("2min", ms(120_000)),
            ("1h", ms(3_600_000)),
            ("0s", ms(0)),
            ("10us", Duration::from_micros(10)),
        ] {
            assert_eq!(duration(text), Ok(expected), "{text}");
        }
        for text in ["", "1", "s", "1x", "-1s", "1s2", "..s", "1 s", "9999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(positive_duration("0s").is_err());
    }

    #[test]
    fn sizes_are_read() {
        for (text, expected) in [
            ("0", 0),
            ("32", 32),
            ("32B", 32),
            ("16KiB", 16 << 10),
            ("16kib", 16 << 10),
            ("1.5 MiB", 3 << 19),
            ("2MB", 2_000_000),
        ] {
            assert_eq!(size(text), Ok(expected), "{text}");
        }
        for text in ["", "KiB", "1K", "-1", "1e3", "2000GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(from_hex("00 ff1B"), Ok(vec![0, 255, 27]));
        assert_eq!(to_hex(&[0, 255, 27]), "00ff1b");
        assert_eq!(from_hex("0g"), Err("'g' is not a hexadecimal digit".into()));
        assert_eq!(from_hex("123"), Err("the last byte has only one hexadecimal digit".into()));
    }

    #[test]
    fn counts_and_times_are_shown() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(show_count), ["0", "999", "1,000", "1,234,567"]);
        let shown = [12, 1_500, 25_000, 1_500_000, 90_000_000]
            .map(|micros| show_duration(Duration::from_micros(micros)));
        assert_eq!(shown, ["12 µs", "1.50 ms", "25 ms", "1.5 s", "1 min 30 s"]);
    }
}
