//! Display formats of sizes, durations and counts.

use std::time::Duration;

/// Formats a size, rounded to at most three digits: `2 B`, `1.5 KiB`, `50 MiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let (mut unit, mut index) = (1_024, 0);
    // 999.5 would be shown with four digits.
    while u128::from(bytes) * 2 >= unit * 1_999 && index + 1 < UNITS.len() {
        unit *= 1_024;
        index += 1;
    }
    format!("{} {}", trimmed(&three_digits(bytes.into(), unit)), UNITS[index])
}

/// Formats a duration: `85 µs`, `5.00 ms`, `2.1 s`, `3 min 5 s`, `2 h 7 min`. Milliseconds stand in columns: all of
/// them have three digits.
#[must_use]
pub fn span(time: Duration) -> String {
    let micros = time.as_micros();
    let seconds = time.as_secs();
    match seconds {
        0 if micros < 100 => format!("{micros} µs"),
        0 if micros < 999_500 => format!("{} ms", three_digits(micros, 1_000)),
        ..60 => format!("{} s", trimmed(&three_digits(micros, 1_000_000))),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

/// Microseconds in the unit of the highest mark of an axis, so that all of its marks have one.
#[must_use]
pub fn mark(micros: u64, top: u64) -> String {
    let (unit, name) = match top {
        ..1_000 => (1, "µs"),
        1_000..1_000_000 => (1_000, "ms"),
        _ => (1_000_000, "s"),
    };
    format!("{} {name}", trimmed(&three_digits(micros.into(), unit)))
}

/// Groups digits by thousands: `1,234,567`.
#[must_use]
pub fn count(number: u64) -> String {
    match number {
        ..1_000 => number.to_string(),
        _ => format!("{},{:03}", count(number / 1_000), number % 1_000),
    }
}

/// `amount` in `unit`s, with as many of two decimals as make three digits. Whole numbers: in a page, the
/// formatting of floating-point numbers would be used for this alone, and is 5 KB.
fn three_digits(amount: u128, unit: u128) -> String {
    let rounded = |scale| (amount * scale * 2 + unit) / (unit * 2);
    match (rounded(100), rounded(10)) {
        (it @ ..1_000, _) => format!("{}.{:02}", it / 100, it % 100),
        (_, it @ ..1_000) => format!("{}.{}", it / 10, it % 10),
        _ => rounded(1).to_string(),
    }
}

/// Number without zeros at the end of its decimals.
fn trimmed(number: &str) -> &str {
    let is_whole = !number.contains('.');
    if is_whole { number } else { number.trim_end_matches('0').trim_end_matches('.') }
}

/// Thousandths as a percentage: of less than ten percent with a decimal, since `0 %` would be of nothing.
#[must_use]
pub fn percent(thousandths: u64) -> String {
    match thousandths {
        0 => "< 0.1 %".to_owned(),
        1..100 => format!("{}.{} %", thousandths / 10, thousandths % 10),
        _ => format!("{} %", (thousandths + 5) / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_percentage_has_a_decimal() {
        assert_eq!(
            [0, 2, 99, 100, 144, 1_405].map(percent),
            ["< 0.1 %", "0.2 %", "9.9 %", "10 %", "14 %", "141 %"]
        );
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        for (bytes, expected) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_536, "1.5 KiB"),
            (10_300, "10.1 KiB"),
            (1_023 * 1_024, "1 MiB"),
            (50 << 20, "50 MiB"),
            (u64::MAX, "16384 PiB"),
        ] {
            assert_eq!(size(bytes), expected, "{bytes}");
        }
    }

    #[test]
    fn spans_have_the_unit_that_fits() {
        for (micros, expected) in [
            (0, "0 µs"),
            (85, "85 µs"),
            (900, "0.90 ms"),
            (5_000, "5.00 ms"),
            (10_040, "10.0 ms"),
            (250_000, "250 ms"),
            (12_340, "12.3 ms"),
            (999_600, "1 s"),
            (2_100_000, "2.1 s"),
            (59_990_000, "60 s"),
            (185_000_000, "3 min 5 s"),
            (7_620_000_000, "2 h 7 min"),
        ] {
            assert_eq!(span(Duration::from_micros(micros)), expected, "{micros}");
        }
    }

    #[test]
    fn the_marks_of_an_axis_have_one_unit() {
        assert_eq!([15_000, 5_000, 0].map(|it| mark(it, 15_000)), ["15 ms", "5 ms", "0 ms"]);
        assert_eq!([1_000, 200].map(|it| mark(it, 1_000)), ["1 ms", "0.2 ms"]);
        assert_eq!([500_000, 1_500_000].map(|it| mark(it, 1_500_000)), ["0.5 s", "1.5 s"]);
        assert_eq!(mark(20, 80), "20 µs");
    }

    #[test]
    fn counts_are_grouped_by_three() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(count(number), expected);
        }
    }
}
