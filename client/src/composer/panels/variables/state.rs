//! State of the variables panel: the active environment and its rows.

use leptos::prelude::*;
use workbench::compose::{
    ENVIRONMENTS, Environment, EnvironmentError, VariableError, wrong_variables,
};

use crate::composer::{ComposerState, Undo, state::VariableRows, words::words};

/// Handle to the panel's state. Copies share it. Reads the library; unstored edits live in the
/// composer's state, and survive the panel.
#[derive(Clone, Copy)]
pub(super) struct VariablesState {
    /// Composer of the tab, with the library and the unstored edits.
    composer: ComposerState,
    /// Name of the active environment.
    pub(super) chosen: Memo<Option<String>>,
    /// Its variables: as edited, else as stored.
    pub(super) rows: Memo<VariableRows>,
    /// Error of each row.
    pub(super) row_errors: Memo<Vec<Option<VariableError>>>,
    /// Error of the last change of an environment as a whole.
    error: RwSignal<Option<EnvironmentError>>,
}

impl VariablesState {
    pub(super) fn new(composer: ComposerState) -> Self {
        let workspace = composer.library.workspace();
        let chosen = Memo::new(move |_| {
            workspace.with(|it| it.environments.chosen().map(|it| it.name().to_owned()))
        });
        let rows = Memo::new(move |_| {
            let edited = composer.edited.get().filter(|(of, _)| Some(of) == chosen.get().as_ref());
            let stored = || workspace.with(|it| it.environments.variables().to_vec());
            edited.map_or_else(stored, |(_, rows)| rows)
        });
        let row_errors = Memo::new(move |_| rows.with(|rows| wrong_variables(rows)));
        Self { composer, chosen, rows, row_errors, error: RwSignal::new(None) }
    }

    /// Names of all environments, in the order of the library.
    pub(super) fn names(self) -> Vec<String> {
        self.composer.library.workspace().with(|workspace| {
            workspace.environments.list().iter().map(|it| it.name().to_owned()).collect()
        })
    }

    /// Sentence for the error of the environment; errors of rows are beside them.
    pub(super) fn error_message(self) -> Signal<Option<String>> {
        let error = self.error;
        Signal::derive(move || error.get().map(|error| (words().variables.error)(&error)))
    }

    /// Activates an environment; none if there is none of this name. No library change can fail
    /// here, so that a former error is gone.
    pub(super) fn choose(self, name: &str) {
        self.error.set(None);
        self.composer.library.change(|it| it.environments.choose(Some(name)));
    }

    /// Adds an empty environment under a free name, and activates it. Fails at the limit of
    /// environments.
    pub(super) fn add_environment(self) {
        let added = self.composer.library.change(|workspace| {
            let environments = &mut workspace.environments;
            let is_free = |name: &String| environments.list().iter().all(|it| it.name() != name);
            // One of them is free: there is one name more than there may be environments.
            let mut names = (1..=ENVIRONMENTS + 1).map(words().variables.new_name);
            let name = names.find(is_free).unwrap_or_default();
            environments.add(Environment::new(name.clone(), Vec::new())?)?;
            environments.choose(Some(&name));
            Ok(())
        });
        self.error.set(added.and_then(Result::err));
    }

    /// Renames an environment, and its unstored edits with it. The name must be free and not empty;
    /// the error is shown.
    pub(super) fn rename(self, old: &str, new: &str) {
        let renamed = self.composer.library.change(|workspace| {
            let environments = &mut workspace.environments;
            let stored = environments.variables().to_vec();
            environments.replace(old, Environment::new(new, stored)?)
        });
        if let Some(Ok(())) = renamed {
            self.composer.edited.update(|edited| {
                if let Some((of, _)) = edited.as_mut().filter(|(of, _)| of == old) {
                    new.clone_into(of);
                }
            });
        }
        self.error.set(renamed.and_then(Result::err));
    }

    /// Deletes an environment; can be undone. Edits that were not stored go with it.
    pub(super) fn delete(self, name: String) {
        let removed = self.composer.library.change(|it| it.environments.remove(&name)).flatten();
        self.composer.undo.set(removed.map(|removed| Undo::Environment(removed, name)));
        self.error.set(None);
    }

    /// Changes the rows, and stores them if all are valid. Invalid rows stay as typed, unstored,
    /// with their error beside them. A row without a name is not stored, but kept in the form.
    pub(super) fn edit_rows(self, change: impl FnOnce(&mut VariableRows)) {
        let Some(name) = self.chosen.get_untracked() else { return };
        let edited = self.composer.edited;
        let mut rows = self.rows.get_untracked();
        change(&mut rows);
        edited.set(Some((name.clone(), rows.clone())));
        let is_complete = rows.iter().all(|(name, _)| !name.is_empty());
        let stored = match Environment::new(&name, rows) {
            Ok(environment) => {
                self.composer.library.change(|it| it.environments.replace(&name, environment))
            }
            // The row of the variable shows it.
            Err(EnvironmentError::Variable { .. }) => return self.error.set(None),
            Err(error) => Some(Err(error)),
        };
        if is_complete && matches!(stored, Some(Ok(()))) {
            edited.set(None);
        }
        self.error.set(stored.and_then(Result::err));
    }
}
