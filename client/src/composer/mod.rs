//! Where messages are written, filled in, saved, repeated and sent.

mod check;
mod composing;
mod controls;
mod file;
pub(crate) mod library;
mod panels;
mod repeat;
mod saved;
mod text_box;
mod undo;
mod variables;
mod words;

use leptos::{ev, prelude::*};
use session::{Message, State};
use workbench::compose::{Draft, Form};

pub use self::composing::Composing;
pub(crate) use self::{
    composing::{Panel, Undo},
    repeat::Unrepeatable,
};

use self::{
    check::{Checked, checked},
    controls::controls,
    file::file_chip,
    panels::panel,
    text_box::TextBox,
    words::words,
};
use crate::{
    Shell,
    browser::files::{are_dragged, dropped},
    ui::element::Element,
};

/// What `keyCode` says of a key that an input method took. Safari ends the composition before it
/// reports the key, so that `isComposing` alone is not enough.
const KEY_OF_INPUT_METHOD: u32 = 229;

/// The line below the box, which says what is wrong in it.
const SAYS: &str = "composer-says";

/// The box and all that belongs to it.
#[component]
#[must_use]
pub fn Composer(composing: Composing) -> impl IntoView {
    let shell = composing.shell;
    let input = TextBox::new(shell);
    let checked = checked(composing);
    let are_dragged = are_dragged();
    let drop = move |event: ev::DragEvent| {
        if let Some(file) = dropped(&event).into_iter().next() {
            event.prevent_default();
            shell.file().set(Some(file));
        }
    };
    let drop_here = move || are_dragged.get().then_some(words().files.drop_here);
    view! {
        <section class="composer" class:receives=move || are_dragged.get() on:drop=drop>
            <Unsent shell />
            {file_chip(shell)}
            {controls(composing)}
            {panel(composing, input)}
            <Writing composing input checked />
            <p class="drop-here" aria-hidden="true">{drop_here}</p>
        </section>
    }
}

#[component]
fn Writing(composing: Composing, input: TextBox, checked: Signal<Checked>) -> impl IntoView {
    let words = &words().composer;
    let shell = composing.shell;
    let (state, draft) = (shell.state(), shell.draft());
    // The connection on which the person wanted to send with nothing in the box: maybe an empty
    // message is what they want.
    let offered_empty_on = RwSignal::new(None);
    let offers_empty = Memo::new(move |_| offered_empty_on.get() == Some(state.get()));
    // What the person wanted to send, and what was said of it: it is said aloud.
    let refused = RwSignal::new(None::<String>);
    let can_send = Memo::new(move |_| state.with(State::can_send));

    // What cannot be sent now stays in the box. What turns out later that it could not is kept, too.
    let send_draft = move || {
        if !can_send.get_untracked() {
            return;
        }
        let now = draft.with_untracked(|draft| Checked::of(draft, || composing.values()));
        let is_empty = draft.with_untracked(|draft| draft.text.is_empty());
        offered_empty_on.set(is_empty.then(|| state.get_untracked()));
        refused.set(now.is_wrong().then(|| says(&now)).flatten());
        if now.is_wrong() {
            return input.go_to(now.place());
        }
        if !is_empty {
            shell.send_draft();
        }
        input.focus();
    };
    let send_empty = move |_| {
        shell.send(draft.with_untracked(|draft| empty(draft.form)));
        offered_empty_on.set(None);
        input.focus();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        // While a syllable or word is being composed, keys belong to the input method.
        let is_composing = event.is_composing() || event.key_code() == KEY_OF_INPUT_METHOD;
        if is_composing || has_modifier(&event) {
            return;
        }
        let is_taken = match event.key().as_str() {
            "Enter" => {
                send_draft();
                true
            }
            "ArrowUp" => input.walk(true),
            "ArrowDown" => input.walk(false),
            _ => false,
        };
        if is_taken {
            event.prevent_default();
        }
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send_draft();
    };
    view! {
        <div class="offer notice">
            // A region that is there before its words is announced with them.
            <span role="status">{move || offers_empty.get().then_some(words.is_empty)}</span>
            <Show when=move || offers_empty.get()>
                <button type="button" class="send-empty" on:click=send_empty>
                    {words.send_empty}
                </button>
            </Show>
        </div>
        <form class="writing" on:submit=on_submit>
            <textarea
                rows="1"
                placeholder=words.enter
                aria-label=words.message
                aria-describedby=SAYS
                aria-invalid=move || checked.with(Checked::is_wrong).then_some("true")
                autofocus
                node_ref=input.place
                prop:value=move || draft.with(|draft| draft.text.clone())
                on:input=move |event| {
                    draft.update(|draft| draft.text = event_target_value(&event));
                    offered_empty_on.set(None);
                    refused.set(None);
                }
                on:keydown=on_key
            ></textarea>
            <button type="submit" class="send" disabled=move || !can_send.get()>{words.send}</button>
        </form>
        {line(shell, input, checked)}
        <span class="spoken" role="alert">{refused}</span>
    }
}

