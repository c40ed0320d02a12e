//! Durations and counts for a reader; durations and sizes are parsed as by the server.

use std::time::Duration;

pub(crate) use server::quantity::{
    MAX_DURATION, parse_duration, parse_positive_duration, parse_positive_size, parse_size,
};
/// Formats a number with thousands separators: `1,234,567`. As on the page.
pub(crate) use workbench::format::count as format_count;

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

/// Formats a count of things: `1 byte`, `2 bytes`. The noun is chosen by the count alone.
pub(crate) fn format_counted(count: u64, singular: &str, plural: &str) -> String {
    format!("{} {}", format_count(count), if count == 1 { singular } else { plural })
}

#[cfg(test)]
mod tests {
    use super::*;

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
