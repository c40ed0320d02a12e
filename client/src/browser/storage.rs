//! Local storage, shared by all windows, and session storage, for one window: texts by key.
//!
//! Reads nothing and stores nothing where the browser forbids storage or its quota is used up.

use leptos::prelude::*;
use web_sys::Storage;

/// Text stored under `key`, if there is any.
pub(crate) fn get(key: &str) -> Option<String> {
    local_storage()?.get_item(key).ok()?
}

/// Stores `text` under `key`. Returns `true` on success.
pub(crate) fn set(key: &str, text: &str) -> bool {
    local_storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// Text that this window stored under `key`; in a new window, what any window stored last.
pub(crate) fn get_of_window(key: &str) -> Option<String> {
    session_storage().and_then(|storage| storage.get_item(key).ok()?).or_else(|| get(key))
}

/// `true` if this window stored a text under `key`: its page was reloaded.
pub(crate) fn is_of_window(key: &str) -> bool {
    session_storage().is_some_and(|storage| matches!(storage.get_item(key), Ok(Some(_))))
}

/// Stores `text` under `key`, for this window and as the start of new ones. Returns `true` if both
/// succeeded.
pub(crate) fn set_of_window(key: &str, text: &str) -> bool {
    let is_here = session_storage().is_some_and(|storage| storage.set_item(key, text).is_ok());
    set(key, text) && is_here
}

/// Signal whose value is stored under `key`. Starts with the stored value, or with `default` if there is
/// none that `read` can parse.
pub(crate) fn remembered<T: Clone + Send + Sync + 'static>(
    key: &'static str,
    default: T,
    read: impl Fn(&str) -> Option<T>,
    write: impl Fn(&T) -> String + 'static,
) -> RwSignal<T> {
    let signal = RwSignal::new(get(key).and_then(|text| read(&text)).unwrap_or(default));
    Effect::new(move || {
        let text = signal.with(&write);
        let _ = set(key, &text);
    });
    signal
}

/// Local storage; accessing it throws where storage is forbidden.
fn local_storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn session_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}
