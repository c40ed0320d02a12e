//! Element sizes and media queries.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver};

/// Calls `resized` when the element is laid out and whenever its size changes, until the reactive
/// owner ends. The first call is after layout, in a task of its own.
pub(crate) fn on_resize(element: NodeRef<html::Div>, resized: impl Fn() + 'static) {
    let resized = Closure::<dyn Fn()>::new(resized);
    let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) else { return };
    let observer = StoredValue::new_local((observer, resized));
    element.on_load(move |element| observer.with_value(|(observer, _)| observer.observe(&element)));
    on_cleanup(move || observer.with_value(|(observer, _)| observer.disconnect()));
}

/// Height of the padding above the first child of a scrolled element, in pixels. Zero for an
/// element without children.
pub(crate) fn padding_top(scrolled: &Element) -> i32 {
    let child = scrolled.first_element_child().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    child.map_or(0, |child| child.offset_top())
}

/// True while the page matches a media query. Ends with the current owner. False, and never
/// changing, where the browser has no media queries.
pub(crate) fn media(query: &str) -> Signal<bool> {
    let matches = RwSignal::new(false);
    if let Ok(Some(list)) = window().match_media(query) {
        matches.set(list.matches());
        let changed = {
            let list = list.clone();
            Closure::<dyn Fn()>::new(move || {
                matches.try_set(list.matches());
            })
        };
        list.set_onchange(Some(changed.as_ref().unchecked_ref()));
        let kept = StoredValue::new_local((list, changed));
        on_cleanup(move || kept.with_value(|(list, _)| list.set_onchange(None)));
    }
    matches.into()
}
