//! Scrolling.

use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// Scrolls the first element that matches `selector` into view, as little as needed. Nothing moves
/// if it is in view.
pub(crate) fn scroll_into_view(selector: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(element) = document.and_then(|it| it.query_selector(selector).ok()?) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
