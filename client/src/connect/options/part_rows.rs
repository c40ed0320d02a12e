//! Rows that can be added and removed, with focus handling: query parameters and subprotocols.

use leptos::{html, prelude::*};

use crate::{browser::dom::focus::focus_node, connect::words::words};

/// Focus state of a list of rows.
#[derive(Clone, Copy)]
pub(super) struct PartRows {
    /// True from a click on the add button until the new row has the focus.
    is_added: StoredValue<bool>,
    add_button: NodeRef<html::Button>,
}

impl PartRows {
    pub(super) fn new() -> Self {
        Self { is_added: StoredValue::new(false), add_button: NodeRef::new() }
    }

    /// Reference for a row's first input, which gets the focus if the row was just added.
    pub(super) fn first_input(self) -> NodeRef<html::Input> {
        let input = NodeRef::new();
        input.on_load(move |_| {
            if self.is_added.get_value() {
                self.is_added.set_value(false);
                focus_node(input);
            }
        });
        input
    }
}

#[component]
pub(super) fn AddButton(
    rows: PartRows,
    label: &'static str,
    on_add: impl Fn() + 'static,
) -> impl IntoView {
    let on_click = move |_| {
        rows.is_added.set_value(true);
        on_add();
    };
    view! {
        <button type="button" class="add-part" node_ref=rows.add_button on:click=on_click>
            {label}
        </button>
    }
}

/// Button that removes a row and moves the focus to the add button.
#[component]
pub(super) fn RemoveButton(
    rows: PartRows,
    label: String,
    on_remove: impl Fn() + 'static,
) -> impl IntoView {
    let on_click = move |_| {
        on_remove();
        focus_node(rows.add_button);
    };
    view! {
        <button
            type="button"
            class="remove-part"
            aria-label=label
            title=words().options.remove
            on:click=on_click
        >
            "×"
        </button>
    }
}
