//! Connect bar: address, connect button, connection status and options.

mod address_box;
mod buttons;
mod close_form;
mod detour;
mod filling;
mod form;
mod options;
mod presets;
mod recents;
mod routing;
mod state;
mod status;
mod suggestions;
mod words;

use leptos::{html, prelude::*};
use session::{Close, Negotiated, Retries, State, Time};
use workbench::connect::{Cause, Preset};

pub(crate) use self::state::state_name;
use self::{
    address_box::AddressBox,
    buttons::ConnectButtons,
    form::{ConnectForm, Reported},
    options::Options,
    presets::translate,
    status::{Offer, StatusLine, UrgeButton},
    words::words,
};
pub use self::{
    filling::Filling,
    presets::{presets, read_presets},
    recents::Recents,
    routing::Routing,
};

/// Form for a connection's target, with the connection's status.
///
/// Keeps no state that outlives it. `on_connect` is called only with a valid `address` and valid
/// `subprotocols` in place; an `address` without variables is completed.
#[component]
#[must_use]
pub fn ConnectBar(
    /// Text of the address box.
    address: RwSignal<String>,
    /// Subprotocols to offer, in order of preference. May hold empty or invalid names while typing.
    subprotocols: RwSignal<Vec<String>>,
    /// Route of the connection.
    #[prop(optional)]
    routing: Routing,
    /// True while the connection goes through the page's server.
    #[prop(into, optional)]
    is_relayed: Signal<bool>,
    /// True while the connection accepts a certificate that is not trusted.
    #[prop(into, optional)]
    accepts_untrusted: Signal<bool>,
    /// Names of the client certificates of the page's server, once it told them.
    #[prop(into, optional)]
    certificates: Signal<Vec<String>>,
    /// Session state.
    #[prop(into)]
    state: Signal<State>,
    /// Address that the connection uses, tries or closes.
    #[prop(into)]
    in_use: Signal<Option<String>>,
    /// Address to connect to once the connection has closed.
    #[prop(into)]
    next_address: Signal<Option<String>>,
    /// Probable causes of the last failure, likeliest first.
    #[prop(into)]
    causes: Signal<Vec<Cause>>,
    /// True if the closing handshake is slow.
    #[prop(into)]
    can_close_now: Signal<bool>,
    /// True if this side closed the last connection.
    #[prop(into, optional)]
    is_own_end: Signal<bool>,
    /// Subprotocol and extensions of the open connection.
    #[prop(into)]
    negotiated: Signal<Option<Negotiated>>,
    /// Time of the last successful opening handshake.
    #[prop(into)]
    opened_at: Signal<Option<Time>>,
    /// Retry limit of a lost connection.
    retries: RwSignal<Retries>,
    /// Values of the variables in `address` and `subprotocols`; only the built-in ones without it.
    #[prop(optional)]
    filling: Option<Filling>,
    /// Recent addresses, newest first.
    #[prop(into)]
    recent: Signal<Vec<String>>,
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
    let reported = Reported { state, in_use, next_address, causes, is_own_end };
    let form = ConnectForm::new(address, subprotocols, routing, filling, reported);
    let on_command = Callback::new(move |text: String| {
        let is_command = on_command.run(text);
        if is_command {
            form.shows_errors.set(false);
        }
        is_command
    });
    let on_connect = Callback::new(move |()| {
        if on_command.run(address.get_untracked()) {
            return;
        }
        if form.complete() {
            on_connect.run(());
        } else if form.is_retrying() {
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
        >
            <AddressBox form recent presets on_command on_connect />
            <ConnectButtons form button on_connect on_disconnect />
            <StatusLine form negotiated opened_at is_relayed accepts_untrusted />
            <UrgeButton form button can_close_now on_connect on_close_now />
            <Offer form button on_connect />
            <Options form presets retries certificates on_connect />
        </section>
    }
}
