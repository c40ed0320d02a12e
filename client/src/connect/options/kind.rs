//! Kinds of connection options, a tab each.

/// Group of connection options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionsTab {
    /// Those of the endpoint in the address, if it has any.
    Endpoint,
    Query,
    Subprotocols,
    /// Browser or page's server, and the options of the latter.
    Route,
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
