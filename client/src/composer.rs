//! Where a message is written and sent.

use leptos::{ev, html, prelude::*};
use workbench::{Message, State};

use crate::Shell;

/// What `keyCode` says of a key that an input method took. Safari ends the composition before it
/// reports the key, so that `isComposing` alone is not enough.
const KEY_OF_INPUT_METHOD: u32 = 229;

#[component]
pub(crate) fn Composer(shell: Shell) -> impl IntoView {
    let state = shell.state();
    let draft = RwSignal::new(String::new());
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
    // A message that could not be sent stays in the box.
    let send_draft = move || {
        if !can_send.get_untracked() {
            return;
        }
        let text = draft.get_untracked();
        offered_empty_on.set(text.is_empty().then(|| state.get_untracked()));
        if !text.is_empty() && shell.send(Message::Text(text)).is_ok() {
            draft.set(String::new());
        }
        focus();
    };
    let send_empty = move |_| {
        if shell.send(Message::Text(String::new())).is_ok() {
            offered_empty_on.set(None);
        }
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
        <div class="offer notice">
            // A region that is there before its words is announced with them.
            <span role="status">{move || offers_empty.get().then_some("The box is empty. ")}</span>
            <Show when=move || offers_empty.get()>
                <button type="button" class="send-empty" on:click=send_empty>
                    "Send an empty message"
                </button>
            </Show>
        </div>
        <form class="composer" on:submit=on_submit>
            <textarea
                rows="1"
                placeholder="Enter a message"
                aria-label="Message"
                autofocus
                node_ref=input
                prop:value=draft
                on:input=move |event| {
                    draft.set(event_target_value(&event));
                    offered_empty_on.set(None);
                }
                on:keydown=on_key
            ></textarea>
            <button type="submit" class="send" disabled=move || !can_send.get()>"Send"</button>
        </form>
    }
}
