//! Library: saved messages, connections and environments, shared by all tabs and kept in local storage.

use leptos::prelude::*;
use workbench::exchange::Workspace;

use crate::browser::storage::{self, remembered};

/// Storage key of the library, in the format of a workspace file. The file format is used for
/// storage, too, so that both have one reader and one set of limits.
const WORKSPACE: &str = "wsbench.workspace";

/// Storage key of the active environment's name; empty for none. Kept apart from the library: a
/// workspace file carries no choice.
const ENVIRONMENT: &str = "wsbench.environment";

/// Handle to saved messages, connections and environments. Copies share state. Another tab of the
/// same window has the same handle.
#[derive(Clone, Copy)]
pub struct Library {
    /// Contents, written to storage as a whole at each change.
    workspace: RwSignal<Workspace>,
    /// Name of the active environment; remembered by its own key.
    environment: RwSignal<String>,
    /// True after a failed write.
    is_unstored: RwSignal<bool>,
}

impl Library {
    /// Loads the library from local storage; empty if there is none. Entries that cannot be read
    /// are left out, without a report: nobody has asked for the file.
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

    /// Saved messages, connections and environments. Tracking it makes a view depend on all three.
    #[must_use]
    pub fn workspace(self) -> Signal<Workspace> {
        self.workspace.into()
    }

    /// True if the last change could not be stored and is lost when the page is closed. Storage is
    /// full, or the browser forbids it.
    #[must_use]
    pub fn is_unstored(self) -> Signal<bool> {
        self.is_unstored.into()
    }

    /// Variables of the active environment. Empty without one.
    #[must_use]
    pub fn variables(self) -> Vec<(String, String)> {
        self.workspace.with(|workspace| workspace.environments.variables().to_vec())
    }

    /// Applies a change and stores the library. Returns the change's result; `None` once disposed.
    /// The choice of the environment is stored with it. A failure to store leaves the change in
    /// memory, and sets [`Self::is_unstored`].
    pub fn change<T>(self, change: impl FnOnce(&mut Workspace) -> T) -> Option<T> {
        let result = self.workspace.try_update(change);
        self.store();
        result
    }

    /// Stores the library, and the choice of the environment.
    fn store(self) {
        self.workspace.with_untracked(|workspace| {
            let environments = &workspace.environments;
            let chosen = environments.chosen().map_or("", |environment| environment.name());
            self.environment.set(chosen.to_owned());
            self.is_unstored.set(!storage::set(WORKSPACE, &workspace.to_string()));
        });
    }
}
