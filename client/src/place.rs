//! Where the page came from.

/// The WebSocket endpoint of the server that served this page, or `None` if none did.
pub(crate) fn server_url() -> Option<String> {
    let location = web_sys::window()?.location();
    workbench::endpoint_of_page(&location.protocol().ok()?, &location.host().ok()?)
}
