//! Where the keyboard is: moves the focus, and sees to it that it is never lost.

use js_sys::Array;
use leptos::{ev, html::ElementType, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, MutationObserver, MutationObserverInit};

/// Where the focus goes in a part of the page: to what is marked as its home, else to the first
/// that takes it.
const PLACES: [&str; 2] = [
    "[data-home]",
    "button:enabled:not([tabindex='-1']), input:enabled, select, textarea, summary, [tabindex='0']",
];

/// What keys are typed into.
const TYPED_INTO: &str = "input:not([type='checkbox']), select, textarea";

/// Puts the focus on what `selector` finds, if there is one that takes it.
pub(crate) fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        let _ = element.focus();
    }
}

/// Moves the focus to an element of a view, if it is there.
pub(crate) fn focus_node<E>(node: NodeRef<E>)
where
    E: ElementType + 'static,
    E::Output: JsCast + AsRef<HtmlElement> + Clone + 'static,
{
    if let Some(element) = node.get_untracked() {
        let element: &HtmlElement = element.as_ref();
        let _ = element.focus();
    }
}

/// Does what a click on what `selector` finds would do.
pub(crate) fn press(selector: &str) {
    if let Some(element) = find(selector) {
        element.click();
    }
}

/// Whether a key is a character that is being typed.
pub(crate) fn is_typing() -> bool {
    focused().is_some_and(|it| it.matches(TYPED_INTO).unwrap_or(false))
}

/// When what has the focus goes away, or can have it no longer, the nearest that stays gets it: the
/// browser would begin at the top again. Ends with the owner that this is called under.
pub(crate) fn keep_focus() {
    // What had the focus last, and what it is in.
    let path = StoredValue::new_local(Vec::<Element>::new());
    let taken = window_event_listener(ev::focusin, move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        path.set_value(std::iter::successors(target, |it| it.parent_element()).collect());
    });
    let changed = Closure::<dyn Fn()>::new(move || path.with_value(|path| hand_on(path)));
    let Ok(observer) = MutationObserver::new(changed.as_ref().unchecked_ref()) else { return };
    let what = MutationObserverInit::new();
    what.set_child_list(true);
    what.set_subtree(true);
    what.set_attributes(true);
    what.set_attribute_filter(&Array::of2(&"disabled".into(), &"hidden".into()));
    let _ = observer.observe_with_options(&document(), &what);
    let observer = StoredValue::new_local((observer, changed));
    on_cleanup(move || {
        observer.with_value(|(observer, _)| observer.disconnect());
        taken.remove();
    });
}

fn hand_on(path: &[Element]) {
    let Some((last, around)) = path.split_first() else { return };
    // The body has it when nothing has.
    let is_elsewhere = focused().is_some_and(|it| it != *last && it.tag_name() != "BODY");
    if is_elsewhere || is_usable(last) {
        return;
    }
    let parts = around.iter().filter(|part| part.is_connected());
    for place in parts.flat_map(|part| PLACES.map(|place| part.query_selector(place))) {
        if let Ok(Some(place)) = place {
            let _ = place.unchecked_ref::<HtmlElement>().focus();
            if focused() == Some(place) {
                return;
            }
        }
    }
}

fn is_usable(element: &Element) -> bool {
    let is_shown = element.get_client_rects().length() > 0;
    is_shown && !element.matches(":disabled").unwrap_or(false)
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

fn focused() -> Option<Element> {
    document().active_element()
}
