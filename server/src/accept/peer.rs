//! Peer of a connection.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use super::connection_limit::{AddressPermit, ConnectionPermit};

/// Client address, with the permit of its connection.
///
/// The permit is released with the last clone: that of the connection, of a request, or of the
/// WebSocket that a request opened.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Address of the client, behind a trusted proxy as well.
    pub(crate) address: PeerAddress,
    /// Permits, held for as long as any clone exists.
    pub(crate) permit: Arc<Permit>,
}

/// Address of a client; without its port if a proxy named it without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeerAddress {
    /// IP address; IPv4 even if the socket is one of IPv6.
    pub(crate) ip: IpAddr,
    /// Port of the client; `None` if a proxy gave only the address.
    port: Option<u16>,
}

/// Permits that a peer holds.
#[derive(Debug)]
pub(crate) enum Permit {
    /// No permit: the connection is being refused, or is one of the admin listener.
    None,
    /// Permit of the peer's connection.
    Connection { _permit: ConnectionPermit },
    /// Permit of a client behind a proxy, and the permits of the proxy's connection.
    Forwarded { _client: Option<AddressPermit>, _connection: Arc<Permit> },
}

impl Peer {
    /// Peer of a connection, with the permit that it was accepted by.
    pub(crate) fn new(address: impl Into<PeerAddress>, permit: Option<ConnectionPermit>) -> Self {
        let permit = permit.map_or(Permit::None, |permit| Permit::Connection { _permit: permit });
        Self { address: address.into(), permit: Arc::new(permit) }
    }

    /// Client that this peer, a proxy, speaks for.
    pub(crate) fn on_behalf_of(&self, client: PeerAddress, permit: Option<AddressPermit>) -> Self {
        let permit = Permit::Forwarded { _client: permit, _connection: Arc::clone(&self.permit) };
        Self { address: client, permit: Arc::new(permit) }
    }

    /// True for a client behind a proxy: its requests are counted for its address one by one.
    pub(crate) fn is_forwarded(&self) -> bool {
        matches!(*self.permit, Permit::Forwarded { .. })
    }
}

impl PeerAddress {
    /// Address of the client's socket, if it is known with its port.
    pub(crate) fn socket(self) -> Option<SocketAddr> {
        self.port.map(|port| SocketAddr::new(self.ip, port))
    }
}

impl From<SocketAddr> for PeerAddress {
    fn from(address: SocketAddr) -> Self {
        Self { ip: address.ip().to_canonical(), port: Some(address.port()) }
    }
}

impl From<IpAddr> for PeerAddress {
    fn from(ip: IpAddr) -> Self {
        Self { ip: ip.to_canonical(), port: None }
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.ip, port).fmt(f),
            None => self.ip.fmt(f),
        }
    }
}
