//! List of saved messages, by folder.

use leptos::prelude::*;
use workbench::compose::{Folder, SavedMessage, TOP};

use super::{
    edit::{EditButton, EditForm},
    state::SavedState,
};
use crate::composer::{state::SavedPath, words::words};

/// Characters of a message shown beside its name. The row is one line: more is cut by the style sheet anyhow.
const EXCERPT_CHARACTERS: usize = 60;

/// All saved messages, or a hint while there are none. Rendered anew as a whole when one of them
/// changes; it is bounded by the limits of a workspace.
///
/// Other changes, as of another window, wait for the end of an edit: a form rendered anew loses its texts and the
/// focus.
#[component]
pub(super) fn SavedList(saved: SavedState) -> impl IntoView {
    let folders = Memo::new(move |shown: Option<&Vec<Folder>>| {
        let is_editing = saved.editing.with(Option::is_some);
        shown.filter(|_| is_editing).cloned().unwrap_or_else(|| saved.folders())
    });
    let list = move || {
        let folders = folders.get();
        if folders.iter().all(|folder| folder.messages().is_empty() && folder.name() == TOP) {
            return view! { <p class="hint">{words().saving.none_yet}</p> }.into_any();
        }
        let folders = folders.into_iter();
        folders.map(|folder| view! { <SavedFolder saved folder /> }).collect_view().into_any()
    };
    view! { {move || list()} }
}

/// Folder with its messages; the top level has no heading. The name is a heading, with the folder's
/// edit form below it.
#[component]
fn SavedFolder(saved: SavedState, folder: Folder) -> impl IntoView {
    let name = folder.name().to_owned();
    let rows = folder.messages().iter().cloned();
    let rows = rows.map(|message| view! { <SavedRow saved folder=name.clone() message /> });
    let list = view! { <ul>{rows.collect_view()}</ul> };
    if name == TOP {
        return list.into_any();
    }
    let path = SavedPath { folder: name.clone(), message: None };
    view! {
        <div class="folder">
            <div class="saved-row">
                <h3>{name}</h3>
                <EditButton saved path=path.clone() />
            </div>
            <EditForm saved path />
            {list}
        </div>
    }
    .into_any()
}

/// Saved message: a button that loads it as the draft, one that sends it as is, and one that opens
/// its edit form. Sending needs a connection.
#[component]
fn SavedRow(saved: SavedState, folder: String, message: SavedMessage) -> impl IntoView {
    let words = &words().saving;
    let SavedMessage { name, draft } = message;
    let can_send = saved.composer.can_send;
    let excerpt: String = draft.text.chars().take(EXCERPT_CHARACTERS).collect();
    let send_label = (words.send_named)(&name);
    let path = SavedPath { folder, message: Some(name.clone()) };
    let (draft, stored) = (StoredValue::new(draft), StoredValue::new(path.clone()));
    view! {
        <li>
            <div class="saved-row">
                <button
                    type="button"
                    class="load"
                    title=words.load
                    on:click=move |_| saved.load(draft.get_value())
                >
                    <span>{name}</span>
                    <code>{excerpt}</code>
                </button>
                <button
                    type="button"
                    class="plain send-saved"
                    aria-label=send_label
                    disabled=move || !can_send.get()
                    on:click=move |_| saved.send(stored.get_value(), draft.get_value())
                >
                    {words.send}
                </button>
                <EditButton saved path=path.clone() />
            </div>
            <p class="wrong" role="alert">{move || stored.with_value(|path| saved.unsendable(path))}</p>
            <EditForm saved path />
        </li>
    }
}
