//! Form that disconnects with a close code and a reason (RFC 6455 section 7.4).

use leptos::{html, prelude::*};
use session::{Close, CloseError, MAX_REASON_BYTES};

use super::{
    form::ConnectForm,
    words::{Words, words},
};
use crate::{
    browser::dom::focus::focus_node,
    ui::{
        button::Button,
        text_input::{TextInput, on_submit},
    },
};

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

    /// Close frame as typed, or the error to show: a code that a client must not send, or a reason that is too long.
    fn close(self) -> Result<Close, CloseError> {
        self.code.with(|code| self.reason.with(|reason| Close::to_send(code, reason)))
    }
}

/// Pop-up form with the meaning of the typed code, and the length of the reason in bytes, which the frame bounds.
/// `on_done` gets both, or `None` on cancel. An invalid code gets the focus back.
#[component]
pub(super) fn CloseForm(
    form: ConnectForm,
    input: CloseInput,
    on_done: Callback<Option<Close>>,
) -> impl IntoView {
    let Words { connection, closing: words, .. } = words();
    let code = NodeRef::<html::Input>::new();
    code.on_load(move |_| focus_node(code));
    let submit = move || match untrack(|| input.close()) {
        Ok(close) => on_done.run(Some(close)),
        Err(_) => focus_node(code),
    };
    let description = move || match input.close() {
        Ok(close) => (words.meaning)(close.code),
        Err(error) => (words.error)(&error),
    };
    view! {
        <form class="panel" aria-label=connection.disconnect_with_code on:submit=on_submit(submit)>
            <label>
                {words.code}
                <TextInput
                    class="code"
                    description=form.id("close")
                    is_invalid=move || input.close().is_err()
                    input=code
                    value=input.code
                    on_input=move |code| input.code.set(code)
                    attr:inputmode="numeric"
                />
            </label>
            <label>
                {words.reason}
                <TextInput
                    class="reason"
                    description=form.id("close")
                    value=input.reason
                    on_input=move |reason| input.reason.set(reason)
                />
            </label>
            <p class="says-close" role="status" id=form.id("close")>{move || description()}</p>
            <span class="count">
                {move || (words.bytes)(input.reason.with(String::len), MAX_REASON_BYTES)}
            </span>
            <Button class="cancel" label=words.cancel on_click=move || on_done.run(None) />
            <button class="submit" type="submit">{connection.disconnect}</button>
        </form>
    }
}
