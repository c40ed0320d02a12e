//! Timestamps (RFC 3339): `2026-01-02T03:04:05.678901Z`.

use std::{fmt, str::FromStr};

use crate::Time;

/// Microseconds in a second.
const SECOND: u64 = 1_000_000;
/// Seconds in a day.
const DAY: u64 = 24 * 60 * 60;

/// Formats in UTC with microseconds.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0 / SECOND, self.0 % SECOND);
        let (year, month, day) = civil_date(seconds / DAY);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

/// Invalid timestamp, or one before 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeError;

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time like 2026-01-02T03:04:05.678901Z")
    }
}

/// Parses any UTC offset, and any fraction of a second, truncated to microseconds.
impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        parse(text.as_bytes()).ok_or(TimeError)
    }
}

/// Parses a time from 1970 on, with any offset and any number of digits of a fraction.
fn parse(text: &[u8]) -> Option<Time> {
    let (date, rest) = text.split_at_checked(10)?;
    let (clock, rest) = rest.split_at_checked(9)?;
    let [b'T' | b't' | b' ', clock @ ..] = clock else { return None };
    let [year, month, day] = numbers(date, b'-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, b':', [2, 2, 2])?;
    // A leap second (60) is the first moment of the next minute.
    if year < 1970 || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_since_1970(year, month, day)?;
    let (micros, offset) = match rest {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, offset) = rest.split_at(digits);
            let micros = (0..6).fold(0, |micros, place| {
                micros * 10 + fraction.get(place).map_or(0, |digit| u64::from(digit - b'0'))
            });
            (Some(micros).filter(|_| digits > 0)?, offset)
        }
        offset => (0, offset),
    };
    let seconds = days * DAY + hour * 3600 + minute * 60 + second;
    let seconds = match offset {
        b"Z" | b"z" => Some(seconds),
        [b'+', ahead @ ..] => seconds.checked_sub(offset_seconds(ahead)?),
        [b'-', behind @ ..] => seconds.checked_add(offset_seconds(behind)?),
        _ => None,
    };
    Some(Time(seconds? * SECOND + micros))
}

/// Seconds of `hh:mm`, without its sign.
fn offset_seconds(text: &[u8]) -> Option<u64> {
    let [hours, minutes] = numbers(text, b':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)
}

/// Parses numbers with exactly these digit counts, separated by `separator`.
fn numbers<const N: usize>(text: &[u8], separator: u8, digits: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(|byte| *byte == separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        for byte in part {
            *number = *number * 10 + u64::from(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
    }
    parts.next().is_none().then_some(numbers)
}

/// Days in an era of the Gregorian calendar, 400 years.
const ERA: u64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01. The year is taken to begin in March, so that a leap day is
/// its last.
const BEFORE_1970: u64 = 719_468;

/// Year, month and day in the Gregorian calendar, counted in eras of 400 years.
fn civil_date(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + BEFORE_1970;
    let (era, day_of_era) = (days / ERA, days % ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// `None` for a day that the calendar does not have.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let march_year = year - u64::from(month <= 2);
    let (era, year_of_era) = (march_year / 400, march_year % 400);
    let march_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * ERA + day_of_era - BEFORE_1970;
    (civil_date(days) == (year, month, day)).then_some(days)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_767_323_045_678_901, "2026-01-02T03:04:05.678901Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Time(micros).to_string(), text);
            assert_eq!(text.parse(), Ok(Time(micros)));
        }
    }

    #[test]
    fn offsets_and_short_fractions_are_understood() {
        let expected = Ok(Time(1_767_323_045_600_000));
        for text in [
            "2026-01-02T03:04:05.6Z",
            "2026-01-02 03:04:05.600000999z",
            "2026-01-02T12:04:05.6+09:00",
            "2026-01-01T21:34:05.6-05:30",
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn other_text_is_not_a_time() {
        for text in [
            "",
            "yesterday",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05.Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-02T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
            "2026-01-02T03:04:05+9:00",
        ] {
            assert_eq!(text.parse::<Time>(), Err(TimeError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn output_parses_back(micros in 0..253_402_300_800_000_000_u64) {
            prop_assert_eq!(Time(micros).to_string().parse(), Ok(Time(micros)));
        }

        #[test]
        fn arbitrary_text_does_not_panic(text in "[0-9TZ:.+ -]{0,40}") {
            let _ = text.parse::<Time>();
        }
    }
}
