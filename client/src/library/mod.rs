//! Library: saved messages, connections and environments, shared by all tabs and kept in local storage.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use workbench::{
    compose::{Environment, ItemError},
    exchange::{Unreadable, Workspace, WorkspaceError},
};

use crate::{browser::storage, ui::row_editor::Pair};

/// Storage key of the library, in the format of a workspace file. The file format is used for
/// storage, too, so that both have one reader and one set of limits.
const WORKSPACE: &str = "wsbench.workspace";

/// Storage key of the last library that could not be read whole, before it was overwritten.
pub(crate) const UNREAD: &str = "wsbench.workspace.unread";

/// Storage key of the active environment's name; empty for none. Kept apart from the library: a
/// workspace file carries no choice.
const ENVIRONMENT: &str = "wsbench.environment";

/// Time without another edit of variables after which they are stored. Storing writes the whole library, and other
/// windows read it anew.
const STORING: Duration = Duration::from_millis(300);

/// Edits of the variables of an environment that cannot be stored yet.
#[derive(Clone)]
pub(crate) struct Edited {
    pub(crate) of: String,
    /// Variables as stored at the edit: others are of another window, and take precedence.
    stored: Vec<Pair>,
    /// Rows of the form, in order; names may repeat while they are edited.
    rows: Vec<Pair>,
    /// Error of the environment as a whole; errors of rows are beside them.
    pub(crate) error: Option<ItemError>,
}

/// Handle to saved messages, connections and environments. Copies share state. Another tab of the
/// same window has the same handle; another window's changes are read as it stores them.
#[derive(Clone, Copy)]
pub struct Library {
    /// Saved messages, connections and environments, stored as a whole at each change, or once typing variables has
    /// ended. Tracking it makes a view depend on all three.
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
    /// Unstored edits of variables, one environment's. All tabs of the window have the same.
    pub(crate) edited: RwSignal<Option<Edited>>,
    /// Environment that is not stored yet, by its name, with the timer that stores it.
    waiting: StoredValue<Option<(TimeoutHandle, String, Environment)>>,
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
            edited: RwSignal::default(),
            waiting: StoredValue::default(),
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
        self.waiting.with_value(|waiting| {
            if let Some((_, name, environment)) = waiting {
                // Fails if it is gone: the other window has deleted it.
                let _ = workspace.environments.replace(name, environment.clone());
            }
        });
        self.set_workspace.update(|it| {
            workspace.environments.activate_as(&it.environments);
            *it = workspace;
        });
    }

    /// Variables of the active environment. Empty without one.
    #[must_use]
    pub fn variables(self) -> Vec<Pair> {
        self.workspace.with(|workspace| workspace.environments.variables().to_vec())
    }

    /// Applies a change and stores the library. Returns the change's result; `None` once disposed. The choice of the
    /// environment is stored with it. A failure to store leaves the change in memory, and sets `is_unstored`.
    pub fn change<T>(self, change: impl FnOnce(&mut Workspace) -> T) -> Option<T> {
        self.store_waiting();
        self.refresh();
        let result = self.set_workspace.try_update(change);
        self.store();
        result
    }

    /// Takes over what another window has stored, which this one may not have been told of yet. Where all was cleared,
    /// what is in view is stored again.
    fn refresh(self) {
        if let Some(text) = storage::get(WORKSPACE) {
            self.read(Some(text));
        }
    }

    /// Unstored edits of the variables of an environment, unless another window has changed these since.
    pub(crate) fn edited(self, name: &str) -> Option<Edited> {
        let edited = self.edited.get().filter(|it| it.of == name)?;
        (edited.stored == self.stored_rows(name)).then_some(edited)
    }

    /// Variables of an environment, by its name: as edited, else as stored.
    pub(crate) fn rows(self, name: &str) -> Vec<Pair> {
        self.edited(name).map_or_else(|| self.stored_rows(name), |it| it.rows)
    }

    /// Variables of an environment without unstored edits.
    fn stored_rows(self, name: &str) -> Vec<Pair> {
        self.workspace.with(|it| {
            let named = it.environments.list().iter().find(|it| it.name() == name);
            named.map(|it| it.variables().to_vec()).unwrap_or_default()
        })
    }

    /// Changes the variables of an environment. Valid rows hold at once, and are stored after [`STORING`]. Invalid ones
    /// stay in the form as typed, with their error, as do those without a name.
    pub(crate) fn edit_rows(self, name: &str, change: impl FnOnce(&mut Vec<Pair>)) {
        self.type_rows(name, change);
        self.use_rows(name);
    }

    /// Changes the rows of an environment in the form only, until [`Self::use_rows`].
    pub(crate) fn type_rows(self, name: &str, change: impl FnOnce(&mut Vec<Pair>)) {
        if self.waiting.with_value(Option::is_none) {
            self.refresh();
        }
        let mut rows = untrack(|| self.rows(name));
        change(&mut rows);
        let stored = untrack(|| self.stored_rows(name));
        self.edited.set(Some(Edited { of: name.to_owned(), stored, rows, error: None }));
    }

    /// Puts the valid rows of an environment in force as they are in the form.
    pub(crate) fn use_rows(self, name: &str) {
        let Some(edited) = untrack(|| self.edited(name)) else { return };
        let used = Environment::of_valid(name, &edited.rows).and_then(|environment| {
            let replace = |it: &mut Workspace| it.environments.replace(name, environment.clone());
            self.set_workspace.try_update(replace).unwrap_or(Ok(()))?;
            self.store_later(name, environment);
            Ok(())
        });
        let stored = untrack(|| self.stored_rows(name));
        let is_stored = stored == edited.rows;
        let edited = Edited { stored, error: used.err(), ..edited };
        self.edited.set((!is_stored).then_some(edited));
    }

    /// Stores an environment once this has not been called for [`STORING`].
    fn store_later(self, name: &str, environment: Environment) {
        let Ok(timer) = set_timeout_with_handle(move || self.store_waiting(), STORING) else {
            return self.store();
        };
        let waiting = Some((timer, name.to_owned(), environment));
        let before = self.waiting.try_update_value(|it| std::mem::replace(it, waiting)).flatten();
        if let Some((timer, ..)) = before {
            timer.clear();
        }
    }

    /// Stores the environment that waits for more letters, beside what another window has stored meanwhile.
    pub(crate) fn store_waiting(self) {
        let waiting = self.waiting.try_update_value(Option::take).flatten();
        if let Some((timer, name, environment)) = waiting {
            timer.clear();
            self.change(|it| it.environments.replace(&name, environment));
        }
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
