//! Splitter: the edge of a pane, dragged or moved by arrow keys.

use leptos::{ev, html, prelude::*};

use crate::browser::dom::keyboard::has_modifier;

/// Pixels that an arrow key moves the edge.
const STEP: i32 = 16;

/// Left edge of a pane `size` pixels wide, or the upper edge of one that high if it `is_flat`. The pane is the next
/// sibling of this element.
///
/// A separator (ARIA) that takes the focus: arrow keys move it by 16 pixels, Home and End to the bounds.
#[component]
pub fn Splitter(
    /// Size in CSS pixels; written while the edge is dragged.
    size: RwSignal<i32>,
    /// Smallest size in CSS pixels.
    min: i32,
    /// Largest size in CSS pixels. The window may leave less room.
    max: i32,
    /// Gets the size once the edge is let go, or moved by a key.
    settled: RwSignal<i32>,
    /// Name for screen readers.
    label: &'static str,
    /// True for an edge between upper and lower pane.
    #[prop(optional)]
    is_flat: bool,
) -> impl IntoView {
    let node = NodeRef::new();
    let edge = Edge { node, size, min, max, is_flat, origin: StoredValue::new(None), settled };
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
            node_ref=node
            on:pointerdown=move |event| edge.grab(&event)
            on:pointermove=move |event| edge.drag(&event)
            on:pointerup=move |_| edge.release()
            // The browser may take the pointer away.
            on:lostpointercapture=move |_| edge.release()
            on:keydown=move |event| edge.press(&event)
        />
    }
}

/// Edge that is moved.
#[derive(Clone, Copy)]
struct Edge {
    node: NodeRef<html::Div>,
    size: RwSignal<i32>,
    min: i32,
    max: i32,
    is_flat: bool,
    /// Pointer position at which the pane would have no size; set while the edge is dragged.
    origin: StoredValue<Option<i32>>,
    settled: RwSignal<i32>,
}

impl Edge {
    fn grab(self, event: &ev::PointerEvent) {
        if event.button() == 0 {
            self.origin.set_value(Some(self.position(event) + self.shown()));
            if let Some(edge) = self.node.get_untracked() {
                // Without it, a fast pointer leaves the edge behind.
                let _ = edge.set_pointer_capture(event.pointer_id());
            }
        }
    }

    fn drag(self, event: &ev::PointerEvent) {
        if let Some(origin) = self.origin.get_value() {
            self.resize(origin - self.position(event));
        }
    }

    fn release(self) {
        if self.origin.try_update_value(Option::take).flatten().is_some() {
            self.settled.set(self.size.get_untracked());
        }
    }

    /// Moves the edge by a key.
    fn press(self, event: &ev::KeyboardEvent) {
        let (larger, smaller) =
            if self.is_flat { ("ArrowUp", "ArrowDown") } else { ("ArrowLeft", "ArrowRight") };
        let to = match event.key().as_str() {
            _ if has_modifier(event) => return,
            "Home" => self.min,
            "End" => self.max,
            key if key == larger => self.shown() + STEP,
            key if key == smaller => self.shown() - STEP,
            _ => return,
        };
        event.prevent_default();
        self.resize(to);
        self.settled.set(self.size.get_untracked());
    }

    fn resize(self, to: i32) {
        self.size.set(to.clamp(self.min, self.max));
    }

    /// Position of the pointer along the axis in which the edge moves.
    fn position(self, event: &ev::PointerEvent) -> i32 {
        if self.is_flat { event.client_y() } else { event.client_x() }
    }

    /// Size of the pane as laid out: it may have found less room than it was given.
    fn shown(self) -> i32 {
        let pane = self.node.get_untracked().and_then(|edge| edge.next_element_sibling());
        let room =
            pane.map(|pane| if self.is_flat { pane.client_height() } else { pane.client_width() });
        let size = self.size.get_untracked();
        room.filter(|room| (self.min..size - 2).contains(room)).unwrap_or(size)
    }
}
