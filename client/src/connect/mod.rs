//! The connect bar: where to, with what, how it stands, and what can be done about it.

mod address_box;
mod buttons;
mod disconnect;
mod options;
mod parts;
mod preset_options;
mod presets;
mod recents;
mod standing;
mod status;
mod target;
mod words;

use leptos::prelude::*;
use session::{Close, Negotiated, Retries, State, Time};
use workbench::connect::Preset;

pub(crate) use self::standing::state_name;
pub use self::{
    presets::{presets, read_presets},
    recents::Recents,
};

use self::{
    address_box::address_box,
    buttons::connect_buttons,
    options::options,
    status::{status_line, try_now},
    target::Target,
    words::words,
};
use crate::ui::element::{Element, Place};

/// Where a person says what to connect to, and sees how that stands.
///
/// It holds nothing that outlives it but what it is given. `on_connect` is called only when
/// `address` is one that a WebSocket can be opened to, with its scheme, and `subprotocols` are ones
/// that can be asked for.
#[component]
#[must_use]
pub fn ConnectBar(
    /// What is in the address box.
    address: RwSignal<String>,
    /// Names to ask for, in order of preference. One that is being typed may be empty or wrong.
    subprotocols: RwSignal<Vec<String>>,
    /// Where the session stands.
    #[prop(into)]
    state: Signal<State>,
    /// What was agreed on when the connection opened.
    #[prop(into)]
    negotiated: Signal<Option<Negotiated>>,
    /// When it opened.
    #[prop(into)]
    opened_at: Signal<Option<Time>>,
    /// How often a lost connection is tried again.
    retries: RwSignal<Retries>,
    /// Addresses to offer, newest first.
    #[prop(into)]
    recent: Signal<Vec<String>>,
    /// Endpoints of the page's server to offer.
    #[prop(into)]
    presets: Signal<Vec<Preset>>,
    /// What is pasted, or typed to connect to. Returns whether it is a command, and taken as such.
    on_command: Callback<String, bool>,
    /// The person wants a connection; while one is waited for: now.
    on_connect: Callback<()>,
    /// The person wants none, and no retry.
    on_disconnect: Callback<Close>,
) -> impl IntoView {
    let target = Target::new(address, subprotocols, state);
    let take = Callback::new(move |text: String| {
        let is_command = on_command.run(text);
        if is_command {
            target.names_mistakes.set(false);
        }
        is_command
    });
    let connect = Callback::new(move |()| {
        if !take.run(address.get_untracked()) && target.settle() {
            on_connect.run(());
        }
    });
    let button = Place::new();
    Element::new("section", "status")
        .attribute("aria-label", words().connection.title)
        .live("data-state", move || Some(state.with(state_name).to_owned()))
        .children([
            address_box(target, recent, presets, take, connect),
            connect_buttons(target, button, connect, on_disconnect),
            status_line(target, negotiated, opened_at),
            try_now(target, button, connect),
        ])
        .children(options(target, presets, retries))
        .view()
}
