//! Response that is withheld, as an endpoint may want it.

use std::time::Duration;

/// Withheld response, in the extensions of the response that stands in for it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoResponse {
    /// Drops the connection, over HTTP/2 the stream.
    Drop,
    /// Sends the status line only, and drops the connection after this time.
    Stall(Duration),
}

/// Error that makes hyper drop a connection, for [`NoResponse::Drop`].
#[derive(Debug, thiserror::Error)]
#[error("the request asked for no response")]
pub(super) struct Dropped;
