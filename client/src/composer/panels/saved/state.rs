//! State of the panel of saved messages.

use leptos::{html, prelude::*};
use workbench::{
    compose::{Draft, Folder, ItemError, Removed, Saved, SavedMessage},
    engine::ComposerCommand,
};

use crate::{
    browser::dom::focus::focus_node,
    composer::{
        ComposerState, Undo, draft_check::DraftCheck, state::SavedPath, text_box::TextBox,
        words::words,
    },
};

/// Handle to the panel's state. Copies share it. Lives as long as the panel is open.
#[derive(Clone, Copy)]
pub(super) struct SavedState {
    pub(super) composer: ComposerState,
    /// Text box that takes the focus after loading.
    text_box: NodeRef<html::Textarea>,
    pub(super) editing: RwSignal<Option<SavedPath>>,
    /// Error of the last change; shown in the form that caused it.
    pub(super) error: RwSignal<Option<ItemError>>,
    /// Saved message that could not be sent, and its error.
    unsendable: RwSignal<Option<(SavedPath, String)>>,
}

impl SavedState {
    /// State without an open edit form and without an error.
    pub(super) fn new(composer: ComposerState, text_box: TextBox) -> Self {
        composer.editing.set(None);
        let (text_box, editing) = (text_box.node, composer.editing);
        let (error, unsendable) = (RwSignal::new(None), RwSignal::new(None));
        Self { composer, text_box, editing, error, unsendable }
    }

    /// Folders in order, the top level among them.
    pub(super) fn folders(self) -> Vec<Folder> {
        self.composer.library.workspace.with(|workspace| workspace.saved.folders().to_vec())
    }

    /// Applies a change as a whole or, if it fails, not at all. Returns `true` on success. The
    /// error of a failure is shown.
    pub(super) fn change(self, change: impl FnOnce(&mut Saved) -> Result<(), ItemError>) -> bool {
        let result = self.composer.library.change(|workspace| {
            let mut saved = workspace.saved.clone();
            change(&mut saved)?;
            workspace.saved = saved;
            Ok(())
        });
        let error = result.and_then(Result::err);
        self.unsendable.set(None);
        let is_done = error.is_none();
        self.error.set(error);
        is_done
    }

    /// Saves the draft as a new message. Returns `true` on success. Its name must be free in the folder.
    pub(super) fn save_draft(self, folder: &str, name: &str) -> bool {
        self.editing.set(None);
        let draft = self.composer.engine.draft.get_untracked();
        self.change(|saved| saved.add(folder, name, draft))
    }

    /// Overwrites a saved message with the draft. Undo holds the message before, if there was one.
    pub(super) fn replace(self, folder: &str, name: &str) {
        let workspace = self.composer.library.workspace;
        let before = workspace.with_untracked(|it| it.saved.draft(folder, name).cloned());
        let draft = self.composer.engine.draft.get_untracked();
        if self.change(|saved| saved.replace(folder, name, draft)) {
            self.editing.set(None);
            let message = before.map(|draft| SavedMessage { name: name.to_owned(), draft });
            self.composer.undo.set(message.map(|it| Undo::Replaced(folder.to_owned(), it)));
        }
    }

    /// Deletes a message or folder; can be undone. `delete` returns the removed item, or `None` if
    /// it was gone already: then there is nothing to undo.
    pub(super) fn delete(self, delete: impl FnOnce(&mut Saved) -> Option<Removed>) {
        self.unsendable.set(None);
        let removed = self.composer.library.change(|it| delete(&mut it.saved)).flatten();
        self.editing.set(None);
        self.composer.undo.set(removed.map(Undo::Removed));
    }

    /// Loads a saved message as the draft, and closes the panel. The former draft is added to the history.
    pub(super) fn load(self, draft: Draft) {
        self.composer.engine.put_draft(draft);
        self.composer.panel.set(None);
        focus_node(self.text_box);
    }

    /// Sends a saved message, with its variables filled in, or shows its error. The draft in the composer stays.
    pub(super) fn send(self, path: SavedPath, draft: Draft) {
        let check = DraftCheck::of(&draft, None, &|| self.composer.preview_values());
        let error = check.message().filter(|_| check.is_error());
        if error.is_none() {
            self.composer.engine.command(ComposerCommand::SendDraft(draft));
        }
        self.unsendable.set(error.map(|error| (path, error)));
    }

    /// Error of the saved message at `path`, if it could not be sent last.
    pub(super) fn unsendable(self, path: &SavedPath) -> Option<String> {
        self.unsendable.get().filter(|it| it.0 == *path).map(|it| it.1)
    }

    /// Error message of the edit form (`in_list`), or of the form that saves. An open edit form
    /// owns the error of a change.
    pub(super) fn error_message(self, in_list: bool) -> Signal<Option<String>> {
        Signal::derive(move || {
            let is_here = self.editing.with(Option::is_some) == in_list;
            self.error.get().filter(|_| is_here).map(|error| (words().saving.error)(&error))
        })
    }
}
