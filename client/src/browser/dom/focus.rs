//! Keyboard focus: moves it, and keeps it when the focused element is removed.

use std::time::Duration;

use js_sys::Array;
use leptos::{ev, html::ElementType, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    Element, FocusOptions, HtmlElement, HtmlInputElement, MutationObserver, MutationObserverInit,
};

/// Selectors of the element that takes over the focus in a part of the page: the one marked as its home,
/// else the first that is focusable.
const TARGETS: [&str; 2] = [
    "[data-home]",
    "button:enabled:not([tabindex='-1']), input:enabled, select, textarea, summary, [tabindex='0']",
];

/// Selector of the composer's text box. It takes the focus after an edit, an insertion, and when
/// the page opens.
pub(crate) const COMPOSER: &str = ".composer textarea";

/// Selector of the address box.
pub(crate) const ADDRESS: &str = "[role=combobox]";

/// Selector of elements that characters are typed into.
const TYPED_INTO: &str = "input:not([type='checkbox']), select, textarea";

/// Selector of elements that cannot have the focus any more.
const OUT_OF_USE: &str = ":disabled, [hidden], [hidden] *";

/// Focuses the first element that matches `selector`. Does nothing if there is none.
pub(crate) fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        let _ = element.focus();
    }
}

/// Focuses the first box that matches `selector`, with its text selected.
pub(crate) fn focus_and_select(selector: &str) {
    if let Some(Ok(input)) = find(selector).map(JsCast::dyn_into::<HtmlInputElement>) {
        let _ = input.focus();
        input.select();
    }
}

/// Focuses the first box that matches `selector`, with the caret behind so many UTF-16 code units.
pub(crate) fn focus_at(selector: &str, units: usize) {
    if let Some(Ok(input)) = find(selector).map(JsCast::dyn_into::<HtmlInputElement>) {
        let _ = input.focus();
        let at = u32::try_from(units).unwrap_or(u32::MAX);
        let _ = input.set_selection_range(at, at);
    }
}

/// Focuses the first element that matches `selector`, without scrolling to it. For a focus that the
/// user has not asked for.
pub(crate) fn focus_in_place(selector: &str) {
    if let Some(element) = find(selector) {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
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

/// Clicks the first element that matches `selector`, for a key that stands for a button. A disabled
/// button ignores it.
pub(crate) fn press(selector: &str) {
    if let Some(element) = find(selector) {
        element.click();
    }
}

/// True if the focused element takes typed characters. Keys without a modifier are text then.
pub(crate) fn is_typing() -> bool {
    has_focus(TYPED_INTO)
}

/// Calls `act` after each `time` in which an element matching `selector` is neither pointed at nor has the focus by
/// its end. Ends with the current owner.
pub(crate) fn when_left(selector: &str, time: Duration, act: impl Fn() + 'static) {
    let attended = format!("{selector}:is(:hover, :focus-within)");
    let look = move || {
        if find(&attended).is_none() {
            act();
        }
    };
    if let Ok(interval) = set_interval_with_handle(look, time) {
        on_cleanup(move || interval.clear());
    }
}

/// True if the focused element matches `selector`. False for an invalid selector.
pub(crate) fn has_focus(selector: &str) -> bool {
    focused().is_some_and(|it| it.matches(selector).unwrap_or(false))
}

/// Moves the focus to the nearest remaining element whenever the focused one is removed, hidden or
/// disabled; the browser would start at the top of the page again. Ends with the current owner. A
/// mutation observer over the document watches removals, `disabled` and `hidden`.
pub(crate) fn keep_focus() {
    // Last focused element, and its ancestors.
    let path = StoredValue::new_local(Vec::<Element>::new());
    let taken = window_event_listener(ev::focusin, move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        path.set_value(std::iter::successors(target, |it| it.parent_element()).collect());
    });
    let changed = Closure::<dyn Fn()>::new(move || path.with_value(|path| restore_focus(path)));
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

/// Moves the focus to the first usable target around the lost element, from the inside out. `path`
/// is the lost element, then its ancestors. Nothing happens if the focus is elsewhere, or the
/// element still takes it.
fn restore_focus(path: &[Element]) {
    let Some((last, around)) = path.split_first() else { return };
    // Most changes leave it as it is. Asking for its layout in each would lay out the page.
    if focused().as_ref() == Some(last) && !last.matches(OUT_OF_USE).unwrap_or(true) {
        return;
    }
    // The body is active when nothing is focused.
    let is_elsewhere = focused().is_some_and(|it| it != *last && it.tag_name() != "BODY");
    if is_elsewhere || is_usable(last) {
        return;
    }
    let parts = around.iter().filter(|part| part.is_connected());
    for target in parts.flat_map(|part| TARGETS.map(|target| part.query_selector(target))) {
        if let Ok(Some(target)) = target {
            let _ = target.unchecked_ref::<HtmlElement>().focus();
            if focused() == Some(target) {
                return;
            }
        }
    }
}

/// True if an element can have the focus: it is laid out and enabled.
fn is_usable(element: &Element) -> bool {
    let is_shown = element.get_client_rects().length() > 0;
    is_shown && !element.matches(":disabled").unwrap_or(false)
}

/// First element that matches a selector; `None` also for an invalid one.
pub(super) fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Element with the focus; the body if nothing has it.
fn focused() -> Option<Element> {
    document().active_element()
}
