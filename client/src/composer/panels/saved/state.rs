//! State of the panel of saved messages.

use leptos::prelude::*;
use workbench::{
    compose::{Draft, Folder, Removed, Saved, SavedError, SavedMessage},
    engine::ComposerCommand,
};

use crate::composer::{
    ComposerState, Undo, draft_check::DraftCheck, text_box::TextBox, words::words,
};

/// Path of a saved message, or of a folder.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SavedPath {
    pub(super) folder: String,
    /// Name of the message; `None` for the folder itself.
    pub(super) message: Option<String>,
}

/// Handle to the panel's state. Copies share it.
#[derive(Clone, Copy)]
pub(super) struct SavedState {
    pub(super) composer: ComposerState,
    text_box: TextBox,
    /// Message or folder whose edit form is open.
    pub(super) editing: RwSignal<Option<SavedPath>>,
    pub(super) error: RwSignal<Option<SavedError>>,
}

impl SavedState {
    pub(super) fn new(composer: ComposerState, text_box: TextBox) -> Self {
        Self { composer, text_box, editing: RwSignal::new(None), error: RwSignal::new(None) }
    }

    pub(super) fn folders(self) -> Vec<Folder> {
        self.composer.library.workspace().with(|workspace| workspace.saved.folders().to_vec())
    }

    /// Applies a change as a whole or, if it fails, not at all. Returns `true` on success.
    pub(super) fn change(self, change: impl FnOnce(&mut Saved) -> Result<(), SavedError>) -> bool {
        let result = self.composer.library.change(|workspace| {
            let mut saved = workspace.saved.clone();
            change(&mut saved)?;
            workspace.saved = saved;
            Ok(())
        });
        let error = result.and_then(Result::err);
        let is_done = error.is_none();
        self.error.set(error);
        is_done
    }

    /// Saves the draft as a new message. Returns `true` on success.
    pub(super) fn save_draft(self, folder: &str, name: &str) -> bool {
        self.editing.set(None);
        let draft = self.composer.engine.draft().get_untracked();
        self.change(|saved| saved.add(folder, name, draft))
    }

    /// Overwrites a saved message with the draft.
    pub(super) fn replace(self, folder: &str, name: &str) {
        let workspace = self.composer.library.workspace();
        let before = workspace.with_untracked(|it| it.saved.draft(folder, name).cloned());
        let draft = self.composer.engine.draft().get_untracked();
        if self.change(|saved| saved.replace(folder, name, draft)) {
            self.editing.set(None);
            let message = before.map(|draft| SavedMessage { name: name.to_owned(), draft });
            self.composer.undo.set(message.map(|it| Undo::Replaced(folder.to_owned(), it)));
        }
    }

    /// Deletes a message or folder; can be undone.
    pub(super) fn delete(self, delete: impl FnOnce(&mut Saved) -> Option<Removed>) {
        let removed = self.composer.library.change(|it| delete(&mut it.saved)).flatten();
        self.editing.set(None);
        self.composer.undo.set(removed.map(Undo::Removed));
    }

    /// Loads a saved message as the draft, and closes the panel.
    pub(super) fn load(self, draft: Draft) {
        self.composer.engine.put_draft(draft);
        self.composer.panel.set(None);
        self.text_box.focus();
    }

    /// Sends a saved message. An invalid one is loaded instead, so that its error is shown.
    pub(super) fn send(self, draft: Draft) {
        if DraftCheck::of(&draft, None, || self.composer.preview_values()).is_error() {
            self.load(draft);
        } else {
            self.composer.engine.command(ComposerCommand::SendDraft(draft));
        }
    }

    /// Error message of the edit form (`in_list`), or of the form that saves.
    pub(super) fn error_message(self, in_list: bool) -> Signal<Option<String>> {
        Signal::derive(move || {
            let is_here = self.editing.with(Option::is_some) == in_list;
            self.error.get().filter(|_| is_here).map(|error| (words().saving.error)(&error))
        })
    }
}
