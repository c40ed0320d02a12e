//! Choice of framing, offered while the connection goes through the page's server.

use leptos::prelude::*;
use workbench::compose::{Draft, Form, Framing};

use super::{framing::FramingInput, words::words};
use crate::ui::choice::{Choice, named};

/// Choices, in display order, each with its first number if it has any.
const CHOICES: [Option<Framing>; 8] = [
    None,
    Some(Framing::Uncompressed(1)),
    Some(Framing::FragmentBytes(16)),
    Some(Framing::FragmentCount(2)),
    Some(Framing::Ping),
    Some(Framing::Pong),
    Some(Framing::Close(Some(1000))),
    Some(Framing::Raw),
];

/// List of framings, and a box for the number of the chosen one, if it has any. Absent for a
/// connection of the browser, which frames messages itself.
#[component]
pub(super) fn FramingChoice(
    input: FramingInput,
    /// Takes bytes where these are chosen.
    draft: RwSignal<Draft>,
    is_offered: Memo<bool>,
) -> impl IntoView {
    let words = &words().composer;
    let index_of = |framing| CHOICES.iter().position(|it| *it == framing).unwrap_or_default();
    let chosen = move || index_of(input.chosen());
    let choose = move |index: usize| {
        input.choose(CHOICES[index]);
        let is_text = draft.with_untracked(|it| matches!(it.form, Form::Text | Form::Json));
        if is_text && CHOICES[index] == Some(Framing::Raw) {
            draft.update(|draft| *draft = std::mem::take(draft).in_form(Form::Hex));
        }
    };
    let number = move || {
        let label = match input.chosen()? {
            Framing::FragmentBytes(_) => words.fragment_bytes,
            Framing::FragmentCount(_) | Framing::Uncompressed(_) => words.fragment_count,
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
                    aria-invalid=move || input.framing().is_err().then_some("true")
                    node_ref=input.field
                    prop:value=move || input.number()
                    on:input=move |event| input.type_number(event_target_value(&event))
                />
            }
            .into_any(),
        )
    };
    let offered = move || {
        let options = named(CHOICES.map(words.framing));
        view! {
            <Choice class="framing" label=words.framing_label options chosen on_choose=choose />
            {move || number()}
        }
    };
    view! { {move || is_offered.get().then(offered)} }
}
