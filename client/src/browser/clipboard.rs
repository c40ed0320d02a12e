//! What is copied.

use leptos::ev;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{Shell, engine::shell::Notice};

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

/// Copies `text`, and has the tab say `notice` when that is done.
pub(crate) fn copy(shell: Shell, text: &str, notice: Notice) {
    write(text, move |is_done| {
        shell.notify(if is_done { notice } else { Notice::NotCopied });
    });
}

/// The text that is being pasted.
pub(crate) fn pasted(event: &ev::ClipboardEvent) -> String {
    event.clipboard_data().and_then(|data| data.get_data("text").ok()).unwrap_or_default()
}
