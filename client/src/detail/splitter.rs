//! The edge between the list and the pane, which is moved by pointer or keyboard.

use leptos::{ev, html, prelude::*};

use super::words;

/// Pixels that an arrow key moves the edge.
const STEP: f64 = 16.0;

/// The left edge of a pane `width` pixels wide, between `min` and `max`.
#[component]
pub fn Splitter(width: RwSignal<f64>, min: f64, max: f64) -> impl IntoView {
    let edge = NodeRef::<html::Div>::new();
    // Where the pointer would be if the pane had no width, while it holds the edge.
    let origin = StoredValue::new(None::<f64>);
    let resize = move |to: f64| width.set(to.clamp(min, max));
    let on_down = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            origin.set_value(Some(f64::from(event.client_x()) + width.get_untracked()));
            if let Some(edge) = edge.get_untracked() {
                // Without it, a fast pointer leaves the edge behind.
                let _ = edge.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some(origin) = origin.get_value() {
            resize(origin - f64::from(event.client_x()));
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
    let percent = move || ((width.get() - min) / (max - min) * 100.0).round().to_string();
    view! {
        <div
            class="splitter"
            role="separator"
            aria-orientation="vertical"
            aria-label=words::WIDTH
            aria-valuenow=percent
            aria-valuetext=move || format!("{:.0} pixels", width.get())
            tabindex="0"
            node_ref=edge
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=move |_| origin.set_value(None)
            on:pointercancel=move |_| origin.set_value(None)
            on:keydown=on_key
        ></div>
    }
}
