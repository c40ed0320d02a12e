//! Where a message is written and sent.

use leptos::{ev, html, prelude::*};
use workbench::{Message, State};

use crate::Shell;

#[component]
pub(crate) fn Composer(shell: Shell) -> impl IntoView {
    let state = shell.state();
    let draft = RwSignal::new(String::new());
    // The box was empty when the person wanted to send: maybe an empty message is what they want.
    let offers_empty = RwSignal::new(false);
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
        offers_empty.set(text.is_empty());
        if !text.is_empty() && shell.send(Message::Text(text)).is_ok() {
            draft.set(String::new());
        }
        focus();
    };
    let send_empty = move |_| {
        if shell.send(Message::Text(String::new())).is_ok() {
            offers_empty.set(false);
        }
        focus();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        // While a syllable or word is being composed, Enter belongs to the input method.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send_draft();
        }
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send_draft();
    };
    view! {
        <Show when=move || offers_empty.get() && can_send.get()>
            <p class="notice" role="status">
                "The box is empty. "
                <button type="button" class="send-empty" on:click=send_empty>"Send an empty message"</button>
            </p>
        </Show>
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
                    offers_empty.set(false);
                }
                on:keydown=on_key
            ></textarea>
            <button type="submit" class="send" disabled=move || !can_send.get()>"Send"</button>
        </form>
    }
}
