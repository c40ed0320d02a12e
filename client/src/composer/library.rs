//! Library: saved messages, connections and environments, shared by all tabs and kept in local storage.

use leptos::prelude::*;
use workbench::exchange::Workspace;

use crate::browser::storage::{self, remembered};

/// Storage key of the library, in the format of a workspace file.
const WORKSPACE: &str = "wsbench.workspace";

/// Storage key of the active environment's name; empty for none.
const ENVIRONMENT: &str = "wsbench.environment";

/// Handle to saved messages, connections and environments. Copies share state.
#[derive(Clone, Copy)]
pub struct Library {
    workspace: RwSignal<Workspace>,
    environment: RwSignal<String>,
    is_unstored: RwSignal<bool>,
}

impl Library {
    /// Loads the library from local storage; empty if there is none.
    #[must_use]
    pub fn load() -> Self {
        let text = storage::get(WORKSPACE);
        let read = text.and_then(|text| Workspace::read_entries(&text).ok());
        let mut workspace = read.map(|(workspace, _)| workspace).unwrap_or_default();
        let environment =
            remembered(ENVIRONMENT, String::new(), |name| Some(name.into()), String::clone);
        workspace.environments.choose(Some(&environment.get_untracked()));
        Self { workspace: RwSignal::new(workspace), environment, is_unstored: RwSignal::new(false) }
    }

    /// Saved messages, connections and environments.
    #[must_use]
    pub fn workspace(self) -> Signal<Workspace> {
        self.workspace.into()
    }

    /// True if the last change could not be stored and is lost when the page is closed.
    #[must_use]
    pub fn is_unstored(self) -> Signal<bool> {
        self.is_unstored.into()
    }

    /// Variables of the active environment.
    #[must_use]
    pub fn variables(self) -> Vec<(String, String)> {
        self.workspace.with(|workspace| workspace.environments.variables().to_vec())
    }

    /// Applies a change and stores the library. Returns the change's result; `None` once disposed.
    pub fn change<T>(self, change: impl FnOnce(&mut Workspace) -> T) -> Option<T> {
        let result = self.workspace.try_update(change);
        self.workspace.with_untracked(|workspace| {
            let environments = &workspace.environments;
            let chosen = environments.chosen().map_or("", |environment| environment.name());
            self.environment.set(chosen.to_owned());
            self.is_unstored.set(!storage::set(WORKSPACE, &workspace.to_string()));
        });
        result
    }
}
