//! A count of bytes in words.

/// `512 B`, `256 KiB`, `1.5 MiB`: at most one digit after the point, rounded down, so that a part
/// never reads as more than there is.
#[must_use]
pub fn size_in_words(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    let (mut unit, mut shift) = ("B", 0_u32);
    for larger in UNITS {
        if bytes >> shift < 1_024 {
            break;
        }
        (unit, shift) = (larger, shift + 10);
    }
    let whole = bytes >> shift;
    let tenth = ((bytes - (whole << shift)) >> shift.saturating_sub(10)) * 10 / 1_024;
    if tenth == 0 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_the_unit_that_keeps_it_short() {
        let expected = [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_536, "1.5 KiB"),
            (256 << 10, "256 KiB"),
            ((1 << 20) - 1, "1023.9 KiB"),
            (50 << 20, "50 MiB"),
            (1 << 40, "1024 GiB"),
            (u64::MAX, "17179869183.9 GiB"),
        ];
        for (bytes, words) in expected {
            assert_eq!(size_in_words(bytes), words);
        }
    }
}
