//! Form that disconnects with a close code and a reason (RFC 6455 section 7.4).

use leptos::{ev, html, prelude::*};
use session::{Close, CloseError, REASON_BYTES};

use super::{form::ConnectForm, words::words};
use crate::browser::dom::focus::focus_node;

/// Typed code and reason; kept while the form is closed.
#[derive(Clone, Copy)]
pub(super) struct CloseInput {
    code: RwSignal<String>,
    reason: RwSignal<String>,
}

impl CloseInput {
    pub(super) fn new() -> Self {
        let code = RwSignal::new(Close::normal().code.to_string());
        Self { code, reason: RwSignal::new(String::new()) }
    }

    fn close(self) -> Result<Close, CloseError> {
        self.code.with(|code| self.reason.with(|reason| Close::to_send(code, reason)))
    }
}

/// Pop-up form. `on_done` gets the code and reason, or `None` on cancel.
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
            <p class="says-close" role="status" id=form.id("close")>{description}</p>
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

#[component]
fn CodeBox(form: ConnectForm, input: CloseInput, code: NodeRef<html::Input>) -> impl IntoView {
    view! {
        <input
            class="code"
            autocomplete="off"
            aria-describedby=form.id("close")
            inputmode="numeric"
            aria-invalid=move || input.close().is_err().then_some("true")
            prop:value=input.code
            node_ref=code
            on:input=move |event| input.code.set(event_target_value(&event))
        />
    }
}

#[component]
fn ReasonBox(form: ConnectForm, input: CloseInput) -> impl IntoView {
    view! {
        <input
            class="reason"
            autocomplete="off"
            aria-describedby=form.id("close")
            prop:value=input.reason
            on:input=move |event| input.reason.set(event_target_value(&event))
        />
    }
}
