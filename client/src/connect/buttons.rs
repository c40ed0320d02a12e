//! Connect button, and the smaller one for a close code.

use leptos::{ev, html, prelude::*};
use session::{Close, State};

use super::{
    close_form::{CloseForm, CloseInput},
    form::ConnectForm,
    words::{Words, words},
};
use crate::{
    browser::dom::{focus::focus_node, popup::close_on_leave},
    ui::{aria, show::Show},
};

/// Both buttons. They keep their place and are never disabled: a focused button stays focusable.
/// The form for a close code is kept only while the connection is open.
#[component]
pub(super) fn ConnectButtons(
    form: ConnectForm,
    /// Connect button, which gets the focus when another element goes.
    button: NodeRef<html::Button>,
    on_connect: Callback<()>,
    on_disconnect: Callback<Close>,
) -> impl IntoView {
    let state = move || form.reported.with(|it| it.state.clone());
    // Connection that the form is shown for: the next one must not bring it back, as it takes the focus.
    let shown_for = RwSignal::new(None::<State>);
    let is_shown = Memo::new(move |_| shown_for.get() == Some(state()));
    let toggle = Callback::new(move |()| {
        let next = Some(untrack(state)).filter(|it| it.can_send() && !is_shown.get_untracked());
        shown_for.set(next);
    });
    let input = CloseInput::new();
    let part = NodeRef::<html::Div>::new();
    close_on_leave(part, move || is_shown.get(), move || shown_for.set(None));
    let on_done = Callback::new(move |close: Option<Close>| {
        shown_for.set(None);
        focus_node(button);
        if let Some(close) = close {
            on_disconnect.run(close);
        }
    });
    view! {
        <div class="actions" node_ref=part>
            <ConnectButton form button on_connect on_disconnect />
            <CloseCodeButton form is_shown toggle />
            <Show when=is_shown>
                <CloseForm form input on_done />
            </Show>
        </div>
    }
}

/// Button that connects, cancels that, disconnects or stops retrying. Its label follows the state. The second
/// click of a double click is ignored.
#[component]
fn ConnectButton(
    form: ConnectForm,
    button: NodeRef<html::Button>,
    on_connect: Callback<()>,
    on_disconnect: Callback<Close>,
) -> impl IntoView {
    let Words { connection: words, closing, .. } = words();
    let can_disconnect = move || form.reported.with(|it| it.state.can_disconnect());
    let label = move || {
        form.reported.with(|it| match it.state {
            State::Waiting { .. } => words.stop_retrying,
            State::Connecting(_) => closing.cancel,
            State::Open(_) => words.disconnect,
            State::Idle(_) | State::Closing(_) => words.connect,
        })
    };
    let on_click = move |event: ev::MouseEvent| {
        // The second click of a double click would undo the first.
        if event.detail() > 1 {
            return;
        }
        if untrack(can_disconnect) {
            on_disconnect.run(Close::normal());
        } else {
            on_connect.run(());
        }
    };
    view! {
        <button
            type="button"
            class="connect"
            class:primary=move || !can_disconnect()
            node_ref=button
            // Held, Enter is a click again and again.
            on:keydown=move |event| if event.repeat() { event.prevent_default() }
            on:click=on_click
        >
            {move || label()}
        </button>
    }
}

/// Button that shows the form for a close code, and hides it.
#[component]
fn CloseCodeButton(form: ConnectForm, is_shown: Memo<bool>, toggle: Callback<()>) -> impl IntoView {
    let words = &words().connection;
    view! {
        <button
            type="button"
            class="with-code"
            aria-label=words.disconnect_with_code
            title=words.disconnect_with_code
            aria-disabled=move || (!form.is_open()).then_some("true")
            aria-expanded=move || aria(is_shown.get())
            on:click=move |_| toggle.run(())
        >
            <span class="arrow" aria-hidden="true"></span>
        </button>
    }
}
