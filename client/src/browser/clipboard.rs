//! Clipboard: copying, the selection, and pasted text.

use leptos::ev;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Copies `text`; `done` gets `true` on success. Browsers refuse outside of secure contexts (HTTPS
/// or localhost). `done` is called in a later task, or at once in an insecure context.
pub(crate) fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let navigator = leptos::prelude::window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| clipboard.is_undefined()) {
        return done(false);
    }
    let writing = JsFuture::from(navigator.clipboard().write_text(text));
    spawn_local(async move { done(writing.await.is_ok()) });
}

/// True if text is selected, which the browser copies by itself. A handler of Ctrl+C leaves it to
/// the browser then.
pub(crate) fn has_selection() -> bool {
    let selection = leptos::prelude::window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// Text of a `paste` event; empty if there is none. Only plain text is read.
pub(crate) fn pasted(event: &ev::ClipboardEvent) -> String {
    event.clipboard_data().and_then(|data| data.get_data("text").ok()).unwrap_or_default()
}
