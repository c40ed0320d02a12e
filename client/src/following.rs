//! A scrolled list that keeps its end in view, unless the person has scrolled away from it.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver};

/// A list scrolled to within this many pixels of its end follows it.
const END_ZONE: i32 = 32;

/// Whether a list follows its end.
#[derive(Clone, Copy)]
pub(crate) struct Following {
    list: NodeRef<html::Ol>,
    is_on: StoredValue<bool>,
    /// Where it was scrolled to when last looked at.
    last_top: StoredValue<i32>,
}

impl Following {
    /// Follows the end of `list`, also when the list itself is resized.
    pub(crate) fn new(list: NodeRef<html::Ol>) -> Self {
        let following = Self { list, is_on: StoredValue::new(true), last_top: StoredValue::new(0) };
        let resized = Closure::<dyn Fn()>::new(move || following.keep_up());
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            let observer = StoredValue::new_local((observer, resized));
            list.on_load(move |list| observer.with_value(|(observer, _)| observer.observe(&list)));
            on_cleanup(move || observer.with_value(|(observer, _)| observer.disconnect()));
        }
        following
    }

    /// Takes note that the person, or the list itself, has scrolled. Only away from the end turns
    /// following off: rows that grow after they were shown move the end, not the person.
    pub(crate) fn scrolled(self) {
        let Some(list) = self.element() else { return };
        let top = list.scroll_top();
        if list.scroll_height() - top - list.client_height() <= END_ZONE {
            self.is_on.try_set_value(true);
        } else if self.last_top.try_get_value().is_some_and(|last| top < last) {
            self.is_on.try_set_value(false);
        }
        self.last_top.try_set_value(top);
    }

    /// Scrolls to the end after the list has changed.
    pub(crate) fn keep_up(self) {
        if let Some(list) = self.element().filter(|_| self.is_on.try_get_value() == Some(true)) {
            list.set_scroll_top(list.scroll_height());
            self.last_top.try_set_value(list.scroll_top());
        }
    }

    fn element(self) -> Option<HtmlElement> {
        self.list.try_get_untracked().flatten().map(Into::into)
    }
}
