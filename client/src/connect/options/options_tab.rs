//! Groups of connection options: tabs, and sections of the route.

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

/// Group of options of a connection through the page's server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouteSection {
    /// Headers of the request.
    Headers,
    /// Sign-in and cookies.
    Credentials,
    /// Certificates.
    Tls,
    /// Proxy, address, time limit and redirects.
    Network,
    /// permessage-deflate.
    Compression,
}

impl RouteSection {
    /// All groups, in the order of their buttons.
    pub(in crate::connect) const ALL: [Self; 5] =
        [Self::Headers, Self::Credentials, Self::Tls, Self::Network, Self::Compression];

    /// Class of its button, and of its fields while they are unfolded.
    pub(in crate::connect) fn class(self) -> &'static str {
        match self {
            Self::Headers => "headers",
            Self::Credentials => "credentials",
            Self::Tls => "tls",
            Self::Network => "network",
            Self::Compression => "compression",
        }
    }
}
