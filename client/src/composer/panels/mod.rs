//! Panels above the text box, one at a time: variables, saved messages, repetition.

mod fields;
mod repeat;
mod repetition;
mod saved;
mod undo_offer;
mod variables;

use leptos::prelude::*;

pub(super) use self::repeat::RepeatStatus;
pub(crate) use self::repetition::RepeatError;
use self::{
    repeat::RepeatPanel, saved::SavedPanel, undo_offer::UndoOffer, variables::VariablesPanel,
};
use super::{ComposerState, Panel, text_box::TextBox, words::words};
use crate::{Library, ui::button::SignButton};

/// Id of the element that holds the open panel. The panel buttons name it as `aria-controls`.
pub(super) const PANELS: &str = "composer-panel";

/// Open panel, if there is one. Rebuilt when another panel opens: text typed into a form of it is
/// gone, but for what the composer keeps.
#[component]
pub(super) fn Panels(composer: ComposerState, text_box: TextBox) -> impl IntoView {
    let content = move || {
        let open = composer.panel.get();
        open.map(|panel| view! { <OpenPanel composer text_box panel /> })
    };
    view! { <div class="composer-panels" id=PANELS>{move || content()}</div> }
}

/// Panel with its title. Panels of the library show its warnings and the undo line, too. Closing
/// returns the focus to the text box.
#[component]
fn OpenPanel(composer: ComposerState, text_box: TextBox, panel: Panel) -> impl IntoView {
    let words = &words().composer;
    let title = (words.panel)(panel);
    let close = move || {
        composer.panel.set(None);
        text_box.focus();
    };
    let library_status = (panel != Panel::Repeat).then(|| {
        view! {
            <UnstoredWarning library=composer.library />
            <UndoOffer composer panel />
        }
    });
    let content = match panel {
        Panel::Variables => view! { <VariablesPanel composer text_box /> }.into_any(),
        Panel::Saved => view! { <SavedPanel composer text_box /> }.into_any(),
        Panel::Repeat => view! { <RepeatPanel composer text_box /> }.into_any(),
    };
    view! {
        <section class="composer-panel" aria-label=title>
            <div class="panel-title">
                <h2>{title}</h2>
                <SignButton label=words.close on_click=close />
            </div>
            {library_status}
            {content}
        </section>
    }
}

/// Warning that the library could not be stored. It goes once a later change is stored.
#[component]
fn UnstoredWarning(library: Library) -> impl IntoView {
    let is_unstored = library.is_unstored;
    view! {
        <p class="wrong" role="status">
            {move || is_unstored.get().then_some(words().composer.unstored)}
        </p>
    }
}
