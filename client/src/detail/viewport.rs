//! What of a scrolled element is in view, in pixels.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::ResizeObserver;

use crate::ui::element::Place;

/// The height until the element is laid out.
const ASSUMED_HEIGHT: i32 = 600;

/// A scrolled element, how far it is scrolled, and its height.
#[derive(Clone, Copy)]
pub(super) struct Viewport {
    /// The element.
    pub(super) element: Place,
    top_and_height: RwSignal<(i32, i32)>,
}

impl Viewport {
    /// Watches the element from when it is there.
    pub(super) fn new() -> Self {
        let viewport =
            Self { element: Place::new(), top_and_height: RwSignal::new((0, ASSUMED_HEIGHT)) };
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
            self.top_and_height.try_set((element.scroll_top(), element.client_height()));
        }
    }

    /// How far it is scrolled, and its height.
    pub(super) fn top_and_height(self) -> (i32, i32) {
        self.top_and_height.get()
    }
}
