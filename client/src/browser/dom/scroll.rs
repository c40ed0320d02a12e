//! Scrolling.

use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use super::focus::find;

/// Scrolls the first element that matches `selector` into view, as little as needed. Nothing moves
/// if it is in view.
pub(crate) fn scroll_into_view(selector: &str) {
    if let Some(element) = find(selector) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
