//! Route of a tab's connections: by the browser, or through the page's server.

use leptos::prelude::*;
use workbench::relay::RelayOptions;

/// Route of the next connection, and what is kept of the last one.
#[derive(Clone, Copy, Default)]
pub struct Routing {
    /// Options of a connection through the page's server; `None` for one of the browser.
    pub relay: RwSignal<Option<RelayOptions>>,
    /// Options that come back with the choice of the server.
    former: StoredValue<RelayOptions>,
    /// Address that was connected to last, as typed, if through the page's server.
    pub tried: RwSignal<Option<String>>,
}

impl Routing {
    pub(crate) fn new(relay: Option<RelayOptions>) -> Self {
        Self { relay: RwSignal::new(relay), ..Self::default() }
    }

    /// Options that a connection through the page's server has, or would have.
    pub(super) fn options(self) -> RelayOptions {
        self.relay.get().unwrap_or_else(|| self.former.get_value())
    }

    /// Chooses the page's server, or the browser.
    pub(crate) fn choose(self, is_relayed: bool) {
        let options = untrack(|| self.options());
        self.former.set_value(options.checked());
        self.relay.set(is_relayed.then_some(options));
    }
}
