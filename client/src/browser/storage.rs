//! What this browser remembers for the page: texts by name, in its local storage, and what belongs to
//! one window in its session storage, too.
//!
//! A browser may forbid it, and it may be full. Then nothing is remembered, and what is on the
//! screen stays as it is.

use leptos::prelude::*;
use web_sys::Storage;

/// What was stored under `name`; `None` if there is nothing, or it cannot be read.
pub(crate) fn get(name: &str) -> Option<String> {
    all_windows()?.get_item(name).ok()?
}

/// Stores `text` under `name`. Returns whether it will be there next time.
pub(crate) fn set(name: &str, text: &str) -> bool {
    all_windows().is_some_and(|storage| storage.set_item(name, text).is_ok())
}

/// What this window stored under `name`; in a new one, what any window stored last.
pub(crate) fn get_of_window(name: &str) -> Option<String> {
    this_window().and_then(|storage| storage.get_item(name).ok()?).or_else(|| get(name))
}

/// Stores `text` under `name` for this window, and for the next new one. Returns whether it will be
/// there for both.
pub(crate) fn set_of_window(name: &str, text: &str) -> bool {
    let is_here = this_window().is_some_and(|storage| storage.set_item(name, text).is_ok());
    set(name, text) && is_here
}

/// A signal that is remembered under `name`, as text. It begins as `otherwise` where there is none
/// that `read` understands.
pub(crate) fn remembered<T: Clone + Send + Sync + 'static>(
    name: &'static str,
    otherwise: T,
    read: impl Fn(&str) -> Option<T>,
    write: impl Fn(&T) -> String + 'static,
) -> RwSignal<T> {
    let signal = RwSignal::new(get(name).and_then(|text| read(&text)).unwrap_or(otherwise));
    Effect::new(move || {
        let text = signal.with(&write);
        let _ = set(name, &text);
    });
    signal
}

/// Where storage is forbidden, asking for it throws.
fn all_windows() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn this_window() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}
