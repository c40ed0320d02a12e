//! Virtual list: visible rows and their positions.
//!
//! Only visible rows exist in the DOM. The scroll area is as high as all rows, up to the browsers'
//! limit; beyond it one scrolled pixel stands for more than one.

use std::ops::Range;

/// Maximum height of the scroll area in pixels. Firefox draws nothing beyond 17.8 million, Chromium
/// beyond 33.5 million.
const MAX_HEIGHT: f64 = 15_000_000.0;

/// Rows rendered at a time, at most, however high the window claims to be.
const MAX_RENDERED: u64 = 200;

/// Viewport over rows of equal height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Rows in the list.
    pub rows: u64,
    /// Row height in pixels; above 0.
    pub row_height: f64,
    /// Viewport height in pixels.
    pub height: f64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows stay far below 2^53, and casts from floating point saturate"
)]
impl Window {
    /// Height of the scroll area in pixels.
    #[must_use]
    pub fn scroll_height(&self) -> f64 {
        self.whole().min(MAX_HEIGHT)
    }

    /// Rows at least partly in view.
    #[must_use]
    pub fn in_view(&self, scroll_top: f64) -> Range<u64> {
        let top = self.top(scroll_top);
        let first = (top / self.row_height).floor().max(0.0) as u64;
        let end = ((top + self.height) / self.row_height).ceil().max(0.0) as u64;
        first.min(self.rows)..end.min(self.rows)
    }

    /// Rows to render: those in view and `overscan` rows beyond either edge, so that a small
    /// scroll shows no gap. At most 200, and within the list whatever the numbers.
    #[must_use]
    pub fn rendered(&self, scroll_top: f64, overscan: u64) -> Range<u64> {
        let in_view = self.in_view(scroll_top);
        let start = in_view.start.saturating_sub(overscan);
        let end = in_view.end.saturating_add(overscan).min(self.rows);
        start..end.clamp(start, start.saturating_add(MAX_RENDERED))
    }

    /// Position of `row`: pixels from the top of the scroll area.
    #[must_use]
    pub fn place(&self, row: u64, scroll_top: f64) -> f64 {
        row as f64 * self.row_height - self.top(scroll_top) + self.clamped(scroll_top)
    }

    /// Scroll offset that makes `row` the first in view, or as near as the list allows.
    #[must_use]
    pub fn scroll_to(&self, row: u64) -> f64 {
        let top = (row as f64 * self.row_height).min(self.whole() - self.height).max(0.0);
        top / self.scale()
    }

    /// Scroll offset that brings `row` into view with the least movement.
    #[must_use]
    pub fn scroll_into_view(&self, row: u64, scroll_top: f64) -> f64 {
        let top = self.top(scroll_top);
        let (begin, end) = (row as f64 * self.row_height, (row + 1) as f64 * self.row_height);
        let wanted = if begin < top {
            begin
        } else if end > top + self.height {
            end - self.height
        } else {
            return scroll_top;
        };
        wanted.max(0.0) / self.scale()
    }

    /// Pixels of rows above the viewport.
    fn top(&self, scroll_top: f64) -> f64 {
        self.clamped(scroll_top) * self.scale()
    }

    /// Browsers let a list be pulled past its ends.
    fn clamped(&self, scroll_top: f64) -> f64 {
        scroll_top.min(self.scroll_height() - self.height).max(0.0)
    }

    /// Height of all rows, in pixels.
    fn whole(&self) -> f64 {
        self.rows as f64 * self.row_height
    }

