//! State of the variables panel: the active environment and its rows.

use leptos::prelude::*;
use workbench::compose::{Environment, ItemError, ItemKind, VariableError, wrong_variables};

use crate::{
    composer::{ComposerState, Undo, library::Library, words::words},
    ui::row_editor::{Edit, Pair, RowError},
};

/// Handle to the panel's state. Copies share it. Reads the library; unstored edits live in it,
/// too, and survive the panel.
#[derive(Clone, Copy)]
pub(super) struct VariablesState {
    /// Composer of the tab, with the library and the unstored edits.
    composer: ComposerState,
    pub(super) chosen: Memo<Option<String>>,
    /// Its variables: as edited, else as stored.
    pub(super) rows: Memo<Vec<Pair>>,
    /// Error of each row.
    row_errors: Memo<Vec<Option<RowError>>>,
    /// Error of the last addition or new name of an environment, as a sentence.
    error: RwSignal<Option<String>>,
}

impl VariablesState {
    /// State of the environment that is active in the library, and follows it.
    pub(super) fn new(composer: ComposerState) -> Self {
        let workspace = composer.library.workspace;
        let chosen = Memo::new(move |_| {
            workspace.with(|it| it.environments.active().map(|it| it.name().to_owned()))
        });
        let rows = Memo::new(move |_| {
            chosen.get().map(|name| composer.library.rows(&name)).unwrap_or_default()
        });
        let row_errors = Memo::new(move |_| {
            let row_error = |error: VariableError| RowError {
                says: (words().variables.invalid)(&error),
                is_of_value: error == VariableError::TooLong,
            };
            rows.with(|rows| {
                wrong_variables(rows).into_iter().map(|it| it.map(row_error)).collect()
            })
        });
        Self { composer, chosen, rows, row_errors, error: RwSignal::new(None) }
    }

    /// Sentence for the error of a row.
    pub(super) fn row_error(self, index: usize) -> Option<RowError> {
        self.row_errors.with(|it| it.get(index).cloned().flatten())
    }

    /// Library of the variables.
    pub(super) fn library(self) -> Library {
        self.composer.library
    }

    /// Names of all environments, in the order of the library.
    pub(super) fn names(self) -> Vec<String> {
        self.composer.library.workspace.with(|workspace| {
            workspace.environments.list().iter().map(|it| it.name().to_owned()).collect()
        })
    }

    /// Sentence for the error of the environment; errors of rows are beside them.
    pub(super) fn error_message(self) -> Signal<Option<String>> {
        let of_rows = move || self.composer.library.edited(&self.chosen.get()?)?.error;
        let of_rows = move || of_rows().map(|error| (words().variables.error)(&error));
        Signal::derive(move || self.error.get().or_else(of_rows))
    }

    /// Shows the error of a change; none of one that succeeded.
    fn show_error(self, changed: Option<Result<(), ItemError>>) {
        let error = changed.and_then(Result::err);
        self.error.set(error.map(|error| (words().variables.error)(&error)));
    }

    /// Activates an environment; none if there is none of this name. No library change can fail
    /// here, so that a former error is gone.
    pub(super) fn choose(self, name: Option<&str>) {
        self.error.set(None);
        self.composer.library.change(|it| it.environments.activate(name));
    }

    /// Adds an empty environment under a free name, and activates it. Fails at the limit of environments.
    pub(super) fn add_environment(self) {
        let added = self.composer.library.change(|workspace| {
            let environments = &mut workspace.environments;
            let is_free = |name: &String| environments.list().iter().all(|it| it.name() != name);
            // One of them is free: there is one name more than there may be environments.
            let mut names = (1..=ItemKind::Environment.max() + 1).map(words().variables.new_name);
            let name = names.find(is_free).unwrap_or_default();
            environments.add(Environment::new(name.clone(), Vec::new())?)?;
            environments.activate(Some(&name));
            Ok(())
        });
        self.show_error(added);
    }

    /// Renames an environment, and its unstored edits and deleted variable with it. The name must be
    /// free and not empty; the error is shown.
    pub(super) fn rename(self, old: &str, new: &str) {
        let renamed = self.composer.library.change(|workspace| {
            let environments = &mut workspace.environments;
            let stored = environments.variables().to_vec();
            environments.replace(old, Environment::new(new, stored)?)
        });
        if let Some(Ok(())) = renamed {
            self.composer.library.edited.update(|edited| {
                if let Some(edited) = edited.as_mut().filter(|it| it.of == old) {
                    new.clone_into(&mut edited.of);
                }
            });
            self.composer.undo.update(|undo| {
                if let Some(Undo::Variable(of, ..)) = undo
                    && of == old
                {
                    new.clone_into(of);
                }
            });
        }
        self.show_error(renamed);
    }

    /// Deletes an environment; can be undone. Edits that were not stored go with it.
    pub(super) fn delete(self, name: String) {
        let removed = self.composer.library.change(|it| it.environments.remove(&name)).flatten();
        self.composer.undo.set(removed.map(|removed| Undo::Environment(removed, name)));
        self.error.set(None);
    }

    /// Changes the variables of the active environment. A name is in use once its box is left: what is half typed may
    /// be the name of another.
    pub(super) fn edit_rows(self, edit: Edit) {
        let Some(name) = self.chosen.get_untracked() else { return };
        let library = self.composer.library;
        self.error.set(None);
        if matches!(edit, Edit::Name(..)) {
            library.type_rows(&name, |rows| edit.apply(rows));
        } else {
            library.edit_rows(&name, |rows| edit.apply(rows));
        }
    }

    /// Deletes a variable; can be undone. An empty row is nothing to lose.
    pub(super) fn delete_row(self, index: usize) {
        let Some(name) = self.chosen.get_untracked() else { return };
        let removed = self.rows.with_untracked(|rows| rows.get(index).cloned());
        let Some(row) = removed else { return };
        self.edit_rows(Edit::Remove(index));
        if row != Pair::default() {
            self.composer.undo.set(Some(Undo::Variable(name, index, row)));
        }
    }
}
