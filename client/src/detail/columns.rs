//! Width of a scrolled element in characters of a monospaced font.

use leptos::{html, prelude::*};

use crate::browser::dom::resize::on_resize;

/// Characters that the probe is wide: their width is seldom a whole number of pixels.
const PROBE: i32 = 100;

/// Columns before the element is laid out.
const USUAL: usize = 80;

/// Characters that fit beside each other in `element`. The `probe`, an empty element of class
/// `probe` with the same font, has to be rendered beside it. Follows the element's size. [`USUAL`]
/// before it is laid out.
pub(super) fn columns(element: NodeRef<html::Div>, probe: NodeRef<html::Div>) -> Memo<usize> {
    let columns = RwSignal::new(USUAL);
    on_resize(element, move || {
        let width = |node: NodeRef<html::Div>| {
            node.try_get_untracked().flatten().map(|it| it.client_width())
        };
        if let (Some(width), Some(probe @ 1..)) = (width(element), width(probe)) {
            columns.try_set(usize::try_from(width * PROBE / probe).unwrap_or(USUAL));
        }
    });
    Memo::new(move |_| columns.get())
}
