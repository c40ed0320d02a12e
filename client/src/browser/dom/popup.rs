//! Pop-ups: Escape, and a press or the focus elsewhere, closes them; Escape returns the focus to its opener.
//!
//! Menus are the browser's own popovers, which do the same.

use leptos::{
    html::{Details, ElementType},
    prelude::*,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, HtmlElement, KeyboardEvent, Node};

use super::keyboard::is_composing;

/// Selector of a pop-up's opener, in the part that holds both.
const OPENER: &str = "[aria-expanded='true'], details[open] > summary";

/// Watched events. They are listened to in the capture phase, before any handler of the page.
const WATCHED: [&str; 3] = ["keydown", "pointerdown", "focusin"];

/// Calls `close` on Escape, and when a press or the focus goes elsewhere than to `part`, while `is_open`. `part` holds
/// both the pop-up and its opener, which has `aria-expanded`. Escape is used up by that, and the focus goes to the
/// opener, unless it is outside of `part`. Ends with the current owner.
pub(crate) fn close_on_leave<E>(
    part: NodeRef<E>,
    is_open: impl Fn() -> bool + 'static,
    close: impl Fn() + 'static,
) where
    E: ElementType + 'static,
    E::Output: JsCast + AsRef<HtmlElement> + Clone + 'static,
{
    let open_part = move || {
        let part = part.try_get_untracked().flatten().filter(|_| untrack(&is_open))?;
        let part: &HtmlElement = part.as_ref();
        Some(part.clone())
    };
    close_on_leave_boxed(Box::new(open_part), Box::new(close));
}

/// Closes a `details` element that is used as a pop-up.
pub(crate) fn close_details_on_leave(part: NodeRef<Details>) {
    let details = move || part.get_untracked();
    let close = move || {
        if let Some(details) = details() {
            details.set_open(false);
        }
    };
    close_on_leave(part, move || details().is_some_and(|it| it.open()), close);
}

/// Boxed part of [`close_on_leave`], compiled once. `open_part` gives the part while it is open.
fn close_on_leave_boxed(open_part: Box<dyn Fn() -> Option<HtmlElement>>, close: Box<dyn Fn()>) {
    let handle = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let Some(part) = open_part() else { return };
        match event.dyn_ref::<KeyboardEvent>() {
            Some(key) if key.key() == "Escape" && !is_composing(key) => {
                let focused = document().active_element().filter(|it| it.tag_name() != "BODY");
                let is_here = focused.is_none_or(|it| part.contains(Some(&it)));
                let opener = part.query_selector(OPENER).ok().flatten().filter(|_| is_here);
                event.prevent_default();
                event.stop_immediate_propagation();
                close();
                if let Some(opener) = opener {
                    let _ = opener.unchecked_ref::<HtmlElement>().focus();
                }
            }
            Some(_) => {}
            None => {
                let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
                if !part.contains(target.as_ref()) {
                    close();
                }
            }
        }
    });
    for name in WATCHED {
        let handle = handle.as_ref().unchecked_ref();
        let _ = window().add_event_listener_with_callback_and_bool(name, handle, true);
    }
    let handle = StoredValue::new_local(handle);
    on_cleanup(move || {
        handle.with_value(|handle| {
            for name in WATCHED {
                let handle = handle.as_ref().unchecked_ref();
                let _ = window().remove_event_listener_with_callback_and_bool(name, handle, true);
            }
        });
    });
}
