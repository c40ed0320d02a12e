//! What a person keeps for all tabs: saved messages and environments.

use leptos::prelude::*;
use workbench::exchange::Workspace;

use crate::browser::storage::{self, remembered};

/// What it is stored under: the same text as in a workspace file.
const WORKSPACE: &str = "wsbench.workspace";

/// What the name of the chosen environment is stored under; empty for none.
const ENVIRONMENT: &str = "wsbench.environment";

/// Saved messages and environments. Copies are the same.
#[derive(Clone, Copy)]
pub struct Library {
    workspace: RwSignal<Workspace>,
    chosen: RwSignal<String>,
    /// The last change is not stored: there is no room, or it is forbidden.
    is_unstored: RwSignal<bool>,
}

impl Library {
    /// What this browser remembers.
    #[must_use]
    pub fn load() -> Self {
        let text = storage::get(WORKSPACE);
        let workspace = text.and_then(|text| Workspace::read(&text).ok()).unwrap_or_default();
        let chosen =
            remembered(ENVIRONMENT, String::new(), |name| Some(name.into()), String::clone);
        let library =
            Self { workspace: RwSignal::new(workspace), chosen, is_unstored: RwSignal::new(false) };
        library.workspace.update(|it| it.environments.choose(Some(&chosen.get_untracked())));
        library
    }

    /// What there is.
    #[must_use]
    pub fn workspace(self) -> Signal<Workspace> {
        self.workspace.into()
    }

    /// Whether the last change will be gone with the page.
    #[must_use]
    pub fn is_unstored(self) -> Signal<bool> {
        self.is_unstored.into()
    }

    /// The variables of the environment that is chosen.
    #[must_use]
    pub fn variables(self) -> Vec<(String, String)> {
        self.workspace.with(|workspace| workspace.environments.variables().to_vec())
    }

    /// Changes something, and stores it.
    pub fn change<T>(self, change: impl FnOnce(&mut Workspace) -> T) -> Option<T> {
        let answer = self.workspace.try_update(change);
        self.workspace.with_untracked(|workspace| {
            let environments = &workspace.environments;
            let chosen = environments.chosen().map_or("", |environment| environment.name());
            self.chosen.set(chosen.to_owned());
            self.is_unstored.set(!storage::set(WORKSPACE, &workspace.to_string()));
        });
        answer
    }
}
