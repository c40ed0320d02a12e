//! Undo of the last deletion or replacement in the library.

use leptos::prelude::*;

use crate::{
    composer::{ComposerState, Panel, Undo, words::words},
    ui::{button::UndoLine, row_editor::Pair},
};

/// Undo of the last deletion or replacement in the library, in its panel. The next one takes its place; there is no
/// time limit.
#[component]
pub(super) fn UndoOffer(composer: ComposerState, panel: Panel) -> impl IntoView {
    let content = move || {
        composer.undo.get().filter(|undo| undo.panel() == panel).map(|undo| {
            view! {
                <UndoLine
                    says=(words().composer.undone)(&undo)
                    on_undo=move || restore(composer)
                    on_discard=move || composer.undo.set(None)
                />
            }
        })
    };
    view! { <p class="notice" role="status">{move || content()}</p> }
}

/// Restores the item. The offer stays if that fails: its name is in use again, a limit is reached, or the environment
/// of a variable is gone. A variable over a limit is back in the form, unstored, with the error.
fn restore(composer: ComposerState) {
    let Some(undo) = composer.undo.get_untracked() else { return };
    let library = composer.library;
    let is_restored = match undo {
        Undo::Removed(removed) => library.change(|it| it.saved.restore(removed).is_ok()),
        Undo::Replaced(folder, message) => {
            library.change(|it| it.saved.replace(&folder, &message.name, message.draft).is_ok())
        }
        Undo::Environment(removed, _) => {
            library.change(|it| it.environments.restore(removed).is_ok())
        }
        Undo::Variable(environment, index, row) => {
            let insert = |rows: &mut Vec<Pair>| rows.insert(index.min(rows.len()), row);
            let is_there = library.workspace.with_untracked(|it| {
                it.environments.list().iter().any(|it| it.name() == environment)
            });
            if is_there {
                library.change(|it| it.environments.activate(Some(&environment)));
                library.edit_rows(&environment, insert);
            }
            Some(is_there)
        }
    };
    if is_restored == Some(true) {
        composer.undo.set(None);
        // The list shows what is restored once no edit form is open.
        composer.editing.set(None);
    }
}
