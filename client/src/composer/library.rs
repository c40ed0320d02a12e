//! Library: saved messages, connections and environments, shared by all tabs and kept in local storage.

use leptos::prelude::*;
use workbench::exchange::{Workspace, WorkspaceError};

use crate::browser::storage;

/// Storage key of the library, in the format of a workspace file. The file format is used for
/// storage, too, so that both have one reader and one set of limits.
const WORKSPACE: &str = "wsbench.workspace";

/// Storage key of the last library that could not be read whole, before it was overwritten.
const UNREAD: &str = "wsbench.workspace.unread";

/// Storage key of the active environment's name; empty for none. Kept apart from the library: a
/// workspace file carries no choice.
const ENVIRONMENT: &str = "wsbench.environment";

/// Handle to saved messages, connections and environments. Copies share state. Another tab of the
/// same window has the same handle; another window's changes are read as it stores them.
#[derive(Clone, Copy)]
pub struct Library {
    /// Contents, written to storage as a whole at each change.
    workspace: RwSignal<Workspace>,
    /// True after a failed write, and for a library of a later version, which is not overwritten.
    is_unstored: RwSignal<bool>,
    /// Text in storage, as this window read or wrote it last.
    stored: StoredValue<Option<String>>,
}

impl Library {
    /// Loads the library from local storage; empty if there is none.
    #[must_use]
    pub fn load() -> Self {
        let library = Self {
            workspace: RwSignal::default(),
            is_unstored: RwSignal::new(false),
            stored: StoredValue::default(),
        };
        library.read(storage::get(WORKSPACE));
        let chosen = storage::get(ENVIRONMENT);
        library.workspace.update(|it| it.environments.choose(chosen.as_deref()));
        storage::on_change(WORKSPACE.to_owned(), move || library.read(storage::get(WORKSPACE)));
        library
    }

    /// Takes over a text from storage that this window does not have, unless it has changes that are
    /// not stored. Entries that cannot be read are left out, and the text is kept beside.
    fn read(self, text: Option<String>) {
        let is_new = self.stored.try_with_value(|stored| *stored != text);
        if is_new != Some(true) || self.is_unstored.get_untracked() {
            return;
        }
        let read = Workspace::read_entries(text.as_deref().unwrap_or_default());
        let mut workspace = match read {
            Ok((workspace, unreadable)) if unreadable.count == 0 => workspace,
            Err(WorkspaceError::Newer(_)) => return self.is_unstored.set(true),
            read => {
                if let Some(text) = &text {
                    storage::set(UNREAD, text);
                }
                read.map(|(workspace, _)| workspace).unwrap_or_default()
            }
        };
        self.stored.set_value(text);
        self.workspace.update(|it| {
            workspace.environments.choose(Some(chosen(it)));
            *it = workspace;
        });
    }

    /// Saved messages, connections and environments. Tracking it makes a view depend on all three.
    #[must_use]
    pub fn workspace(self) -> Signal<Workspace> {
        self.workspace.into()
    }

    /// True if the last change could not be stored and is lost when the page is closed. Storage is
    /// full, the browser forbids it, or a later version of the page has written it.
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
        // Another window's change may be on its way. Where all was cleared, what is in view is stored again.
        if let Some(text) = storage::get(WORKSPACE) {
            self.read(Some(text));
        }
        let result = self.workspace.try_update(change);
        self.store();
        result
    }

    /// True if a later version of the page has stored the library, which is not overwritten then.
    fn is_newer(self) -> bool {
        let read = |text: String| Workspace::read_entries(&text).err();
        self.is_unstored.get_untracked()
            && matches!(storage::get(WORKSPACE).and_then(read), Some(WorkspaceError::Newer(_)))
    }

    /// Stores the library, and the choice of the environment.
    fn store(self) {
        self.workspace.with_untracked(|workspace| {
            let text = workspace.to_string();
            let is_stored = !self.is_newer() && storage::set(WORKSPACE, &text);
            self.is_unstored.set(!is_stored);
            if is_stored {
                let _ = storage::set(ENVIRONMENT, chosen(workspace));
                self.stored.set_value(Some(text));
            }
        });
    }
}

/// Name of the active environment; empty without one.
fn chosen(workspace: &Workspace) -> &str {
    workspace.environments.chosen().map_or("", |environment| environment.name())
}
