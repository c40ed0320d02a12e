//! Hidden file input, and the browser's file dialog behind it.

use leptos::{html, prelude::*};

use crate::browser::file::picked::{Picked, take_chosen_files};

/// Hidden file input; [`open_dialog`] opens its dialog. `accept` lists file name extensions.
#[component]
pub(crate) fn FileInput(
    input: NodeRef<html::Input>,
    label: &'static str,
    #[prop(optional)] accept: Option<&'static str>,
    #[prop(optional)] multiple: bool,
    on_pick: Callback<Vec<Picked>>,
) -> impl IntoView {
    view! {
        <input
            type="file"
            aria-label=label
            accept=accept
            multiple=multiple
            hidden
            node_ref=input
            on:change=move |event| on_pick.run(take_chosen_files(&event))
        />
    }
}

/// Opens the file dialog of a [`FileInput`].
pub(crate) fn open_dialog(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}
