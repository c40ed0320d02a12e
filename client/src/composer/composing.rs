//! What is composed in a tab, beside its draft: it stays while another tab is shown.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::{
    compose::{Removed, RemovedEnvironment, SavedMessage, Values},
    engine::Snapshot,
};

use crate::{Library, Shell, browser::clock::now};

/// Where a preview's random numbers come from: always the same, so that it keeps still.
const SEED: u64 = 1;

/// Names and values, as rows of a form.
pub(super) type Rows = Vec<(String, String)>;

/// What the views of a tab's composer share. Copies are the same.
#[derive(Clone, Copy)]
pub struct Composing {
    pub(super) shell: Shell,
    pub(super) snapshot: Signal<Arc<Snapshot>>,
    pub(super) library: Library,
    /// What is unfolded.
    pub(super) panel: RwSignal<Option<Panel>>,
    /// Milliseconds from one message to the next, as typed.
    pub(super) every: RwSignal<String>,
    /// How many messages, as typed.
    pub(super) times: RwSignal<String>,
    /// An environment, by its name, and its variables as they are typed; none if those are stored.
    pub(super) typed: RwSignal<Option<(String, Rows)>>,
    pub(super) undo: RwSignal<Option<Undo>>,
}

/// What can be unfolded above the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    Variables,
    Saved,
    Repeat,
}

impl Panel {
    pub(super) const ALL: [Self; 3] = [Self::Variables, Self::Saved, Self::Repeat];
}

/// What was done last, and can be undone.
#[derive(Clone)]
pub(crate) enum Undo {
    Removed(Removed),
    /// What a saved message was, and its folder.
    Replaced(String, SavedMessage),
    Environment(RemovedEnvironment, String),
}

impl Composing {
    /// Nothing yet.
    #[must_use]
    pub fn new(shell: Shell, library: Library) -> Self {
        Self {
            shell,
            snapshot: shell.snapshot(),
            library,
            panel: RwSignal::new(None),
            every: RwSignal::new("1000".to_owned()),
            times: RwSignal::default(),
            typed: RwSignal::default(),
            undo: RwSignal::new(None),
        }
    }

    /// What the next draft is filled from, or much like it.
    pub(super) fn values(self) -> Values {
        let seq = self.snapshot.with_untracked(|snapshot| snapshot.next_seq);
        let variables = untrack(|| self.library.variables());
        Values { now: now(), seq, variables, ..Values::new(SEED) }
    }
}
