//! Visible rows of a long list.

use std::ops::Range;

/// Margin rows above and below the view, so that small scrolls show no gap.
const MARGIN: usize = 8;
/// Maximum number of rendered rows.
const MAX_ROWS: usize = 100;

/// Rows to render of `count` rows, each `row` pixels high, in a view of `height` pixels scrolled by
/// `top`. The range is always within the list.
#[must_use]
pub fn rows_in_view(top: f64, height: f64, row: f64, count: usize) -> Range<usize> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let rows = |pixels: f64| (pixels / row) as usize;
    // A shortened list may still be scrolled past its end.
    let first = rows(top).min(count.saturating_sub(rows(height)));
    let start = first.saturating_sub(MARGIN);
    let end = first.saturating_add(rows(height)).saturating_add(1 + MARGIN).min(count);
    start..end.min(start + MAX_ROWS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn visible_rows_are_rendered_with_a_margin() {
        assert_eq!(rows_in_view(0.0, 100.0, 20.0, 1_000), 0..14);
        assert_eq!(rows_in_view(2_000.0, 100.0, 20.0, 1_000), 92..114);
        assert_eq!(rows_in_view(0.0, 0.0, 20.0, 3), 0..3);
    }

    #[test]
    fn a_list_scrolled_past_its_end_shows_its_end() {
        assert_eq!(rows_in_view(1e9, 100.0, 20.0, 50), 37..50);
    }

    #[test]
    fn rendered_rows_are_bounded() {
        assert_eq!(rows_in_view(0.0, f64::MAX, 20.0, 100_000), 0..MAX_ROWS);
    }

    proptest! {
        #[test]
        fn visible_rows_are_rendered_within_the_list(
            top in 0..1_000_u32, height in 0..1_500_u32, count in 0..200_usize
        ) {
            let made = rows_in_view(f64::from(top), f64::from(height), 20.0, count);
            prop_assert!(made.start <= made.end && made.end <= count);
            for row in 0..count {
                let (from, to) = (row * 20, row * 20 + 20);
                let is_seen = to > top as usize && from < (top + height) as usize;
                prop_assert!(!is_seen || made.contains(&row), "{row} {made:?}");
            }
        }

        #[test]
        fn arbitrary_numbers_do_not_panic(top: f64, height: f64, row: f64, count: usize) {
            let made = rows_in_view(top, height, row, count);
            prop_assert!(made.start <= made.end && made.end <= count && made.len() <= MAX_ROWS);
        }
    }
}
