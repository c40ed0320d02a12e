//! Hidden file input, and the browser's file dialog behind it.

use leptos::{html, prelude::*};

use crate::browser::file::chosen_file::{ChosenFile, take_chosen_files};

/// Hidden file input; [`open_dialog`] opens its dialog. `accept` lists file name extensions. The
/// dialog of the browser opens only on a user's action.
#[component]
pub(crate) fn FileInput(
    input: NodeRef<html::Input>,
    label: &'static str,
    /// File name extensions, such as `.har,.json`; without them the dialog offers all files.
    #[prop(optional)]
    accept: &'static str,
    #[prop(optional)] multiple: bool,
    /// Receives the files, at least one. Choosing the same file again calls it again.
    on_pick: Callback<Vec<ChosenFile>>,
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

/// Opens the file dialog of a [`FileInput`]. Call it in the handler of a click: browsers refuse it elsewhere.
pub(crate) fn open_dialog(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}
