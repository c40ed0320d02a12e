//! Where the page came from, and what its address says beside that.

use web_sys::Location;

/// The WebSocket endpoint of the server that served this page, or `None` if none did.
pub(crate) fn server_url() -> Option<String> {
    let location = location()?;
    workbench::connect::endpoint_of_page(&location.protocol().ok()?, &location.host().ok()?)
}

/// The page's address without query and fragment.
pub(crate) fn page_url() -> Option<String> {
    let location = location()?;
    Some(location.origin().ok()? + &location.pathname().ok()?)
}

/// The fragment of the page's address, with its `#`; empty if there is none.
pub(crate) fn fragment() -> String {
    location().and_then(|location| location.hash().ok()).unwrap_or_default()
}

/// Takes the fragment out of the page's address: a reload does not bring it again.
pub(crate) fn drop_fragment() {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let (Some(history), Some(url)) = (history, page_url()) {
        let search = location().and_then(|location| location.search().ok()).unwrap_or_default();
        // Fails only for an address of another server.
        let _ = history.replace_state_with_url(&"".into(), "", Some(&(url + &search)));
    }
}

fn location() -> Option<Location> {
    Some(web_sys::window()?.location())
}
