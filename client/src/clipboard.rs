//! What is copied.

use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Copies `text`, and says whether that was done: browsers refuse it to pages that came neither by
/// https nor from this machine.
pub(crate) fn write(text: &str, done: impl FnOnce(bool) + 'static) {
    let navigator = leptos::prelude::window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| clipboard.is_undefined()) {
        return done(false);
    }
    let writing = JsFuture::from(navigator.clipboard().write_text(text));
    spawn_local(async move { done(writing.await.is_ok()) });
}
