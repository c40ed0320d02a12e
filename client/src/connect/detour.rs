//! Way on after a failed connection, offered in one click.

use workbench::relay::Network;

/// Way on after a failure.
#[derive(Clone, Copy)]
pub(super) enum Detour {
    /// Through the page's server, where the browser failed.
    Relay,
    /// Through the page's server, into a network that it asks about.
    Confirm(Network),
    /// To a server whose certificate is not trusted.
    AcceptCertificate,
}
