//! Target of a tab: that of the next connection, as typed, and that of the last one.

use leptos::prelude::*;
use session::{EndReason, State, Time};
use workbench::{
    compose::Values,
    connect::{SubprotocolError, Target, fill_subprotocols, missing_secret},
    engine::{ConnectionCommand, ConnectionState, Warning},
    relay::{HeaderError, RelayOptions},
};

use crate::{
    EngineHandle, Library,
    browser::{clock::now, location::is_page_secure},
    engine::notice::Notice,
};

/// Target of the next connection, with its route by the browser or through the page's server, and target of the last
/// one.
#[derive(Clone, Copy, Default)]
pub struct TargetInput {
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
    typed: RwSignal<Option<String>>,
    /// Address that is connected to, without secrets and as typed, until the connection is open.
    opening: StoredValue<Option<[String; 2]>>,
    /// Source of the user's own variables and of saved connections; without it there are the built-in variables only.
    pub(super) library: Option<Library>,
    /// Time, and number of the connection, for variables. They stay until they are renewed, so that the address that is
    /// checked and shown is the one that is connected to.
    moment: RwSignal<(Time, u64)>,
}

impl TargetInput {
    /// Empty target, with the variables of a library.
    pub(crate) fn new(library: Library) -> Self {
        let moment = RwSignal::new((now(), 0));
        Self { library: Some(library), moment, ..Self::default() }
    }

    /// Target of the next connection, as typed. Tracks it.
    pub(crate) fn get(self) -> Target {
        let (url, subprotocols) = (self.address.get(), self.subprotocols.get());
        Target { url, subprotocols, relay: self.relay.get().map(Box::new) }
    }

    /// Target of the next connection, as typed.
    pub(crate) fn get_untracked(self) -> Target {
        untrack(|| self.get())
    }

    /// Sets the target of the next connection. Connects to nothing.
    pub(crate) fn set(self, target: Target) {
        self.address.set(target.url);
        self.subprotocols.set(target.subprotocols);
        self.relay.set(target.relay.map(|it| *it));
    }

    /// Values of variables as renewed last, with the user's own as they are now. `{{seq}}` counts connections.
    pub(crate) fn values(self) -> Values {
        let (now, number) = self.moment.get();
        let variables = self.library.map(Library::variables).unwrap_or_default();
        Values { now, seq: number.max(1), variables, ..Values::new(now.0) }
    }

    /// Subprotocols with their variables filled in, one result a row.
    pub(super) fn filled_subprotocols(self) -> Vec<Result<String, SubprotocolError>> {
        self.subprotocols.with(|names| fill_subprotocols(names, &self.values()))
    }

    /// Error of the first option of the route that is invalid; of a header, with its index.
    pub(super) fn route_error(self) -> Option<(Option<usize>, HeaderError)> {
        self.relay.with(|relay| relay.as_ref()?.filled(&self.values()).err())
    }

    /// Renews the values of variables for another connection.
    pub(super) fn renew(self) {
        self.moment.update(|(time, number)| (*time, *number) = (now(), *number + 1));
    }

    /// Connects to the target as typed. An invalid one changes nothing.
    pub(crate) fn connect(self, engine: EngineHandle) {
        let target = self.get_untracked();
        if let Some(shown) = self.connect_to(&target, engine) {
            self.opening.set_value(Some([shown, target.url]));
        }
    }

    /// Takes the address that was connected to as typed, if it is this one, which is open.
    pub(crate) fn take_opened(self, shown: &str) -> Option<String> {
        let opened = self.opening.try_update_value(|it| it.take_if(|it| it[0] == shown));
        opened.flatten().map(|[_, typed]| typed)
    }

    /// Connects to a target, as [`Self::connect`] does to the one that is typed. A valid one becomes the target of the
    /// status views; the notices about the connection before, and of a pasted command, are gone with it. Returns its
    /// address without secrets.
    pub(crate) fn connect_to(self, target: &Target, engine: EngineHandle) -> Option<String> {
        if missing_secret(&target.url).is_some() {
            return None;
        }
        let filled = untrack(|| target.filled(&self.values(), is_page_secure()))?;
        let shown = filled.shown.url.clone();
        let mut used = target.clone();
        if let (Some(options), Some(filled)) = (&mut used.relay, &filled.target.relay) {
            // That any certificate is accepted holds for this connection.
            let bound_to = filled.bound_to.clone();
            **options = RelayOptions { bound_to, ..options.without_exceptions() };
        }
        engine.command(ConnectionCommand::Connect(filled));
        self.relay.update(|relay| {
            if relay.as_ref() == target.relay.as_deref() {
                *relay = used.relay.as_deref().cloned();
            }
        });
        self.used.set(Some(used));
        self.typed.set(Some(self.address.get_untracked()));
        let is_over = |notice: &Notice| {
            matches!(
                notice,
                Notice::NotReconnected(_)
                    | Notice::Pasted { .. }
                    | Notice::NotACommand(_)
                    | Notice::Engine(Warning::Overrun(_))
            )
        };
        engine.notices.update(|notices| notices.remove_if(is_over));
        Some(shown)
    }

    /// True if the address in the box is `url`. Compares with the variables filled in, as the address was when it was
    /// used.
    pub(crate) fn is_typed(self, url: &str) -> bool {
        // Headers say nothing of the address, and may lack their secrets.
        let target = Target { relay: None, ..self.get_untracked() };
        let filled = untrack(|| target.filled(&self.values(), is_page_secure()));
        filled.is_some_and(|filled| filled.shown.url == url)
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

    /// True if the last connection was to this address, as typed, through the page's server: what is confirmed for it
    /// applies to no other.
    pub(super) fn is_tried(self) -> bool {
        self.used.with(|used| {
            let is_here = |it: &Target| self.address.with(|address| it.url == *address);
            used.as_ref().is_some_and(|it| it.relay.is_some() && is_here(it))
        })
    }

    /// True if the connection goes through the page's server, or the next one will.
    pub(crate) fn is_relayed(self, connection: &ConnectionState) -> bool {
        match connection.state {
            State::Idle(_) => self.relay.with(Option::is_some),
            // The next attempt is at the target of the last.
            State::Waiting { .. } => {
                self.used.with(|used| used.as_ref().is_some_and(|used| used.relay.is_some()))
            }
            State::Connecting(_) | State::Open(_) | State::Closing(_) => connection.is_relayed,
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
