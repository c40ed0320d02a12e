//! Controls above the text box: form of the message, panels and the file button.

use leptos::prelude::*;
use workbench::compose::{Draft, DraftError, Form};

use super::{
    ComposerState, Panel, file::FileButton, framing_choice::FramingChoice, panels::PANELS,
    words::words,
};
use crate::{
    EngineHandle,
    browser::dom::focus::focus,
    ui::{
        button::{Button, Disclosure},
        choice::{Choice, named},
    },
};

/// Row of controls for the draft of the tab: its form, the JSON buttons, frames (through the relay
/// only), the panels and the file button.
#[component]
pub(super) fn Controls(composer: ComposerState) -> impl IntoView {
    let words = &words().composer;
    let engine = composer.engine;
    let panels = Panel::ALL.into_iter().map(|panel| view! { <PanelButton composer panel /> });
    view! {
        <div class="compose-controls" role="group" aria-label=words.controls>
            <FormChoice engine />
            <JsonButton engine label=words.format transform=Draft::formatted />
            <JsonButton engine label=words.minify transform=Draft::minified />
            <FramingChoice
                input=composer.framing
                draft=engine.draft
                is_offered=composer.is_relayed
            />
            {panels.collect_view()}
            <FileButton composer />
        </div>
    }
}

/// Choice of the draft's form: text, JSON, hexadecimal or base64. The text is converted where the
/// draft can be read in its present form; otherwise it stays as typed.
#[component]
fn FormChoice(engine: EngineHandle) -> impl IntoView {
    let words = &words().composer;
    let draft = engine.draft;
    let index_of = |form| Form::ALL.iter().position(|it| *it == form).unwrap_or_default();
    let chosen = move || draft.with(|draft| index_of(draft.form));
    let choose = move |index: usize| {
        draft.update(|draft| *draft = std::mem::take(draft).in_form(Form::ALL[index]));
    };
    let options = named(Form::ALL.map(words.form));
    view! { <Choice class="form" label=words.form_label options chosen on_choose=choose /> }
}

/// Button that rewrites a JSON draft; hidden for other forms.
#[component]
fn JsonButton(
    engine: EngineHandle,
    label: &'static str,
    /// Rewrite of a valid draft, such as [`Draft::formatted`]. An error leaves the draft as it is;
    /// the status line shows it.
    transform: fn(&Draft) -> Result<Draft, DraftError>,
) -> impl IntoView {
    let draft = engine.draft;
    let is_json = Memo::new(move |_| draft.with(|draft| draft.form == Form::Json));
    let apply = move || {
        // An error is shown in the status line already.
        if let Ok(rewritten) = draft.with_untracked(transform) {
            draft.set(rewritten);
        }
    };
    view! { <Button class="plain" label is_hidden=move || !is_json.get() on_click=apply /> }
}

/// Disclosure button (ARIA `aria-expanded`) of one panel, whose first box takes the focus. Opening a panel closes
/// another. A narrow window shows the first word of its name.
#[component]
fn PanelButton(composer: ComposerState, panel: Panel) -> impl IntoView {
    let open = composer.panel;
    let toggle = move || {
        let is_open = open.get_untracked() == Some(panel);
        open.set((!is_open).then_some(panel));
        // The panel is there by then.
        request_animation_frame(|| focus(".composer-panel :is(input, select)"));
    };
    let title = (words().composer.panel)(panel);
    let (word, more) = title.split_at(title.find(' ').unwrap_or(title.len()));
    view! {
        <Disclosure
            class="plain fold-panel"
            label=title
            controls=PANELS
            is_open=move || open.get() == Some(panel)
            on_click=toggle
        >
            {word}
            <span class="more-words">{more}</span>
        </Disclosure>
    }
}
