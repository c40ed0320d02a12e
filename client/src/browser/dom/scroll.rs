//! Scrolling.

use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// Scrolls the element with this id into view, as little as needed.
pub(crate) fn scroll_into_view(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(element) = document.and_then(|document| document.get_element_by_id(id)) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
