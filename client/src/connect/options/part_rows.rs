//! Rows that can be added and removed, with focus handling.

use leptos::{html, prelude::*};

use crate::{
    browser::dom::focus::focus_node,
    connect::words::words,
    ui::{button::CrossButton, new_row::NewRow},
};

/// Focus state of a list of rows.
#[derive(Clone, Copy)]
pub(super) struct PartRows {
    /// Focus of a row that is about to be added.
    pub(super) new_row: NewRow,
    /// Button that has the focus once a row was removed.
    pub(super) add_button: NodeRef<html::Button>,
}

impl PartRows {
    /// Focus state without an expected row.
    pub(super) fn new() -> Self {
        Self { new_row: NewRow::new(), add_button: NodeRef::new() }
    }
}

/// Button that adds an empty row, and moves the focus to its first box. Does nothing at the limit of
/// rows; it stays focusable.
#[component]
pub(super) fn AddButton(
    rows: PartRows,
    label: &'static str,
    #[prop(into)] is_full: Signal<bool>,
    #[prop(into)] on_add: Callback<()>,
) -> impl IntoView {
    let on_click = move |_| {
        if !is_full.get_untracked() {
            rows.new_row.expect();
            on_add.run(());
        }
    };
    view! {
        <button
            type="button"
            class="add-part"
            aria-disabled=move || is_full.get().then_some("true")
            node_ref=rows.add_button
            on:click=on_click
        >
            {label}
        </button>
    }
}

/// Button that removes a row and moves the focus to the add button.
#[component]
pub(super) fn RemoveButton(
    rows: PartRows,
    label: String,
    #[prop(into)] on_remove: Callback<()>,
) -> impl IntoView {
    let on_click = move || {
        on_remove.run(());
        focus_node(rows.add_button);
    };
    view! { <CrossButton class="remove-part" label on_click attr:title=words().options.remove /> }
}
