//! Waiting, scripts, and a view in an element of its own.

#![allow(dead_code, reason = "each test program uses a part")]

use gloo_timers::future::TimeoutFuture;
use leptos::{
    mount::{UnmountHandle, mount_to},
    prelude::*,
    tachys::{dom::body, view::any_view::AnyViewState},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, KeyboardEventInit};

/// Interval of polls, in milliseconds.
pub(crate) const GLANCE_MILLIS: u32 = 10;
/// Ten seconds: reached only when something is wrong.
const GLANCES: u32 = 1_000;

/// Waits until `is_so`.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..GLANCES {
        if is_so() {
            return;
        }
        TimeoutFuture::new(GLANCE_MILLIS).await;
    }
    panic!("{what} did not come to be: {}", body().inner_text());
}

/// Presses a key on `element`.
pub(crate) fn press(element: &Element, key: &str) {
    let event = KeyboardEventInit::new();
    event.set_key(key);
    event.set_bubbles(true);
    event.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &event).unwrap();
    element.dispatch_event(&event).unwrap();
}

/// Mounted view. It goes away with this.
pub(crate) struct Mounted {
    pub(crate) frame: HtmlElement,
    _handle: UnmountHandle<AnyViewState>,
}

impl Mounted {
    /// View in an element with this inline style.
    pub(crate) fn new(style: &str, view: impl FnOnce() -> AnyView + 'static) -> Self {
        let frame: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        frame.set_attribute("style", style).unwrap();
        body().append_child(&frame).unwrap();
        Self { _handle: mount_to(frame.clone(), view), frame }
    }

    pub(crate) fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self.frame.query_selector_all(selector).expect("a selector");
        (0..found.length()).map(|at| found.item(at).unwrap().unchecked_into()).collect()
    }

    pub(crate) fn one(&self, selector: &str) -> HtmlElement {
        let mut found = self.all(selector);
        assert_eq!(found.len(), 1, "{selector} in {}", self.frame.inner_html());
        found.remove(0)
    }

    /// Waits until `selector` finds this many elements.
    pub(crate) async fn has(&self, selector: &str, count: usize) {
        until(selector, || self.all(selector).len() == count).await;
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.frame.remove();
    }
}
