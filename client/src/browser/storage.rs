//! Local storage, shared by all windows, and session storage, for one window: texts by key.
//!
//! Reads nothing and stores nothing where the browser forbids storage or its quota is used up.

use leptos::{ev, prelude::*};
use web_sys::Storage;

/// Text stored under `key`, if there is any. A text of any window: a reader has to expect another
/// version's.
pub(crate) fn get(key: &str) -> Option<String> {
    local_storage()?.get_item(key).ok()?
}

/// Stores `text` under `key`. Returns `true` on success. Other windows get a `storage` event.
pub(crate) fn set(key: &str, text: &str) -> bool {
    local_storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// Removes the text stored under `key`. Does nothing if there is none.
pub(crate) fn remove(key: &str) {
    if let Some(storage) = local_storage() {
        let _ = storage.remove_item(key);
    }
}

/// Keys that begin with `prefix`, in no order. Linear in the number of keys.
pub(crate) fn keys_with(prefix: &str) -> Vec<String> {
    let Some(storage) = local_storage() else { return Vec::new() };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok()?);
    keys.filter(|key| key.starts_with(prefix)).collect()
}

/// Calls `act` whenever another window has changed or removed the text under `key`, which may have changed again
/// by then. Ends with the current owner. Neither changes by this window call it, nor the clearing of the whole
/// storage, by which somebody wants all of it gone.
pub(crate) fn on_change(key: String, act: impl Fn() + 'static) {
    let changed = window_event_listener(ev::storage, move |event| {
        if event.key().as_ref() == Some(&key) {
            act();
        }
    });
    on_cleanup(move || changed.remove());
}

/// Text that this window stored under `key`. Survives a reload, and ends with the window. A
/// duplicated tab begins with a copy.
pub(crate) fn get_of_window(key: &str) -> Option<String> {
    session_storage()?.get_item(key).ok()?
}

/// Stores `text` under `key` for this window alone. Returns `true` on success.
pub(crate) fn set_of_window(key: &str, text: &str) -> bool {
    session_storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// Signal whose value is stored under `key`. Starts with the stored value, or with `default` if
/// there is none that `read` can parse. A failure to store is ignored: the signal still serves this
/// window.
pub(crate) fn remembered<T: Clone + Send + Sync + 'static>(
    key: &'static str,
    default: T,
    read: impl Fn(&str) -> Option<T>,
    write: impl Fn(&T) -> String + 'static,
) -> RwSignal<T> {
    let signal = RwSignal::new(get(key).and_then(|text| read(&text)).unwrap_or(default));
    store_on_change(key, Box::new(move || signal.with(&write)));
    signal
}

/// Stores `text` under `key` when a signal that it reads changes. A default is not stored: that of a
/// later version, or of a browser in another language, may differ.
fn store_on_change(key: &'static str, text: Box<dyn Fn() -> String>) {
    Effect::new(move |before: Option<()>| {
        let text = text();
        if before.is_some() {
            let _ = set(key, &text);
        }
    });
}

/// Local storage; accessing it throws where storage is forbidden.
fn local_storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Session storage, on the same condition.
fn session_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}