    /// Pixels of rows per scrolled pixel.
    fn scale(&self) -> f64 {
        let whole = self.whole();
        if whole <= MAX_HEIGHT {
            return 1.0;
        }
        (whole - self.height) / (MAX_HEIGHT - self.height)
    }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "a million rows and their pixels are exact"
)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHORT: Window = Window { rows: 100, row_height: 28.0, height: 280.0 };
    const MILLION: Window = Window { rows: 1_000_000, ..SHORT };

    #[test]
    fn a_short_list_scrolls_by_the_pixel() {
        assert_eq!(SHORT.scroll_height(), 2_800.0);
        assert_eq!(SHORT.in_view(0.0), 0..10);
        assert_eq!(SHORT.in_view(1.0), 0..11);
        assert_eq!(SHORT.in_view(28.0), 1..11);
        assert_eq!(SHORT.place(7, 1_234.0), 7.0 * 28.0);
        assert_eq!(SHORT.scroll_to(50), 1_400.0);
    }

    #[test]
    fn the_ends_of_a_million_rows_can_be_reached() {
        assert_eq!(MILLION.scroll_height(), MAX_HEIGHT);
        assert_eq!(MILLION.in_view(0.0), 0..10);
        assert_eq!(MILLION.in_view(MAX_HEIGHT - 280.0).end, 1_000_000);
        assert_eq!(MILLION.in_view(MILLION.scroll_to(u64::MAX >> 12)).end, 1_000_000);
    }

    #[test]
    fn visible_rows_do_not_scroll() {
        assert_eq!(SHORT.scroll_into_view(3, 0.0), 0.0);
        assert_eq!(SHORT.scroll_into_view(10, 0.0), 28.0);
        assert_eq!(SHORT.scroll_into_view(0, 100.0), 0.0);
    }

    #[test]
    fn an_empty_list_has_nothing_in_view() {
        let empty = Window { rows: 0, ..SHORT };
        assert_eq!((empty.in_view(0.0), empty.scroll_height()), (0..0, 0.0));
        assert_eq!(Window { height: 0.0, ..empty }.scroll_to(9), 0.0);
    }

    #[test]
    fn rows_in_view_are_rendered_with_an_overscan() {
        let window = |rows, height| Window { rows, row_height: 20.0, height };
        assert_eq!(window(1_000, 100.0).rendered(0.0, 8), 0..13);
        assert_eq!(window(1_000, 100.0).rendered(2_000.0, 8), 92..113);
        assert_eq!(window(3, 0.0).rendered(0.0, 8), 0..3);
        assert_eq!(window(50, 100.0).rendered(1e9, 8), 37..50, "past its end");
        assert_eq!(window(100_000, f64::MAX).rendered(0.0, 8), 0..MAX_RENDERED);
    }

    proptest! {
        #[test]
        fn rows_in_view_are_rendered(
            top in 0..1_000_u32, height in 0..1_500_u32, rows in 0..200_u64
        ) {
            let window = Window { rows, row_height: 20.0, height: f64::from(height) };
            let rendered = window.rendered(f64::from(top), 8);
            prop_assert!(rendered.start <= rendered.end && rendered.end <= rows);
            for row in 0..rows {
                let (from, to) = (row * 20, row * 20 + 20);
                let is_seen = to > u64::from(top) && from < u64::from(top + height);
                prop_assert!(!is_seen || rendered.contains(&row), "{row} {rendered:?}");
            }
        }

        #[test]
        fn any_numbers_render_a_bounded_range(
            top: f64, height: f64, row_height: f64, rows: u64, overscan: u64
        ) {
            let rendered = Window { rows, row_height, height }.rendered(top, overscan);
            prop_assert!(rendered.start <= rendered.end && rendered.end <= rows);
            prop_assert!(rendered.end - rendered.start <= MAX_RENDERED);
        }

        #[test]
        fn visible_rows_are_drawn_in_view(
            rows in 1..3_000_000_u64, height in 50.0..3_000.0, at in -0.1..1.1_f64
        ) {
            let window = Window { rows, row_height: 28.0, height };
            let scroll_top = at * (window.scroll_height() - height).max(0.0);
            let seen = window.in_view(scroll_top);
            let clamped = scroll_top.clamp(0.0, (window.scroll_height() - height).max(0.0));
            for row in [seen.start, seen.end - 1] {
                let place = window.place(row, scroll_top) - clamped;
                prop_assert!(place > -28.01 && place < height + 0.01, "{} at {}", row, place);
            }
            // As many as fit, and each below the one before.
            let fit = (height / 28.0).floor().min(rows as f64);
            prop_assert!((seen.end - seen.start) as f64 >= fit);
            let step = window.place(seen.start + 1, scroll_top) - window.place(seen.start, scroll_top);
            prop_assert!((step - 28.0).abs() < 0.01);
        }

        #[test]
        fn a_row_that_is_scrolled_to_is_in_view(
            (rows, row) in (1..3_000_000_u64).prop_flat_map(|rows| (Just(rows), 0..rows)),
            height in 50.0..3_000.0
        ) {
            let window = Window { rows, row_height: 28.0, height };
            let seen = window.in_view(window.scroll_to(row));
            prop_assert!(seen.contains(&row), "{} in {:?}", row, seen);
            let seen = window.in_view(window.scroll_into_view(row, 0.0));
            prop_assert!(seen.contains(&row), "{} in {:?}", row, seen);
        }
    }
}
