//! Static frame of `index.html`: the first paint, before any WebAssembly has come.

use leptos::prelude::document;

/// Id of the frame in `index.html`.
const FRAME: &str = "frame";

/// Removes the frame. The page must be mounted in the same task, so that no empty page is painted.
pub fn remove_frame() {
    if let Some(frame) = document().get_element_by_id(FRAME) {
        frame.remove();
    }
}
