//! Service worker that caches the page, so that it opens without its server (`offline.js`).

/// Script of the service worker, copied beside the page by trunk.
const SCRIPT: &str = "offline.js";

/// Registers the service worker. Does nothing outside of secure contexts (HTTPS or localhost).
pub fn register_service_worker() {
    let navigator = leptos::prelude::window().navigator();
    let container = js_sys::Reflect::get(&navigator, &"serviceWorker".into());
    if container.is_ok_and(|container| !container.is_undefined()) {
        // Errors are reported in the browser's console.
        drop(navigator.service_worker().register(SCRIPT));
    }
}
