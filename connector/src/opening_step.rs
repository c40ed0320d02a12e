//! Progress of an opening, for page and terminal to show.

use std::{io, net::SocketAddr};

use crate::{
    handshake::{Head, Response},
    proxy::Proxy,
    server_url::ServerUrl,
    tls::TlsInfo,
};

/// Step of an opening, as it happens.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum OpeningStep<'a> {
    /// The connection goes through this proxy.
    Through(&'a Proxy),
    /// Addresses that are dialed, in this order, at most 16: of the server or of the proxy.
    Resolved(&'a [SocketAddr]),
    /// An address did not answer; others may.
    Unanswered(SocketAddr, &'a io::Error),
    /// TCP connection to an address.
    Connected(SocketAddr),
    /// TLS handshake.
    Encrypted(&'a TlsInfo),
    /// Certificates that the TLS handshake refused: nothing else is known of it.
    Untrusted(&'a TlsInfo),
    /// Head of the request, as it is sent: with credentials.
    Request(&'a Head),
    /// Response, with the start of the body if it refuses: with credentials.
    Response(&'a Response),
    /// A redirect is followed to this URL.
    Redirected(&'a ServerUrl),
}

/// Receiver of the progress.
pub type Trace<'a> = &'a (dyn Fn(OpeningStep<'_>) + Sync);