fn has_modifier(event: &ev::KeyboardEvent) -> bool {
    event.shift_key() || event.ctrl_key() || event.alt_key() || event.meta_key()
}

/// An empty message of this form.
fn empty(form: Form) -> Message {
    match form {
        Form::Text | Form::Json => Message::Text(String::new()),
        Form::Hex | Form::Base64 => Message::Binary(Vec::new()),
    }
}

/// What is said of a draft, in words.
fn says(checked: &Checked) -> Option<String> {
    let words = &words().composer;
    match checked {
        Checked::Plain => None,
        Checked::Becomes(text) => Some((words.becomes)(text)),
        Checked::Wrong(error) => Some((words.wrong)(error)),
        Checked::WrongWhenFilled(error) => Some((words.wrong_when_filled)(error)),
    }
}

/// The line below the box: the mistake, what variables become, or what the keys do. It has its place
/// also while it says little, so that nothing moves.
fn line(shell: Shell, input: TextBox, checked: Signal<Checked>) -> AnyView {
    let draft = shell.draft();
    let is_json = Memo::new(move |_| draft.with(|draft| draft.form == Form::Json));
    let as_text = move || {
        draft.update(|draft| draft.form = Form::Text);
        shell.send_draft();
        // The next one is to be checked again.
        draft.update(|next| {
            if next.text.is_empty() {
                *next = Draft::new(Form::Json, "");
            }
        });
        input.focus();
    };
    let state = shell.state();
    let child = move || {
        let words = &words().composer;
        let now = checked.get();
        let Some(sentence) = says(&now) else {
            return Element::new("span", "hint").text(words.keys).view();
        };
        if !now.is_wrong() {
            return Element::new("span", "becomes").text(&sentence).view();
        }
        let mistake =
            Element::button("mistake", move || input.go_to(checked.get_untracked().place()))
                .attribute("title", words.go_to)
                .text(&sentence);
        let as_text = Element::button("plain as-text", as_text)
            .attribute("title", words.as_text_means)
            .live("hidden", move || {
                let is_offered = is_json.get() && state.with(State::can_send);
                (!is_offered).then(String::new)
            })
            .text(words.as_text);
        Element::new("span", "wrong").children([mistake, as_text]).view()
    };
    Element::new("p", "composer-says").attribute("id", SAYS).live_child(child).view()
}

/// Messages that could not be sent after all: the connection closed in the same moment, or takes no
/// more for now.
#[component]
fn Unsent(shell: Shell) -> impl IntoView {
    let words = &words().composer;
    let count = shell.unsent();
    let state = shell.state();
    let can_send = Memo::new(move |_| state.with(State::can_send));
    view! {
        <Show when=move || count.get() != 0>
            <p class="unsent notice" role="status">
                {move || (words.unsent)(count.get(), can_send.get())}
                <button type="button" disabled=move || !can_send.get() on:click=move |_| shell.send_unsent()>{words.send_again}</button>
                <button type="button" on:click=move |_| shell.discard_unsent()>{words.discard}</button>
            </p>
        </Show>
    }
}
