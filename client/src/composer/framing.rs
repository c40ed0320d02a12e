//! Framing: the frames that carry the draft, of a connection through the page's server.

use leptos::{html, prelude::*};
use workbench::{compose::Framing, relay::MAX_FRAMES};

use crate::browser::dom::focus::focus_node;

/// Fragments of a message, at most.
#[expect(clippy::cast_possible_truncation, reason = "4,096")]
pub(super) const MOST: u32 = MAX_FRAMES as u32;

/// Chosen framing of a tab. Copies share state.
#[derive(Clone, Copy)]
pub(super) struct FramingInput {
    typed: RwSignal<Typed>,
    /// Box of the number, which gets the focus for an invalid one.
    pub(super) field: NodeRef<html::Input>,
}

/// Framing with the text of its number box.
#[derive(Clone, Default)]
struct Typed {
    /// Chosen framing; `None` for one frame, as browsers send it.
    framing: Option<Framing>,
    /// Bytes of a fragment, number of fragments, or a close code.
    number: String,
}

/// Invalid number of fragments, of bytes in one, or of a close code.
#[derive(Clone, Copy, Debug)]
pub(super) struct InvalidNumber;

impl FramingInput {
    /// No framing chosen.
    pub(super) fn new() -> Self {
        Self { typed: RwSignal::default(), field: NodeRef::new() }
    }

    /// Chosen framing, its number as it was offered.
    pub(super) fn chosen(self) -> Option<Framing> {
        self.typed.with(|typed| typed.framing)
    }

    /// Chooses a framing, with the number that it is offered with.
    pub(super) fn choose(self, framing: Option<Framing>) {
        let number = framing.and_then(number_of).unwrap_or_default();
        self.typed.set(Typed { framing, number });
    }

    /// Number, as typed.
    pub(super) fn number(self) -> String {
        self.typed.with(|typed| typed.number.clone())
    }

    /// Sets the number while typing; it may be invalid.
    pub(super) fn type_number(self, number: String) {
        self.typed.update(|typed| typed.number = number);
    }

    /// Chosen framing with the number that was typed.
    pub(super) fn framing(self) -> Result<Option<Framing>, InvalidNumber> {
        self.typed.with(|Typed { framing, number }| {
            let number = number.trim();
            let framing = match framing {
                Some(Framing::FragmentBytes(_)) => Framing::FragmentBytes(up_to(u32::MAX, number)?),
                Some(Framing::FragmentCount(_)) => Framing::FragmentCount(up_to(MOST, number)?),
                Some(Framing::Uncompressed(_)) => Framing::Uncompressed(up_to(MOST, number)?),
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

    /// Moves the focus to the number, if it is shown.
    pub(super) fn focus(self) {
        focus_node(self.field);
    }
}

/// Parses a number from 1 to `most`.
fn up_to(most: u32, number: &str) -> Result<u32, InvalidNumber> {
    number.parse().ok().filter(|number| (1..=most).contains(number)).ok_or(InvalidNumber)
}

/// Number of a framing, if it has one.
fn number_of(framing: Framing) -> Option<String> {
    match framing {
        Framing::FragmentBytes(number)
        | Framing::FragmentCount(number)
        | Framing::Uncompressed(number) => Some(number.to_string()),
        Framing::Close(code) => Some(code.map_or_else(String::new, |code| code.to_string())),
        Framing::Ping | Framing::Pong | Framing::Raw => None,
    }
}
