//! Splitter: the edge between the list and the pane, dragged or moved by arrow keys.

use leptos::{ev, html, prelude::*};

/// Pixels that an arrow key moves the edge.
const STEP: i32 = 16;

/// Left edge of a pane `width` pixels wide, between `min` and `max`.
#[component]
pub fn Splitter(width: RwSignal<i32>, min: i32, max: i32, label: &'static str) -> impl IntoView {
    let edge = NodeRef::<html::Div>::new();
    // Pointer position at which the pane would have no width; set while the edge is dragged.
    let origin = StoredValue::new(None::<i32>);
    let resize = move |to: i32| width.set(to.clamp(min, max));
    let grab = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            origin.set_value(Some(event.client_x() + width.get_untracked()));
            if let Some(edge) = edge.get_untracked() {
                // Without it, a fast pointer leaves the edge behind.
                let _ = edge.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let drag = move |event: ev::PointerEvent| {
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
    view! {
        <div
            class="splitter"
            role="separator"
            aria-orientation="vertical"
            aria-label=label
            aria-valuemin=min.to_string()
            aria-valuemax=max.to_string()
            aria-valuenow=move || width.get().to_string()
            tabindex="0"
            node_ref=edge
            on:pointerdown=grab
            on:pointermove=drag
            on:pointerup=move |_| origin.set_value(None)
            // The browser may take the pointer away.
            on:lostpointercapture=move |_| origin.set_value(None)
            on:keydown=on_key
        />
    }
}
