//! Targets of a tab: that of the next connection, with its route, and that of the last one.

use leptos::prelude::*;
use session::{EndReason, State};
use workbench::{connect::Target, relay::RelayOptions};

/// Target of the next connection, with its route by the browser or through the page's server, and target of the last
/// one.
#[derive(Clone, Copy, Default)]
pub struct Routing {
    /// Text of the address box, with its variables unfilled.
    pub address: RwSignal<String>,
    /// Subprotocols to offer, in order of preference. May hold empty or invalid names while typing.
    pub subprotocols: RwSignal<Vec<String>>,
    /// Options of a connection through the page's server; `None` for one of the browser.
    pub relay: RwSignal<Option<RelayOptions>>,
    /// Options that come back with the choice of the server.
    previous: StoredValue<RelayOptions>,
    /// Target that was connected to last, as typed.
    pub used: RwSignal<Option<Target>>,
    /// Text of the address box at that time: a reload connects to the address in use, which may be another.
    pub(crate) typed: RwSignal<Option<String>>,
}

impl Routing {
    /// Target of the next connection, as typed. Tracks it.
    pub(crate) fn target(self) -> Target {
        let (url, subprotocols) = (self.address.get(), self.subprotocols.get());
        Target { url, subprotocols, relay: self.relay.get().map(Box::new) }
    }

    /// Sets the target of the next connection. Connects to nothing.
    pub(crate) fn set_target(self, target: Target) {
        self.address.set(target.url);
        self.subprotocols.set(target.subprotocols);
        self.relay.set(target.relay.map(|it| *it));
    }

    /// True if the address box has another text than when the last connection was made.
    pub(super) fn is_edited(self) -> bool {
        let differs = |typed: &String| self.address.with(|address| typed != address);
        self.typed.with(|typed| typed.as_ref().is_some_and(differs))
    }

    /// State to show beside the address box: a failure gives way to an edit.
    pub(crate) fn shown_state(self, state: State) -> State {
        let has_failed = state == State::Idle(Some(EndReason::Failed));
        if has_failed && self.is_edited() { State::Idle(None) } else { state }
    }

    /// True if a connection to `address`, as typed, through the page's server was the last.
    pub(super) fn has_tried(self, address: &str) -> bool {
        self.used.with(|it| it.as_ref().is_some_and(|it| it.relay.is_some() && it.url == address))
    }

    /// True if the connection goes through the page's server, or the next one will. `is_relayed` is of the present one.
    pub(crate) fn is_relayed(self, state: &State, is_relayed: bool) -> bool {
        match state {
            State::Idle(_) => self.relay.with(Option::is_some),
            // The next attempt is at the target of the last.
            State::Waiting { .. } => {
                self.used.with(|used| used.as_ref().is_some_and(|used| used.relay.is_some()))
            }
            State::Connecting(_) | State::Open(_) | State::Closing(_) => is_relayed,
        }
    }

    /// True if the last connection had other options than are set now. Empty subprotocols do not count.
    pub(super) fn has_changed(self) -> bool {
        let named = |names: &Vec<String>| {
            names.iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>()
        };
        let is_same = |used: &Target| {
            self.subprotocols.with(named) == named(&used.subprotocols)
                && self.relay.with(|relay| match (relay, &used.relay) {
                    (Some(set), Some(used)) => set.is_equivalent(used),
                    (set, used) => set.is_none() && used.is_none(),
                })
        };
        self.used.with(|used| used.as_ref().is_some_and(|used| !is_same(used)))
    }

    /// Options that a connection through the page's server has, or would have.
    pub(super) fn options(self) -> RelayOptions {
        self.relay.get().unwrap_or_else(|| self.previous.get_value())
    }

    /// Chooses the page's server, or the browser.
    pub(crate) fn choose(self, is_relayed: bool) {
        let options = untrack(|| self.options());
        self.previous.set_value(options.without_exceptions());
        self.relay.set(is_relayed.then_some(options));
    }
}
