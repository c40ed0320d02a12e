//! Framing: the frames that carry the draft, of a connection through the page's server.

use leptos::{html, prelude::*};
use workbench::compose::Framing;

use crate::browser::dom::focus::focus_node;

/// Chosen framing of a tab. Copies share state.
#[derive(Clone, Copy)]
pub(super) struct FramingInput {
    typed: RwSignal<Typed>,
    pub(super) field: NodeRef<html::Input>,
}

#[derive(Clone, Default)]
struct Typed {
    framing: Option<Framing>,
    /// Bytes of a fragment, number of fragments, or a close code.
    number: String,
}

/// Bytes or number of fragments, or a close code, that is no number of the range.
#[derive(Clone, Copy, Debug)]
pub(super) struct InvalidNumber;

impl FramingInput {
    pub(super) fn new() -> Self {
        Self { typed: RwSignal::default(), field: NodeRef::new() }
    }

    /// Chosen framing, its number as it was offered.
    pub(super) fn chosen(self) -> Option<Framing> {
        self.typed.with(|typed| typed.framing)
    }

    pub(super) fn choose(self, framing: Option<Framing>) {
        let number = framing.and_then(number_of).unwrap_or_default();
        self.typed.set(Typed { framing, number });
    }

    /// Number, as typed.
    pub(super) fn number(self) -> String {
        self.typed.with(|typed| typed.number.clone())
    }

    pub(super) fn type_number(self, number: String) {
        self.typed.update(|typed| typed.number = number);
    }

    /// Chosen framing with the number that was typed.
    pub(super) fn framing(self) -> Result<Option<Framing>, InvalidNumber> {
        self.typed.with(|Typed { framing, number }| {
            let number = number.trim();
            let framing = match framing {
                Some(Framing::FragmentBytes(_)) => Framing::FragmentBytes(at_least_one(number)?),
                Some(Framing::FragmentCount(_)) => Framing::FragmentCount(at_least_one(number)?),
                Some(Framing::Close(_)) if number.is_empty() => Framing::Close(None),
                Some(Framing::Close(_)) => {
                    Framing::Close(Some(number.parse().map_err(|_| InvalidNumber)?))
                }
                other => return Ok(*other),
            };
            Ok(Some(framing))
        })
    }

    /// Subscribes to each change.
    pub(super) fn track(self) {
        self.typed.track();
    }

    pub(super) fn focus(self) {
        focus_node(self.field);
    }
}

fn at_least_one(number: &str) -> Result<u32, InvalidNumber> {
    number.parse().ok().filter(|number| *number > 0).ok_or(InvalidNumber)
}

/// Number of a framing, if it has one.
fn number_of(framing: Framing) -> Option<String> {
    match framing {
        Framing::FragmentBytes(number) | Framing::FragmentCount(number) => Some(number.to_string()),
        Framing::Close(code) => Some(code.map_or_else(String::new, |code| code.to_string())),
        Framing::Ping | Framing::Pong | Framing::Raw => None,
    }
}
