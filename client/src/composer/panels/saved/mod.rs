//! Panel of saved messages, in folders.

mod edit;
mod list;
mod state;

use leptos::prelude::*;
use workbench::compose::{ItemError, ItemKind, TOP};

use self::{list::SavedList, state::SavedState};
use super::fields::{ErrorLine, FOLDER_LIST, Field, FolderField};
use crate::{
    composer::{ComposerState, text_box::TextBox, words::words},
    ui::{show::Show, text_input::on_submit},
};

/// Save form above, then the list by folder; the `datalist` gives folder fields their suggestions.
#[component]
pub(super) fn SavedPanel(composer: ComposerState, text_box: TextBox) -> impl IntoView {
    let saved = SavedState::new(composer, text_box);
    let names = Memo::new(move |_| {
        composer.library.workspace.with(|workspace| {
            let names = workspace.saved.folders().iter().map(|it| it.name().to_owned());
            names.filter(|name| name != TOP).collect::<Vec<_>>()
        })
    });
    let folders = move || {
        names.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()
    };
    view! {
        <div>
            <SaveForm saved />
            <datalist id=FOLDER_LIST>{move || folders()}</datalist>
            <div class="saved"><SavedList saved /></div>
        </div>
    }
}

/// Form that saves the draft under a name; offers to replace what has the name already. An empty
/// folder name is the top level; an unknown one is an error of the library.
#[component]
fn SaveForm(saved: SavedState) -> impl IntoView {
    let words = &words().saving;
    let [name, folder] = saved.composer.save_as;
    let typed =
        move || (folder.get_untracked().trim().to_owned(), name.get_untracked().trim().to_owned());
    let said = RwSignal::new(None);
    let save = move || {
        let (folder, new_name) = typed();
        let is_saved = saved.save_draft(&folder, &new_name);
        said.set(is_saved.then(|| (words.saved)(&new_name)));
        if is_saved {
            name.set(String::new());
        }
    };
    let replace = move || {
        let (folder, name) = typed();
        saved.replace(&folder, &name);
    };
    let is_taken = move || {
        saved.editing.with(Option::is_none)
            && saved
                .error
                .with(|error| matches!(error, Some(ItemError::Twice(ItemKind::Message, _))))
    };
    view! {
        <div class="saving">
            // What was wrong with one name is not with another.
            <form
                class="panel-form"
                on:submit=on_submit(save)
                on:input=move |_| {
                    said.set(None);
                    saved.error.set(None);
                }
            >
                <Field label=words.name class="saved-name" text=name />
                <FolderField folder />
                <button type="submit" class="plain">{words.save}</button>
            </form>
            // Has its place always: the second click of a double click on Save must not reach what comes.
            <div class="question">
                <ErrorLine message=saved.error_message(false) />
                <span class="hint" role="status">{move || said.get()}</span>
                <Show when=is_taken>
                    <button type="button" class="plain replace" on:click=move |_| replace()>
                        {move || (words.replace_named)(name.read().trim())}
                    </button>
                </Show>
            </div>
        </div>
    }
}
