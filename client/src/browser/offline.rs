//! Has the browser keep the page, so that it opens when its server is away (`offline.js`).

/// The file of this name, as trunk copies it beside the page.
const KEEPER: &str = "offline.js";

/// Asks the browser to keep the page. Where it cannot (it does so for pages from https or from this
/// machine), the page is as good as without.
pub fn keep_page() {
    let navigator = leptos::prelude::window().navigator();
    let container = js_sys::Reflect::get(&navigator, &"serviceWorker".into());
    if container.is_ok_and(|container| !container.is_undefined()) {
        // It reports its troubles in the browser's console.
        drop(navigator.service_worker().register(KEEPER));
    }
}
