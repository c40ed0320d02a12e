//! Connect bar: address, connect button, connection status and options.

mod address;
mod buttons;
mod close_form;
mod form;
mod offer;
mod options;
mod remedy;
mod state;
mod status;
mod target_input;
mod words;

use leptos::{html, prelude::*};
use session::{Close, Retries, State};
use workbench::connect::Preset;

pub(crate) use self::state::{is_bad_end, state_name};
use self::{
    address::{AddressBox, presets::translate},
    buttons::ConnectButtons,
    options::Options,
    status::{Offer, RetryNowButton, StatusLine},
    words::words,
};
pub use self::{
    address::{
        presets::{presets, read_presets},
        recents::Recents,
    },
    form::ConnectForm,
    target_input::TargetInput,
};

/// Form for a connection's target, with the connection's status.
///
/// Keeps no state that outlives it. `on_connect` is called only with a valid address and valid
/// subprotocols in place; an address without variables is completed.
#[component]
#[must_use]
pub fn ConnectBar(
    /// Target and its validation, with the connection as the engine reports it.
    form: ConnectForm,
    /// Retry limit of a lost connection.
    retries: RwSignal<Retries>,
    /// Recent addresses, which can be removed here.
    recents: Recents,
    /// Endpoints of the page's own server.
    #[prop(into)]
    presets: Signal<Vec<Preset>>,
    /// Handles pasted or entered text that may be a command line; returns true if it was one.
    on_command: Callback<String, bool>,
    /// Connects; skips the delay of a pending retry, and replaces a connection to another address.
    on_connect: Callback<()>,
    /// Disconnects and stops retrying.
    on_disconnect: Callback<Close>,
    /// Ends a connection that is closing.
    on_close_now: Callback<()>,
) -> impl IntoView {
    let on_command = Callback::new(move |text: String| {
        let is_command = on_command.run(text);
        if is_command {
            form.shows_errors.set(false);
        }
        is_command
    });
    let on_retry = Callback::new(move |()| {
        let is_valid = form.complete();
        if is_valid {
            on_connect.run(());
        }
        is_valid
    });
    let on_connect = Callback::new(move |()| {
        if on_command.run(form.target.address.get_untracked()) {
            return;
        }
        let is_trying = |it: &State| matches!(it, State::Connecting(_) | State::Waiting { .. });
        if !on_retry.run(()) && form.reported.with_untracked(|it| is_trying(&it.state)) {
            // A mistake in the next address ends the attempts at the last.
            on_disconnect.run(Close::normal());
        }
    });
    let presets = Signal::from(Memo::new(move |_| {
        let mut presets = presets.get();
        presets.iter_mut().for_each(translate);
        presets
    }));
    let button = NodeRef::<html::Button>::new();
    view! {
        <section
            class="status"
            aria-label=words().connection.title
            data-state=move || state_name(&form.shown_state())
            data-end=move || is_bad_end(&form.shown_state(), form.reported.read().is_own_end).then_some("bad")
        >
            <AddressBox form recents presets on_command on_connect />
            <ConnectButtons form button on_connect on_disconnect />
            <StatusLine form />
            <RetryNowButton form button on_retry on_close_now />
            <Offer form button on_connect />
            <Options form presets retries on_connect />
        </section>
    }
}
