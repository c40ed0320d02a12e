//! The button that connects and disconnects, and the smaller one beside it.

use leptos::{html, prelude::*};
use workbench::{Close, State};

use super::{disconnect::DisconnectWithCode, standing::waits_until, target::Target};
use crate::language::words;

/// Neither button moves, vanishes or is disabled while it may have the focus.
#[component]
pub(super) fn ConnectButtons(
    target: Target,
    button: NodeRef<html::Button>,
    connect: Callback<()>,
    on_disconnect: Callback<Close>,
) -> impl IntoView {
    let words = &words().connection;
    let state = target.state;
    let is_waiting = Memo::new(move |_| state.with(|state| waits_until(state).is_some()));
    let is_closing = move || state.with(|state| matches!(state, State::Closing(_)));
    let disconnects = Memo::new(move |_| state.with(State::can_disconnect));
    let is_open = Memo::new(move |_| state.with(State::can_send));
    let asks_code = RwSignal::new(false);
    let label = move || match (is_waiting.get(), disconnects.get()) {
        (true, _) => words.stop_retrying,
        (false, true) => words.disconnect,
        (false, false) => words.connect,
    };
    let act = move |_| {
        if disconnects.get_untracked() {
            on_disconnect.run(Close::normal());
        } else if state.with_untracked(State::can_connect) {
            connect.run(());
        }
    };
    let is_asking = Signal::derive(move || asks_code.get() && is_open.get());
    let done = Callback::new(move |close: Option<Close>| {
        asks_code.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
        if let Some(close) = close {
            on_disconnect.run(close);
        }
    });
    view! {
        <div class="actions">
            <button
                type="button"
                class="connect"
                class:primary=move || !disconnects.get()
                node_ref=button
                aria-disabled=move || is_closing().then_some("true")
                on:click=act
            >
                {label}
            </button>
            <button
                type="button"
                class="with-code"
                aria-label=words.disconnect_with_code
                title=words.disconnect_with_code
                aria-expanded=move || is_asking.get().to_string()
                aria-disabled=move || (!is_open.get()).then_some("true")
                on:click=move |_| asks_code.update(|asks| *asks = !*asks && is_open.get_untracked())
            >
                <span class="arrow" aria-hidden="true"></span>
            </button>
            <DisconnectWithCode target is_asking done />
        </div>
    }
}
