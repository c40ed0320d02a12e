//! HTTP/2 connection, seen from the WebSockets in it.

use tokio_util::sync::CancellationToken;

/// HTTP/2 connection, in the extensions of the requests that it carries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Http2Connection(CancellationToken);

impl Http2Connection {
    /// Ends the connection at once: hyper can neither reset one of its WebSockets, nor free its
    /// memory for one.
    pub(crate) fn end(&self) {
        self.0.cancel();
    }

    /// Resolves when the connection is to end.
    pub(super) async fn closed(&self) {
        self.0.cancelled().await;
    }
}
