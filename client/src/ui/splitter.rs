//! The edge between the list and the pane, which is moved by pointer or keyboard.

use leptos::{ev, prelude::*};

use crate::ui::element::{Element, Place};

/// Pixels that an arrow key moves the edge.
const STEP: i32 = 16;

/// The left edge of a pane `width` pixels wide, between `min` and `max`.
#[component]
pub fn Splitter(width: RwSignal<i32>, min: i32, max: i32, label: &'static str) -> impl IntoView {
    let edge = Place::new();
    // Where the pointer would be if the pane had no width, while it holds the edge.
    let origin = StoredValue::new(None::<i32>);
    let resize = move |to: i32| width.set(to.clamp(min, max));
    let on_down = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            origin.set_value(Some(event.client_x() + width.get_untracked()));
            if let Some(edge) = edge.get_untracked() {
                // Without it, a fast pointer leaves the edge behind.
                let _ = edge.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some(origin) = origin.get_value() {
            resize(origin - event.client_x());
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let width = width.get_untracked();
        let to = match event.key().as_str() {
            "ArrowLeft" => width + STEP,
            "ArrowRight" => width - STEP,
            "Home" => min,
            "End" => max,
            _ => return,
        };
        event.prevent_default();
        resize(to);
    };
    let release = move |_: ev::Event| origin.set_value(None);
    Element::new("div", "splitter")
        .attribute("role", "separator")
        .attribute("aria-orientation", "vertical")
        .attribute("aria-label", label)
        .attribute("aria-valuemin", &min.to_string())
        .attribute("aria-valuemax", &max.to_string())
        .live("aria-valuenow", move || Some(width.get().to_string()))
        .attribute("tabindex", "0")
        .at(edge)
        .on("pointerdown", on_down)
        .on("pointermove", on_move)
        .on("pointerup", release)
        // The browser may take the pointer away.
        .on("lostpointercapture", release)
        .on("keydown", on_key)
        .view()
}
