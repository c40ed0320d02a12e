//! Failure of the page: a panic, after which parts of it may answer no more.

use std::panic;

use leptos::{logging::error, prelude::document};

/// Shows the result of `text` below the page once it panics, and the reason in the console. Only
/// the first panic is shown. The hook runs before WebAssembly traps, so that it uses the DOM
/// directly, no signals.
pub(crate) fn announce_panics(text: fn() -> &'static str) {
    panic::set_hook(Box::new(move |info| {
        let reason = info.to_string();
        error!("{reason}");
        let (Some(body), Ok(alert)) = (document().body(), document().create_element("p")) else {
            return;
        };
        if body.has_attribute("data-failure") {
            return;
        }
        // For the tests, which fail by it.
        let _ = body.set_attribute("data-failure", &reason);
        let _ = alert.set_attribute("role", "alert");
        alert.set_class_name("failure");
        alert.set_text_content(Some(text()));
        let _ = body.append_child(&alert);
    }));
}
