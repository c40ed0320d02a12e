//! What this browser remembers for the page: texts by name, in its local storage.
//!
//! A browser may forbid it, and it may be full. Then nothing is remembered, and what is on the
//! screen stays as it is.

use web_sys::Storage;

/// What was stored under `name`; `None` if there is nothing, or it cannot be read.
pub(crate) fn get(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Stores `text` under `name`. Returns whether it will be there next time.
pub(crate) fn set(name: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(name, text).is_ok())
}

/// Where storage is forbidden, asking for it throws.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
