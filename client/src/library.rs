//! What a person keeps for all tabs: saved messages and environments.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use workbench::compose::Workspace;

use crate::{
    later::later,
    storage::{self, remembered},
};

later!(later, fn read(library: Library) -> () = Library::read);

/// What it is stored under: the same text as in a workspace file.
const WORKSPACE: &str = "wsbench.workspace";

/// What the name of the chosen environment is stored under; empty for none.
const ENVIRONMENT: &str = "wsbench.environment";

/// Saved messages and environments. Copies are the same.
#[derive(Clone, Copy)]
pub struct Library {
    workspace: RwSignal<Workspace>,
    chosen: RwSignal<String>,
    /// What was stored and is not read yet.
    unread: StoredValue<Option<String>>,
    /// The last change is not stored: there is no room, or it is forbidden.
    is_unstored: RwSignal<bool>,
}

impl Library {
    /// What this browser remembers.
    #[must_use]
    pub fn load() -> Self {
        let text = storage::get(WORKSPACE);
        let has_some = text.is_some();
        let library = Self {
            workspace: RwSignal::default(),
            chosen: remembered(ENVIRONMENT, String::new(), |it| Some(it.into()), String::clone),
            unread: StoredValue::new(text),
            is_unstored: RwSignal::new(false),
        };
        if has_some {
            // If the code for it does not come, nothing that needs what is stored comes, either.
            spawn_local(async move { drop(read(library).await) });
        }
        library
    }

    fn read(self) {
        if let Some(text) = self.unread.try_update_value(Option::take).flatten()
            && let Ok(mut workspace) = Workspace::read(&text)
        {
            workspace.environments.choose(Some(&self.chosen.get_untracked()));
            self.workspace.set(workspace);
        }
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
        self.read();
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
