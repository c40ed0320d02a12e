//! Address of the page: its server and its fragment.

use wasm_bindgen::JsCast;
use web_sys::{Location, Window};

/// WebSocket endpoint of the server that served the page, in a page or a worker; `None` for a page
/// from a file. A scheme of `https:` gives `wss:`.
pub(crate) fn server_url() -> Option<String> {
    // The location of a worker has the same parts.
    let location = js_sys::global().unchecked_into::<Window>().location();
    workbench::connect::endpoint_of_page(&location.protocol().ok()?, &location.host().ok()?)
}

/// True for a page over TLS, where browsers refuse `ws:` (mixed content).
pub(crate) fn is_page_secure() -> bool {
    server_url().is_some_and(|url| url.starts_with("wss:"))
}

/// Address of the page, without query and fragment. Share links are built on it.
pub(crate) fn page_url() -> Option<String> {
    let location = location()?;
    Some(location.origin().ok()? + &location.pathname().ok()?)
}

/// Fragment of the page's address, with its `#`; empty if there is none. Share links are read from
/// it.
pub(crate) fn fragment() -> String {
    location().and_then(|location| location.hash().ok()).unwrap_or_default()
}

/// Removes the fragment from the page's address, so that a reload does not apply it again. The
/// query stays.
pub(crate) fn drop_fragment() {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let (Some(history), Some(url)) = (history, page_url()) {
        let search = location().and_then(|location| location.search().ok()).unwrap_or_default();
        // Fails only for an address of another origin.
        let _ = history.replace_state_with_url(&"".into(), "", Some(&(url + &search)));
    }
}

/// Location of the page; `None` in a worker.
fn location() -> Option<Location> {
    Some(web_sys::window()?.location())
}
