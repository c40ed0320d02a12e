//! Form that disconnects with a close code and a reason (RFC 6455 section 7.4).

use leptos::{ev, html, prelude::*};
use session::{Close, CloseError, REASON_BYTES};

use super::{form::ConnectForm, words::words};
use crate::browser::dom::focus::focus_node;

/// Typed code and reason; kept while the form is closed.
#[derive(Clone, Copy)]
pub(super) struct CloseInput {
    /// Close code in digits; empty for a frame without one.
    code: RwSignal<String>,
    /// Reason, at most 123 bytes in UTF-8.
    reason: RwSignal<String>,
}

impl CloseInput {
    /// Normal closure (1000) without a reason.
    pub(super) fn new() -> Self {
        let code = RwSignal::new(Close::normal().code.to_string());
        Self { code, reason: RwSignal::new(String::new()) }
    }

    /// Close frame as typed, or the error to show: a code that a client must not send, or a reason
    /// that is too long.
    fn close(self) -> Result<Close, CloseError> {
        self.code.with(|code| self.reason.with(|reason| Close::to_send(code, reason)))
    }
}

/// Pop-up form with the meaning of the typed code, and the length of the reason in bytes. `on_done`
/// gets both, or `None` on cancel. An invalid code gets the focus back.
#[component]
pub(super) fn CloseForm(
    form: ConnectForm,
    input: CloseInput,
    on_done: Callback<Option<Close>>,
) -> impl IntoView {
    let words = &words().closing;
    let code = NodeRef::<html::Input>::new();
    code.on_load(move |_| focus_node(code));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match untrack(|| input.close()) {
            Ok(close) => on_done.run(Some(close)),
            Err(_) => focus_node(code),
        }
    };
    let description = move || match input.close() {
        Ok(close) => (words.meaning)(close.code),
        Err(error) => (words.error)(&error),
    };
    view! {
        <form class="panel" aria-label=words.title on:submit=on_submit>
            <label>{words.code}<CodeBox form input code /></label>
            <label>{words.reason}<ReasonBox form input /></label>
            <p class="says-close" role="status" id=form.id("close")>{move || description()}</p>
            <span class="count">
                {move || (words.bytes)(input.reason.with(String::len), REASON_BYTES)}
            </span>
            <button type="button" class="cancel" on:click=move |_| on_done.run(None)>
                {words.cancel}
            </button>
            <button class="submit" type="submit">{words.disconnect}</button>
        </form>
    }
}

/// Box for the code, numeric on a touch keyboard, and marked while the pair of code and reason is
/// invalid.
#[component]
fn CodeBox(form: ConnectForm, input: CloseInput, code: NodeRef<html::Input>) -> impl IntoView {
    view! {
        <input
            class="code"
            autocomplete="off"
            aria-describedby=form.id("close")
            inputmode="numeric"
            aria-invalid=move || input.close().is_err().then_some("true")
            prop:value=move || input.code.get()
            node_ref=code
            on:input=move |event| input.code.set(event_target_value(&event))
        />
    }
}

/// Box for the reason. The count beside it is in bytes, which the frame bounds.
#[component]
fn ReasonBox(form: ConnectForm, input: CloseInput) -> impl IntoView {
    view! {
        <input
            class="reason"
            autocomplete="off"
            aria-describedby=form.id("close")
            prop:value=move || input.reason.get()
            on:input=move |event| input.reason.set(event_target_value(&event))
        />
    }
}
