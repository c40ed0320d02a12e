//! Disconnecting with a code and a reason of the person's own.

use leptos::{ev, html, prelude::*};
use workbench::{Close, REASON_BYTES};

use super::target::Target;
use crate::language::words;

/// A small form over the page. `done` gets what to close with, or nothing if it was called off.
/// What was typed stays for the next time.
#[component]
pub(super) fn DisconnectWithCode(
    target: Target,
    is_asking: Signal<bool>,
    done: Callback<Option<Close>>,
) -> impl IntoView {
    let words = &words().closing;
    let code = RwSignal::new(Close::normal().code.to_string());
    let reason = RwSignal::new(String::new());
    let close = Memo::new(move |_| code.with(|code| reason.with(|it| Close::to_send(code, it))));
    let input = NodeRef::<html::Input>::new();
    let focus = move || {
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
    };
    input.on_load(move |_| focus());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match close.get_untracked() {
            Ok(close) => done.run(Some(close)),
            Err(_) => focus(),
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            done.run(None);
        }
    };
    let says = move || {
        close.with(|close| match close {
            Ok(close) => (words.meaning)(close.code),
            Err(error) => (words.mistake)(error),
        })
    };
    view! {
        <Show when=move || is_asking.get()>
            <form class="panel" aria-label=words.title on:submit=on_submit on:keydown=on_key>
                <label>
                    {words.code}
                    <input
                        class="code"
                        inputmode="numeric"
                        autocomplete="off"
                        node_ref=input
                        aria-describedby=target.id("close")
                        aria-invalid=move || close.with(Result::is_err).then_some("true")
                        bind:value=code
                    />
                </label>
                <label>
                    {words.reason}
                    <input
                        class="reason"
                        autocomplete="off"
                        aria-describedby=target.id("close")
                        bind:value=reason
                    />
                </label>
                <p class="says-close" role="status" id=target.id("close")>{says}</p>
                <span class="count">
                    {move || (words.bytes)(reason.with(String::len), REASON_BYTES)}
                </span>
                <button type="button" class="cancel" on:click=move |_| done.run(None)>
                    {words.cancel}
                </button>
                <button type="submit" class="submit">{words.disconnect}</button>
            </form>
        </Show>
    }
}
