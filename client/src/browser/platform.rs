//! Platform of the browser.

/// True on macOS. By `navigator.platform`: deprecated, but supported by every browser.
pub(crate) fn is_mac() -> bool {
    let platform = leptos::prelude::window().navigator().platform();
    platform.is_ok_and(|platform| platform.starts_with("Mac"))
}
