//! Kinds of connection options, a tab each.

/// Group of connection options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionsTab {
    /// Options of the endpoint in the address, if it has any.
    Endpoint,
    /// Query parameters of the address.
    Query,
    /// Subprotocols to offer.
    Subprotocols,
    /// Choice between the browser and the page's server, with the server's options.
    Route,
    /// Reconnection after a loss.
    Reconnect,
    /// Targets by name.
    Saved,
}

impl OptionsTab {
    /// All groups, in the order of the tabs.
    pub(in crate::connect) const ALL: [Self; 6] = [
        Self::Endpoint,
        Self::Query,
        Self::Subprotocols,
        Self::Route,
        Self::Reconnect,
        Self::Saved,
    ];
}
