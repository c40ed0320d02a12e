//! Route of a tab's connections: by the browser, or through the page's server.

use leptos::prelude::*;
use session::{EndReason, State};
use workbench::{connect::Target, relay::RelayOptions};

/// Route of the next connection, and target of the last one.
#[derive(Clone, Copy, Default)]
pub struct Routing {
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
    /// Route with the stored options of a tab.
    pub(crate) fn new(relay: Option<RelayOptions>) -> Self {
        Self { relay: RwSignal::new(relay), ..Self::default() }
    }

    /// Target of the next connection, as typed, with these parts that the form has beside the route.
    pub(crate) fn target(
        self,
        address: RwSignal<String>,
        subprotocols: RwSignal<Vec<String>>,
    ) -> Target {
        let (url, subprotocols) = (address.get_untracked(), subprotocols.get_untracked());
        Target { url, subprotocols, relay: self.relay.get_untracked().map(Box::new) }
    }

    /// Sets the target of the next connection. Connects to nothing.
    pub(crate) fn set_target(
        self,
        target: Target,
        address: RwSignal<String>,
        subprotocols: RwSignal<Vec<String>>,
    ) {
        address.set(target.url);
        subprotocols.set(target.subprotocols);
        self.relay.set(target.relay.map(|it| *it));
    }

    /// State to show beside the address box with the text `address`: a failure gives way to an edit.
    pub(crate) fn shown_state(self, state: State, address: RwSignal<String>) -> State {
        let is_edited = |typed: &Option<String>| {
            typed.as_ref().is_some_and(|typed| address.with(|address| typed != address))
        };
        let has_failed = state == State::Idle(Some(EndReason::Failed));
        if has_failed && self.typed.with(is_edited) { State::Idle(None) } else { state }
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
    pub(super) fn has_changed(self, subprotocols: &[String]) -> bool {
        let is_same = |used: &Target| {
            let [set, used_names] = [subprotocols, &used.subprotocols]
                .map(|names| names.iter().filter(|name| !name.is_empty()));
            set.eq(used_names)
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
