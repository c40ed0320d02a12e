//! What of a scrolled element is in view, in pixels.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::ResizeObserver;

/// The height until the element is laid out.
const ASSUMED_HEIGHT: f64 = 600.0;

/// A scrolled element, and how far.
#[derive(Clone, Copy)]
pub(super) struct Viewport {
    /// The element.
    pub(super) element: NodeRef<html::Div>,
    top: RwSignal<f64>,
    height: RwSignal<f64>,
}

impl Viewport {
    /// Watches the element from when it is there.
    pub(super) fn new() -> Self {
        let viewport = Self {
            element: NodeRef::new(),
            top: RwSignal::new(0.0),
            height: RwSignal::new(ASSUMED_HEIGHT),
        };
        let resized = Closure::<dyn Fn()>::new(move || viewport.look());
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            let observer = StoredValue::new_local((observer, resized));
            viewport.element.on_load(move |element| {
                observer.with_value(|(observer, _)| observer.observe(&element));
            });
            on_cleanup(move || observer.with_value(|(observer, _)| observer.disconnect()));
        }
        viewport
    }

    /// Takes note of where the element is scrolled to, and of its height.
    pub(super) fn look(self) {
        if let Some(element) = self.element.try_get_untracked().flatten() {
            self.top.try_set(f64::from(element.scroll_top()));
            self.height.try_set(f64::from(element.client_height()));
        }
    }

    /// How far it is scrolled.
    pub(super) fn top(self) -> f64 {
        self.top.get()
    }

    /// How high it is.
    pub(super) fn height(self) -> f64 {
        self.height.get()
    }
}
