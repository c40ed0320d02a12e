//! Element sizes and the pointing device.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::ResizeObserver;

/// Calls `resized` when the element is laid out and whenever its size changes, until the reactive
/// owner ends.
pub(crate) fn on_resize(element: NodeRef<html::Div>, resized: impl Fn() + 'static) {
    let resized = Closure::<dyn Fn()>::new(resized);
    let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) else { return };
    let observer = StoredValue::new_local((observer, resized));
    element.on_load(move |element| observer.with_value(|(observer, _)| observer.observe(&element)));
    on_cleanup(move || observer.with_value(|(observer, _)| observer.disconnect()));
}

/// True if the primary pointing device is a finger (`pointer: coarse`).
pub(crate) fn has_coarse_pointer() -> bool {
    let query = window().match_media("(pointer: coarse)").ok().flatten();
    query.is_some_and(|query| query.matches())
}
