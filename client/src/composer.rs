//! Where a message is written and sent.

use leptos::{ev, html, prelude::*};
use workbench::{Message, State};

use crate::{Shell, language::words};

/// What `keyCode` says of a key that an input method took. Safari ends the composition before it
/// reports the key, so that `isComposing` alone is not enough.
const KEY_OF_INPUT_METHOD: u32 = 229;

#[component]
pub(crate) fn Composer(shell: Shell) -> impl IntoView {
    let words = &words().composer;
    let state = shell.state();
    let draft = shell.draft();
    // The connection on which the person wanted to send with nothing in the box: maybe an empty
    // message is what they want.
    let offered_empty_on = RwSignal::new(None);
    let offers_empty = Memo::new(move |_| offered_empty_on.get() == Some(state.get()));
    let input = NodeRef::<html::Textarea>::new();
    let can_send = Memo::new(move |_| state.with(State::can_send));

    let focus = move || {
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
    };
    // What cannot be sent now stays in the box. What turns out later that it could not is kept, too.
    let send_draft = move || {
        if !can_send.get_untracked() {
            return;
        }
        let is_empty = draft.with_untracked(|draft| draft.text.is_empty());
        offered_empty_on.set(is_empty.then(|| state.get_untracked()));
        if !is_empty {
            shell.send_draft();
        }
        focus();
    };
    let send_empty = move |_| {
        shell.send(Message::Text(String::new()));
        offered_empty_on.set(None);
        focus();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        // While a syllable or word is being composed, Enter belongs to the input method.
        let is_composing = event.is_composing() || event.key_code() == KEY_OF_INPUT_METHOD;
        if event.key() == "Enter" && !event.shift_key() && !is_composing {
            event.prevent_default();
            send_draft();
        }
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send_draft();
    };
    view! {
        <Unsent shell />
        <div class="offer notice">
            // A region that is there before its words is announced with them.
            <span role="status">{move || offers_empty.get().then_some(words.is_empty)}</span>
            <Show when=move || offers_empty.get()>
                <button type="button" class="send-empty" on:click=send_empty>
                    {words.send_empty}
                </button>
            </Show>
        </div>
        <form class="composer" on:submit=on_submit>
            <textarea
                rows="1"
                placeholder=words.enter
                aria-label=words.message
                autofocus
                node_ref=input
                prop:value=move || draft.with(|draft| draft.text.clone())
                on:input=move |event| {
                    draft.update(|draft| draft.text = event_target_value(&event));
                    offered_empty_on.set(None);
                }
                on:keydown=on_key
            ></textarea>
            <button type="submit" class="send" disabled=move || !can_send.get()>{words.send}</button>
        </form>
    }
}

/// Messages that could not be sent after all: the connection closed in the same moment, or takes no
/// more for now.
#[component]
fn Unsent(shell: Shell) -> impl IntoView {
    let words = &words().composer;
    let count = shell.unsent();
    view! {
        <Show when=move || count.get() != 0>
            <p class="unsent notice" role="status">
                {move || (words.unsent)(count.get())}
                <button type="button" on:click=move |_| shell.send_unsent()>{words.send_again}</button>
                <button type="button" on:click=move |_| shell.discard_unsent()>{words.discard}</button>
            </p>
        </Show>
    }
}
