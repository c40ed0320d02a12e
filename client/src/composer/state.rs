//! State of a tab's composer. Outlives its view, which is there only while the tab is shown.

use std::borrow::Cow;

use leptos::prelude::*;
use workbench::compose::{
    Environment, EnvironmentError, Framing, Removed, RemovedEnvironment, SavedMessage, Values,
};

use super::framing::{FramingInput, InvalidNumber};
use crate::{EngineHandle, Library, browser::clock::now};

/// Seed of the random numbers in a preview: constant, so that the preview does not flicker.
const PREVIEW_SEED: u64 = 1;

/// Names and values of variables, as rows of a form. Kept in order; names may repeat while they are edited.
pub(super) type VariableRows = Vec<(String, String)>;

/// Unstored edits of the variables of an environment.
#[derive(Clone)]
pub(super) struct Edited {
    pub(super) of: String,
    rows: VariableRows,
    /// Error of the environment as a whole; errors of rows are beside them.
    pub(super) error: Option<EnvironmentError>,
}

/// Path of a saved message, or of a folder. Names are unique within a folder, and folders by name,
/// so that a path is an identity.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SavedPath {
    /// Name of the folder; that of the top level is empty.
    pub(super) folder: String,
    /// Name of the message; `None` for the folder itself.
    pub(super) message: Option<String>,
}

/// Handle to a tab's composer, beside its draft. Copies share state.
#[derive(Clone, Copy)]
pub struct ComposerState {
    pub(super) engine: EngineHandle,
    pub(super) library: Library,
    /// True while the connection takes messages. Only in the open state (RFC 6455, section 4.1).
    pub(super) can_send: Memo<bool>,
    /// True while the connection goes through the page's server. Frames can be chosen then:
    /// browsers send whole messages only.
    pub(super) is_relayed: Memo<bool>,
    pub(super) panel: RwSignal<Option<Panel>>,
    /// Repeat interval in milliseconds, as typed.
    pub(super) interval: RwSignal<String>,
    pub(super) count: RwSignal<String>,
    pub(super) edited: RwSignal<Option<Edited>>,
    /// Saved message or folder whose edit form is open.
    pub(super) editing: RwSignal<Option<SavedPath>>,
    /// Last deletion or replacement, while it can be undone.
    pub(super) undo: RwSignal<Option<Undo>>,
    /// Frames that are to carry the draft.
    pub(super) framing: FramingInput,
}

/// Panel above the text box. One is open at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    Variables,
    Saved,
    Repeat,
}

impl Panel {
    /// All panels, in the order of their buttons.
    pub(super) const ALL: [Self; 3] = [Self::Variables, Self::Saved, Self::Repeat];
}

/// Last deletion or replacement in the library. Holds the item itself, with its place.
#[derive(Clone)]
pub(crate) enum Undo {
    /// Deleted message or folder.
    Removed(Removed),
    /// Folder of a replaced message, and the message before.
    Replaced(String, SavedMessage),
    /// Deleted environment, and its name.
    Environment(RemovedEnvironment, String),
    /// Deleted variable: its environment, its index and its row.
    Variable(String, usize, (String, String)),
}

impl Undo {
    /// Name of the deleted or replaced item. A variable without one has the number of its row: its
    /// value may be long, and a secret.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        let name = match self {
            Self::Removed(Removed::Message { message, .. }) | Self::Replaced(_, message) => {
                &message.name
            }
            Self::Removed(Removed::Folder { folder, .. }) => folder.name(),
            Self::Variable(_, index, (name, _)) if name.is_empty() => {
                return format!("#{}", index + 1).into();
            }
            Self::Environment(_, name) | Self::Variable(_, _, (name, _)) => name,
        };
        name.into()
    }
}

impl ComposerState {
    /// Creates the state of a new tab. The interval is one second; no panel is open.
    #[must_use]
    pub fn new(engine: EngineHandle, library: Library) -> Self {
        Self {
            engine,
            library,
            can_send: engine.part(|it| it.state.can_send()),
            is_relayed: engine.part(|it| it.is_relayed && it.state.can_send()),
            panel: RwSignal::new(None),
            interval: RwSignal::new("1000".to_owned()),
            count: RwSignal::default(),
            edited: RwSignal::default(),
            editing: RwSignal::default(),
            undo: RwSignal::new(None),
            framing: FramingInput::new(),
        }
    }

    /// Variables of an environment, by its name: as edited, else as stored.
    pub(super) fn rows(self, name: &str) -> VariableRows {
        let edited = self.edited.get().filter(|it| it.of == name).map(|it| it.rows);
        edited.unwrap_or_else(|| {
            self.library.workspace.with(|it| {
                let named = it.environments.list().iter().find(|it| it.name() == name);
                named.map(|it| it.variables().to_vec()).unwrap_or_default()
            })
        })
    }

    /// Changes the variables of an environment, and stores them if all are valid. Invalid rows stay as typed,
    /// unstored, with their error. A row without a name is not stored, but kept in the form.
    pub(super) fn edit_rows(self, name: &str, change: impl FnOnce(&mut VariableRows)) {
        let mut rows = untrack(|| self.rows(name));
        change(&mut rows);
        let is_complete = rows.iter().all(|(name, _)| !name.is_empty());
        let stored = Environment::new(name, rows.clone()).and_then(|environment| {
            let stored = self.library.change(|it| it.environments.replace(name, environment));
            stored.unwrap_or(Ok(()))
        });
        let error = match stored {
            Ok(()) if is_complete => return self.edited.set(None),
            // The row of the variable shows it.
            Ok(()) | Err(EnvironmentError::Variable { .. }) => None,
            Err(error) => Some(error),
        };
        self.edited.set(Some(Edited { of: name.to_owned(), rows, error }));
    }

    /// Frames that carry the draft, on a connection through the page's server; `None` for one
    /// message. An error if the number beside the choice is invalid.
    pub(super) fn framing(self) -> Result<Option<Framing>, InvalidNumber> {
        let is_relayed = self.engine.snapshot.with(|it| it.is_relayed);
        if is_relayed { self.framing.framing() } else { Ok(None) }
    }

    /// Values for a preview of the draft; time and random numbers differ when it is sent. The seed is constant.
    pub(super) fn preview_values(self) -> Values {
        // Counted from 1, also before the engine has said so.
        let seq = self.engine.snapshot.with_untracked(|snapshot| snapshot.next_seq).max(1);
        let variables = untrack(|| self.library.variables());
        Values { now: now(), seq, variables, ..Values::new(PREVIEW_SEED) }
    }
}
