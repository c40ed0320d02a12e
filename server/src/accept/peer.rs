//! Peer of a connection.

use std::{net::SocketAddr, sync::Arc};

use super::connection_limit::ConnectionPermit;

/// Client address, with the connection's permit if it got one.
///
/// The permit is released with the last clone: that of the connection, of a request, or of the
/// WebSocket that a request opened.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) permit: Arc<Option<ConnectionPermit>>,
}

impl Peer {
    pub(crate) fn new(address: SocketAddr, permit: Option<ConnectionPermit>) -> Self {
        Self { address, permit: Arc::new(permit) }
    }
}
