//! Remedy for a failed connection, offered in one click.

use workbench::relay::{FINGERPRINT_LEN, Network};

/// Remedy for a mistake or a failure, with the consequences that the user agrees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remedy {
    /// Change of the connection's route or options.
    pub(super) kind: RemedyKind,
    /// Host that the user agrees to.
    pub(super) host: String,
    /// Host and port to connect to.
    pub(super) target: String,
    /// Names of the headers that are sent there, or of the options that are left out; empty for neither.
    pub(super) parts: String,
}

/// Kind of remedy: another connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RemedyKind {
    /// To the address that was meant.
    Address(String),
    /// Through the page's server, where the browser failed.
    Relay,
    /// By the browser, where the page's server does not connect to others.
    Browser,
    /// Through the page's server, into a network that it asks about.
    Confirm(Network),
    /// To a server whose certificate, of this fingerprint, is not trusted.
    AcceptCertificate([u8; FINGERPRINT_LEN]),
    /// To where the server redirects.
    Follow,
    /// With headers and options that are for another address.
    Send,
}
