//! Status line below the text box: an error, a preview or the keyboard hint.

use leptos::prelude::*;
use workbench::{
    compose::{Draft, Form, Framing},
    open_tabs::MAX_DRAFT_BYTES,
};

use super::{
    ComposerState,
    draft_check::DraftCheck,
    framing::MOST,
    panels::RepeatStatus,
    text_box::TextBox,
    words::{Composer, words},
};
use crate::ui::button::Button;

/// Id of the status line, which describes the text box (`aria-describedby`).
pub(super) const STATUS_LINE: &str = "composer-says";

/// Status line: exactly one of the error of a frame's number, the error of the draft, a preview and
/// the hint, in this order of precedence, after the running repetition, which takes the place of the
/// hint. Takes up its height even when short, so that the layout does not shift.
#[component]
pub(super) fn StatusLine(
    composer: ComposerState,
    text_box: TextBox,
    check: Signal<DraftCheck>,
) -> impl IntoView {
    // Error in the number of the frames.
    let wrong = Memo::new(move |_| {
        composer.framing().err()?;
        let Composer { wrong_code, wrong_number, .. } = words().composer;
        Some(match composer.framing.chosen() {
            Some(Framing::Close(_)) => wrong_code.to_owned(),
            Some(Framing::FragmentBytes(_)) => wrong_number(u32::MAX),
            _ => wrong_number(MOST),
        })
    });
    let draft = composer.engine.draft;
    let is_long = Memo::new(move |_| draft.with(|draft| draft.text.len() > MAX_DRAFT_BYTES));
    let content = move || {
        let check = check.get();
        if let Some(says) = wrong.get() {
            return view! { <span class="wrong">{says}</span> }.into_any();
        }
        match check.message() {
            None => {
                let Composer { too_long, key_hint, .. } = words().composer;
                let hint = if is_long.get() { too_long } else { key_hint };
                view! { <span class="hint" class:of-keys=!is_long.get()>{hint}</span> }.into_any()
            }
            Some(message) if check.is_error() => {
                view! { <DraftErrorLine composer text_box check message /> }.into_any()
            }
            Some(message) => view! { <span class="becomes">{message}</span> }.into_any(),
        }
    };
    view! {
        <div class="composer-line">
            <RepeatStatus engine=composer.engine />
            <p class="composer-says" id=STATUS_LINE>{move || content()}</p>
        </div>
    }
}

/// Error of the draft, which moves the caret there, and for JSON an offer to send it as text.
/// Sending as text is offered while there is a connection.
#[component]
fn DraftErrorLine(
    composer: ComposerState,
    text_box: TextBox,
    /// Check that failed, for the position of its error.
    check: DraftCheck,
    message: String,
) -> impl IntoView {
    let words = &words().composer;
    let draft = composer.engine.draft;
    let can_send = composer.can_send;
    let is_json = move || draft.with(|draft| draft.form == Form::Json);
    let place = check.place();
    view! {
        <span class="wrong">
            <button
                type="button"
                class="mistake"
                title=words.go_to_error
                on:click=move |_| text_box.go_to(place)
            >
                {message}
            </button>
            <Button
                class="plain as-text"
                label=words.as_text
                title=words.as_text_hint
                is_hidden=move || !(is_json() && can_send.get())
                on_click=move || send_as_text(composer, text_box)
            />
        </span>
    }
}

/// Sends the draft as text. The next draft is JSON again. Sent without a framing: in one message.
fn send_as_text(composer: ComposerState, text_box: TextBox) {
    let draft = composer.engine.draft;
    draft.update(|draft| draft.form = Form::Text);
    composer.engine.send_draft(None);
    draft.update(|next| {
        if next.text.is_empty() {
            *next = Draft::new(Form::Json, "");
        }
    });
    text_box.focus();
}
