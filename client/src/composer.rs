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
        let text = draft.get_untracked();
        offered_empty_on.set(text.is_empty().then(|| state.get_untracked()));
        if !text.is_empty() {
            shell.send(Message::Text(text));
            draft.set(String::new());
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

/// Messages that could not be sent after all: the connection closed in the same moment, or takes no
/// more for now.
#[component]
fn Unsent(shell: Shell) -> impl IntoView {
    let count = shell.unsent();
    view! {
        <Show when=move || count.get() != 0>
            <p class="unsent notice" role="status">
                {move || match count.get() {
                    1 => "1 message could not be sent. ".to_owned(),
                    count => format!("{count} messages could not be sent. "),
                }}
                <button type="button" on:click=move |_| shell.send_unsent()>"Send again"</button>
                <button type="button" on:click=move |_| shell.discard_unsent()>"Discard"</button>
            </p>
        </Show>
    }
}
