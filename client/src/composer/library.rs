//! Library: saved messages, connections and environments, shared by all tabs and kept in local storage.

use leptos::prelude::*;
use workbench::{
    compose::Environment,
    exchange::{Unreadable, Workspace, WorkspaceError},
};

use crate::browser::storage;

/// Storage key of the library, in the format of a workspace file. The file format is used for
/// storage, too, so that both have one reader and one set of limits.
const WORKSPACE: &str = "wsbench.workspace";

/// Storage key of the last library that could not be read whole, before it was overwritten.
pub(crate) const UNREAD: &str = "wsbench.workspace.unread";

/// Storage key of the active environment's name; empty for none. Kept apart from the library: a
/// workspace file carries no choice.
const ENVIRONMENT: &str = "wsbench.environment";

/// Handle to saved messages, connections and environments. Copies share state. Another tab of the
/// same window has the same handle; another window's changes are read as it stores them.
#[derive(Clone, Copy)]
pub struct Library {
    /// Saved messages, connections and environments, stored as a whole at each change. Tracking it makes a view
    /// depend on all three.
    pub workspace: ReadSignal<Workspace>,
    set_workspace: WriteSignal<Workspace>,
    /// True if the last change could not be stored and is lost when the page is closed: storage is full, the browser
    /// forbids it, or its text is not overwritten.
    pub(crate) is_unstored: RwSignal<bool>,
    /// Text in storage, as this window read or wrote it last.
    stored: StoredValue<Option<String>>,
    /// True if that text is not overwritten: it is of a later version, or cannot be read and found no room for a
    /// copy.
    is_kept: StoredValue<bool>,
    /// Entries that could not be read, of the text that was copied to [`UNREAD`].
    pub(crate) unread: RwSignal<Option<Unreadable<WorkspaceError>>>,
}

impl Library {
    /// Loads the library from local storage; empty if there is none.
    #[must_use]
    pub fn load() -> Self {
        let (workspace, set_workspace) = signal(Workspace::default());
        let library = Self {
            workspace,
            set_workspace,
            is_unstored: RwSignal::new(false),
            stored: StoredValue::default(),
            is_kept: StoredValue::default(),
            unread: RwSignal::default(),
        };
        library.read(storage::get(WORKSPACE));
        let chosen = storage::get(ENVIRONMENT);
        library.set_workspace.update(|it| it.environments.activate(chosen.as_deref()));
        storage::on_change(WORKSPACE.to_owned(), move || library.read(storage::get(WORKSPACE)));
        library
    }

    /// Takes over a text from storage that this window does not have, unless it has changes that are
    /// not stored. Entries that cannot be read are left out, and the text is kept beside.
    fn read(self, text: Option<String>) {
        if self.stored.try_with_value(|stored| *stored != text) != Some(true) {
            return;
        }
        let read = text.as_deref().map_or_else(|| Ok(<_>::default()), Workspace::read_entries);
        let is_newer = matches!(read, Err(WorkspaceError::Newer(_)));
        let (mut workspace, unread) = read.unwrap_or_else(|error| {
            (Workspace::default(), Unreadable { count: 1, first: vec![error] })
        });
        let copy = |text: &String| storage::set(UNREAD, text);
        let is_kept = is_newer || unread.count > 0 && !text.as_ref().is_some_and(copy);
        let has_changes = self.is_unstored.get_untracked() && !self.is_kept.get_value();
        self.stored.set_value(text);
        self.is_kept.set_value(is_kept);
        self.is_unstored.set(has_changes || is_kept);
        if has_changes || is_newer {
            return;
        }
        self.unread.set(Some(unread).filter(|it| it.count > 0 && !is_kept));
        self.set_workspace.update(|it| {
            workspace.environments.activate_as(&it.environments);
            *it = workspace;
        });
    }

    /// Variables of the active environment. Empty without one.
    #[must_use]
    pub fn variables(self) -> Vec<(String, String)> {
        self.workspace.with(|workspace| workspace.environments.variables().to_vec())
    }

    /// Applies a change and stores the library. Returns the change's result; `None` once disposed. The choice of the
    /// environment is stored with it. A failure to store leaves the change in memory, and sets `is_unstored`.
    pub fn change<T>(self, change: impl FnOnce(&mut Workspace) -> T) -> Option<T> {
        // Another window's change may be on its way. Where all was cleared, what is in view is stored again.
        if let Some(text) = storage::get(WORKSPACE) {
            self.read(Some(text));
        }
        let result = self.set_workspace.try_update(change);
        self.store();
        result
    }

    /// Stores the library, and the choice of the environment.
    fn store(self) {
        self.workspace.with_untracked(|workspace| {
            let text = workspace.to_string();
            let is_stored = !self.is_kept.get_value() && storage::set(WORKSPACE, &text);
            self.is_unstored.set(!is_stored);
            if is_stored {
                let chosen = workspace.environments.active();
                let _ = storage::set(ENVIRONMENT, chosen.map_or("", Environment::name));
                self.stored.set_value(Some(text));
            }
        });
    }
}
