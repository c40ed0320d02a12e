//! Edit forms: rename, move, overwrite and delete a saved message or a folder.

use leptos::prelude::*;

use super::state::SavedState;
use crate::{
    composer::{
        panels::fields::{ErrorLine, Field, FolderField, on_submit},
        state::SavedPath,
        words::words,
    },
    ui::button::Button,
};

/// Button that opens and closes an edit form. Its label names the item, for screen readers: every row has one.
#[component]
pub(super) fn EditButton(saved: SavedState, path: SavedPath) -> impl IntoView {
    let words = &words().saving;
    let label = (words.edit_named)(path.message.as_ref().unwrap_or(&path.folder));
    let (path, is_open) = track(saved, path);
    let toggle = move |_| {
        saved.error.set(None);
        saved.editing.set((!is_open.get_untracked()).then(|| path.get_value()));
    };
    view! {
        <button
            type="button"
            class="plain edit-saved"
            aria-label=label
            aria-expanded=move || is_open.get().to_string()
            on:click=toggle
        >
            {words.edit}
        </button>
    }
}

/// Edit form of the message or folder at `path`, while it is open. One is open at a time.
#[component]
pub(super) fn EditForm(saved: SavedState, path: SavedPath) -> impl IntoView {
    let (path, is_open) = track(saved, path);
    let form = move || {
        is_open.get().then(|| match path.get_value() {
            SavedPath { folder, message: Some(name) } => {
                view! { <EditMessage saved folder name /> }.into_any()
            }
            SavedPath { folder, message: None } => view! { <EditFolder saved folder /> }.into_any(),
        })
    };
    view! { <div>{move || form()}</div> }
}

/// Path, stored for handlers, and a memo that is `true` while its edit form is open.
fn track(saved: SavedState, path: SavedPath) -> (StoredValue<SavedPath>, Memo<bool>) {
    let path = StoredValue::new(path);
    let is_open = Memo::new(move |_| {
        saved.editing.with(|editing| path.with_value(|path| editing.as_ref() == Some(path)))
    });
    (path, is_open)
}

/// Edit form of a message: rename, move, overwrite with the present draft, delete. Overwriting and
/// deleting can be undone; both close the form.
#[component]
fn EditMessage(saved: SavedState, folder: String, name: String) -> impl IntoView {
    let words = &words().saving;
    let new_name = RwSignal::new(name.clone());
    let new_folder = RwSignal::new(folder.clone());
    let path = StoredValue::new((folder, name));
    let apply = move || {
        let (folder, name) = path.get_value();
        let (to, new) = (new_folder.get_untracked(), new_name.get_untracked());
        if move_message(saved, [&folder, &name], [to.trim(), new.trim()]) {
            saved.editing.set(None);
        }
    };
    let replace = move || path.with_value(|(folder, name)| saved.replace(folder, name));
    let delete = move || {
        let (folder, name) = path.get_value();
        saved.delete(|messages| messages.remove(&folder, &name));
    };
    view! {
        <form class="panel-form changing" on:submit=on_submit(apply)>
            <Field label=words.name class="saved-name" text=new_name />
            <FolderField folder=new_folder />
            <button type="submit" class="plain">{words.apply}</button>
            <Button class="plain replace" label=words.replace on_click=replace />
            <Button class="plain remove" label=words.delete on_click=delete />
            <ErrorLine message=saved.error_message(true) />
        </form>
    }
}

/// Renames a message and moves it to another folder, which is created if needed. Both paths are folder and name.
/// Returns `true` on success; otherwise nothing has changed, and the panel shows the error.
fn move_message(saved: SavedState, [folder, name]: [&str; 2], [to, new]: [&str; 2]) -> bool {
    saved.change(|messages| {
        messages.rename(folder, name, new)?;
        if to == folder {
            return Ok(());
        }
        if messages.folders().iter().all(|it| it.name() != to) {
            messages.add_folder(to)?;
        }
        messages.move_to(folder, new, to)
    })
}

/// Edit form of a folder: rename, or delete it with its messages. Deleting can be undone.
#[component]
fn EditFolder(saved: SavedState, folder: String) -> impl IntoView {
    let words = &words().saving;
    let new_name = RwSignal::new(folder.clone());
    let folder = StoredValue::new(folder);
    let apply = move || {
        let new = new_name.get_untracked();
        if saved.change(|it| it.rename_folder(&folder.get_value(), new.trim())) {
            saved.editing.set(None);
        }
    };
    let delete = move || saved.delete(|it| it.remove_folder(&folder.get_value()));
    view! {
        <form class="panel-form changing" on:submit=on_submit(apply)>
            <Field label=words.folder class="saved-name" text=new_name />
            <button type="submit" class="plain">{words.apply}</button>
            <Button class="plain remove" label=words.delete_folder on_click=delete />
            <ErrorLine message=saved.error_message(true) />
        </form>
    }
}
