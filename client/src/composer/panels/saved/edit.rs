//! Edit forms: rename, move, overwrite and delete a saved message or a folder.

use leptos::prelude::*;
use workbench::compose::{ItemError, Saved};

use super::state::SavedState;
use crate::{
    composer::{
        panels::fields::{ErrorLine, Field, FolderField},
        state::SavedPath,
        words::words,
    },
    ui::{
        button::{Button, Disclosure},
        show::Show,
        text_input::on_submit,
    },
};

/// Button that opens and closes an edit form. Its label names the item, for screen readers: every row has one.
#[component]
pub(super) fn EditButton(saved: SavedState, path: SavedPath) -> impl IntoView {
    let words = &words().saving;
    let label = (words.edit_named)(path.name());
    let (path, is_open) = track(saved, path);
    let toggle = move || {
        saved.error.set(None);
        saved.editing.set((!is_open.get_untracked()).then(|| path.get_value()));
    };
    view! {
        <Disclosure class="plain edit-saved" label is_open on_click=toggle>
            {words.edit}
        </Disclosure>
    }
}

/// Edit form of the message or folder at `path`, while it is open. One is open at a time.
#[component]
pub(super) fn EditForm(saved: SavedState, path: SavedPath) -> impl IntoView {
    let (path, is_open) = track(saved, path);
    view! {
        <Show when=is_open>
            <OpenForm saved path=path.get_value() />
        </Show>
    }
}

/// Path, stored for handlers, and a memo that is `true` while its edit form is open.
fn track(saved: SavedState, path: SavedPath) -> (StoredValue<SavedPath>, Memo<bool>) {
    let path = StoredValue::new(path);
    let is_open = Memo::new(move |_| {
        saved.editing.with(|editing| path.with_value(|path| editing.as_ref() == Some(path)))
    });
    (path, is_open)
}

/// Edit form: rename a folder, or delete it with its messages; rename a message, move it, overwrite it with the present
/// draft, or delete it. Overwriting and deleting can be undone; both close the form.
#[component]
fn OpenForm(saved: SavedState, path: SavedPath) -> impl IntoView {
    let words = &words().saving;
    let (new_name, new_folder) =
        (RwSignal::new(path.name().to_owned()), RwSignal::new(path.folder.clone()));
    let is_message = path.message.is_some();
    let path = StoredValue::new(path);
    let apply = move || {
        let (to, new) = (new_folder.get_untracked(), new_name.get_untracked());
        let (to, new) = (to.trim(), new.trim());
        let SavedPath { folder, message } = path.get_value();
        let is_done = saved.change(|messages| match message {
            Some(name) => move_message(messages, [&folder, &name], [to, new]),
            None => messages.rename_folder(&folder, new),
        });
        if is_done {
            saved.editing.set(None);
        }
    };
    let replace = move || path.with_value(|path| saved.replace(&path.folder, path.name()));
    let delete = move || {
        let SavedPath { folder, message } = path.get_value();
        saved.delete(|messages| match message {
            Some(name) => messages.remove(&folder, &name),
            None => messages.remove_folder(&folder),
        });
    };
    let (name, removal) =
        if is_message { (words.name, words.delete) } else { (words.folder, words.delete_folder) };
    view! {
        <form class="panel-form changing" on:submit=on_submit(apply)>
            <ErrorLine message=saved.error_message(true) />
            <Field label=name class="saved-name" text=new_name />
            {is_message.then(|| view! { <FolderField folder=new_folder /> })}
            <button type="submit" class="plain">{words.apply}</button>
            <Button class="plain replace" label=words.replace is_hidden=!is_message on_click=replace />
            <Button class="plain remove" label=removal on_click=delete />
        </form>
    }
}

/// Renames a message and moves it to another folder, which is created if needed. Both paths are folder and name.
fn move_message(
    messages: &mut Saved,
    [folder, name]: [&str; 2],
    [to, new]: [&str; 2],
) -> Result<(), ItemError> {
    messages.rename(folder, name, new)?;
    if to == folder {
        return Ok(());
    }
    if messages.folders().iter().all(|it| it.name() != to) {
        messages.add_folder(to)?;
    }
    messages.move_to(folder, new, to)
}
