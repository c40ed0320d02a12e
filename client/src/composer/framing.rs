//! Framing: the frames that carry the draft, of a connection through the page's server.

use leptos::{html, prelude::*};
use workbench::compose::Framing;

use crate::browser::dom::focus::focus_node;

/// Chosen framing of a tab. Copies share state.
#[derive(Clone, Copy)]
pub(super) struct FramingInput {
    pub(super) chosen: RwSignal<Option<Framing>>,
    /// Bytes of a fragment, or a close code, as typed.
    pub(super) number: RwSignal<String>,
    pub(super) field: NodeRef<html::Input>,
}

/// Number of a framing, if it has one.
fn number_of(framing: Framing) -> Option<String> {
    match framing {
        Framing::Fragments(bytes) => Some(bytes.to_string()),
        Framing::Close(code) => Some(code.map_or_else(String::new, |code| code.to_string())),
        Framing::Ping | Framing::Pong | Framing::Raw => None,
    }
}

impl FramingInput {
    pub(super) fn new() -> Self {
        let (chosen, number) = (RwSignal::new(None), RwSignal::default());
        Self { chosen, number, field: NodeRef::new() }
    }

    pub(super) fn choose(self, framing: Option<Framing>) {
        self.number.set(framing.and_then(number_of).unwrap_or_default());
        self.chosen.set(framing);
    }

    /// Framing with its number; `None` if that is invalid.
    pub(super) fn framing(self) -> Option<Option<Framing>> {
        let number = self.number.get();
        Some(Some(match self.chosen.get() {
            Some(Framing::Fragments(_)) => {
                Framing::Fragments(number.trim().parse().ok().filter(|bytes| *bytes > 0)?)
            }
            Some(Framing::Close(_)) if number.trim().is_empty() => Framing::Close(None),
            Some(Framing::Close(_)) => Framing::Close(Some(number.trim().parse().ok()?)),
            other => return Some(other),
        }))
    }

    pub(super) fn focus(self) {
        focus_node(self.field);
    }
}
