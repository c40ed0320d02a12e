//! The button that connects and disconnects, and the smaller one beside it.

use leptos::prelude::*;
use session::{Close, State};

use super::{
    address_box::arrow,
    disconnect::{Typed, disconnect_with_code},
    target::Target,
    words::words,
};
use crate::ui::element::{Element, Place, focus};

/// Neither button moves, vanishes or is disabled while it may have the focus.
pub(super) fn connect_buttons(
    target: Target,
    button: Place,
    connect: Callback<()>,
    on_disconnect: Callback<Close>,
) -> Element {
    let asks_code = RwSignal::new(false);
    let is_asking = move || asks_code.get() && target.is_open();
    let typed = Typed::new();
    let done = Callback::new(move |close: Option<Close>| {
        asks_code.set(false);
        focus(button);
        if let Some(close) = close {
            on_disconnect.run(close);
        }
    });
    let with_code =
        code_button(target, asks_code).live("aria-expanded", move || Some(is_asking().to_string()));
    Element::new("div", "actions")
        .children([connect_button(target, connect, on_disconnect).at(button), with_code])
        .shown(is_asking, move || [disconnect_with_code(target, typed, done)])
}

fn connect_button(
    target: Target,
    connect: Callback<()>,
    on_disconnect: Callback<Close>,
) -> Element {
    let words = &words().connection;
    let state = target.state;
    let disconnects = move || state.with(State::can_disconnect);
    let label = move || match (target.is_waiting(), disconnects()) {
        (true, _) => words.stop_retrying,
        (false, true) => words.disconnect,
        (false, false) => words.connect,
    };
    let act = move || {
        if untrack(disconnects) {
            on_disconnect.run(Close::normal());
        } else if state.with_untracked(State::can_connect) {
            connect.run(());
        }
    };
    let class = move || if disconnects() { "connect" } else { "connect primary" };
    Element::button("", act)
        .live("class", move || Some(class().to_owned()))
        .live_flag("aria-disabled", move || state.with(|state| matches!(state, State::Closing(_))))
        .live_text(move || label().to_owned())
}

fn code_button(target: Target, asks_code: RwSignal<bool>) -> Element {
    let words = &words().connection;
    let toggle =
        move || asks_code.update(|asks| *asks = !*asks && untrack(move || target.is_open()));
    Element::button("with-code", toggle)
        .attribute("aria-label", words.disconnect_with_code)
        .attribute("title", words.disconnect_with_code)
        .live_flag("aria-disabled", move || !target.is_open())
        .children([arrow()])
}
