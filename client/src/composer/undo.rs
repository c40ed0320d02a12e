//! What was removed or replaced last, and bringing it back.

use leptos::prelude::*;
use workbench::compose::Removed;

use super::{Composing, Undo, words::words};
use crate::ui::element::Element;

impl Undo {
    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Removed(Removed::Message { message, .. }) | Self::Replaced(_, message) => {
                &message.name
            }
            Self::Removed(Removed::Folder { folder, .. }) => folder.name(),
            Self::Environment(_, name) => name,
        }
    }
}

pub(super) fn undo(composing: Composing) -> Element {
    let child = move || {
        let Some(last) = composing.undo.get() else { return ().into_any() };
        let words = &words().composer;
        let sentence = Element::new("span", "").text(&(words.undone)(&last));
        let undo = Element::button("plain undo", move || bring_back(composing)).text(words.undo);
        let forget = Element::button("forget", move || composing.undo.set(None))
            .attribute("aria-label", words.forget)
            .text("×");
        Element::new("span", "undo-line").children([sentence, undo, forget]).view()
    };
    Element::new("p", "notice").attribute("role", "status").live_child(child)
}

/// What cannot come back, since its name was taken meanwhile, stays offered.
fn bring_back(composing: Composing) {
    let Some(last) = composing.undo.get_untracked() else { return };
    let is_back = composing.library.change(|workspace| match last {
        Undo::Removed(removed) => workspace.saved.restore(removed).is_ok(),
        Undo::Replaced(folder, message) => {
            workspace.saved.replace(&folder, &message.name, message.draft).is_ok()
        }
        Undo::Environment(removed, _) => workspace.environments.restore(removed).is_ok(),
    });
    if is_back == Some(true) {
        composing.undo.set(None);
    }
}
