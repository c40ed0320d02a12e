//! Framing: the frames that carry the draft, offered where the connection goes through the page's server.

use leptos::{html, prelude::*};
use workbench::compose::Framing;

use super::{ComposerState, words::words};
use crate::{browser::dom::focus::focus_node, ui::choice::Choice};

/// Choices, in display order, with the first number of those that have one.
const CHOICES: [Option<Framing>; 6] = [
    None,
    Some(Framing::Fragments(16)),
    Some(Framing::Ping),
    Some(Framing::Pong),
    Some(Framing::Close(Some(1000))),
    Some(Framing::Raw),
];

/// Chosen framing of a tab. Copies share state.
#[derive(Clone, Copy)]
pub(super) struct FramingInput {
    chosen: RwSignal<Option<Framing>>,
    /// Bytes of a fragment, or a close code, as typed.
    number: RwSignal<String>,
    field: NodeRef<html::Input>,
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

    fn choose(self, framing: Option<Framing>) {
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

/// List of framings, and the number of the chosen one.
#[component]
pub(super) fn FramingChoice(composer: ComposerState) -> impl IntoView {
    let words = &words().composer;
    let input = composer.framing;
    let index_of = |framing| CHOICES.iter().position(|it| *it == framing).unwrap_or_default();
    let chosen = Memo::new(move |_| index_of(input.chosen.get()));
    let choose = Callback::new(move |index: usize| input.choose(CHOICES[index]));
    let number = move || {
        let label = match input.chosen.get()? {
            Framing::Fragments(_) => words.fragment_bytes,
            Framing::Close(_) => words.close_code,
            Framing::Ping | Framing::Pong | Framing::Raw => return None,
        };
        Some(
            view! {
                <input
                    class="frame-number"
                    inputmode="numeric"
                    autocomplete="off"
                    aria-label=label
                    title=label
                    aria-invalid=move || input.framing().is_none().then_some("true")
                    node_ref=input.field
                    prop:value=input.number
                    on:input=move |event| input.number.set(event_target_value(&event))
                />
            }
            .into_any(),
        )
    };
    let is_offered = composer.is_relayed();
    move || {
        is_offered.get().then(|| {
            let names = CHOICES.map(words.framing).into();
            view! {
                <Choice class="framing" label=words.framing_label names chosen on_choose=choose />
                {number}
            }
            .into_any()
        })
    }
}
