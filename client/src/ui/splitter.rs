//! Splitter: the edge of a pane, dragged or moved by arrow keys.

use leptos::{ev, html, prelude::*};

/// Pixels that an arrow key moves the edge.
const STEP: i32 = 16;

/// Left edge of a pane `size` pixels wide, or the upper edge of one that high if it `is_flat`. The
/// pane is the next sibling of this element.
///
/// A separator (ARIA) that takes the focus: arrow keys move it by 16 pixels, Home and End to the
/// bounds.
#[component]
pub fn Splitter(
    /// Size in CSS pixels; written while the edge is dragged.
    size: RwSignal<i32>,
    /// Smallest size in CSS pixels.
    min: i32,
    /// Largest size in CSS pixels. The window may leave less room.
    max: i32,
    /// Name for screen readers.
    label: &'static str,
    /// True for an edge between upper and lower pane.
    #[prop(optional)]
    is_flat: bool,
) -> impl IntoView {
    let edge = NodeRef::<html::Div>::new();
    // Pointer position at which the pane would have no size; set while the edge is dragged.
    let origin = StoredValue::new(None::<i32>);
    let resize = move |to: i32| size.set(to.clamp(min, max));
    let at = move |event: &ev::PointerEvent| {
        if is_flat { event.client_y() } else { event.client_x() }
    };
    // The pane may have found less room than it was given.
    let shown = move || {
        let pane = edge.get_untracked().and_then(|edge| edge.next_element_sibling());
        let room =
            pane.map(|pane| if is_flat { pane.client_height() } else { pane.client_width() });
        let size = size.get_untracked();
        room.filter(|room| (min..size - 2).contains(room)).unwrap_or(size)
    };
    let grab = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            origin.set_value(Some(at(&event) + shown()));
            if let Some(edge) = edge.get_untracked() {
                // Without it, a fast pointer leaves the edge behind.
                let _ = edge.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let drag = move |event: ev::PointerEvent| {
        if let Some(origin) = origin.get_value() {
            resize(origin - at(&event));
        }
    };
    let (larger, smaller) =
        if is_flat { ("ArrowUp", "ArrowDown") } else { ("ArrowLeft", "ArrowRight") };
    let on_key = move |event: ev::KeyboardEvent| {
        let to = match event.key().as_str() {
            "Home" => min,
            "End" => max,
            key if key == larger => shown() + STEP,
            key if key == smaller => shown() - STEP,
            _ => return,
        };
        event.prevent_default();
        resize(to);
    };
    view! {
        <div
            class="splitter"
            class:flat=is_flat
            role="separator"
            aria-orientation=if is_flat { "horizontal" } else { "vertical" }
            aria-label=label
            aria-valuemin=min.to_string()
            aria-valuemax=max.to_string()
            aria-valuenow=move || size.get().to_string()
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
