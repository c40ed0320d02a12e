//! State of a tab's composer. Outlives its view, which is there only while the tab is shown.

use std::borrow::Cow;

use leptos::prelude::*;
use workbench::compose::{Framing, Removed, RemovedEnvironment, SavedMessage, Values};

use super::framing::{FramingInput, InvalidNumber};
use crate::{EngineHandle, Library, browser::clock::now};

/// Seed of the random numbers in a preview: constant, so that the preview does not flicker.
const PREVIEW_SEED: u64 = 1;

/// Path of a saved message, or of a folder. Names are unique within a folder, and folders by name,
/// so that a path is an identity.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SavedPath {
    /// Name of the folder; that of the top level is empty.
    pub(super) folder: String,
    /// Name of the message; `None` for the folder itself.
    pub(super) message: Option<String>,
}

impl SavedPath {
    /// Name of the message, or of the folder.
    pub(super) fn name(&self) -> &str {
        self.message.as_ref().unwrap_or(&self.folder)
    }
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
    /// Number of repetitions, as typed; empty for no end.
    pub(super) count: RwSignal<String>,
    /// Name and folder to save the draft under, as typed.
    pub(super) save_as: [RwSignal<String>; 2],
    /// Saved message or folder whose edit form is open.
    pub(super) editing: RwSignal<Option<SavedPath>>,
    /// Last deletion or replacement, while it can be undone.
    pub(super) undo: RwSignal<Option<Undo>>,
    /// Names of files that were dropped with the attached one, or replaced by it; empty for none.
    pub(super) left_out: RwSignal<String>,
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
    /// Panel that has what was deleted or replaced.
    pub(super) fn panel(&self) -> Panel {
        match self {
            Self::Removed(_) | Self::Replaced(..) => Panel::Saved,
            Self::Environment(..) | Self::Variable(..) => Panel::Variables,
        }
    }

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
            can_send: engine.part(|it| it.connection.state.can_send()),
            is_relayed: engine
                .part(|it| it.connection.is_relayed && it.connection.state.can_send()),
            panel: RwSignal::new(None),
            interval: RwSignal::new("1000".to_owned()),
            count: RwSignal::default(),
            save_as: Default::default(),
            editing: RwSignal::default(),
            undo: RwSignal::new(None),
            left_out: RwSignal::default(),
            framing: FramingInput::new(),
        }
    }

    /// Frames that carry the draft, on a connection through the page's server; `None` for one
    /// message. An error if the number beside the choice is invalid.
    pub(super) fn framing(self) -> Result<Option<Framing>, InvalidNumber> {
        let is_relayed = self.engine.snapshot.with(|it| it.connection.is_relayed);
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
