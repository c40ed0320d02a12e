//! Connection limits: total and per address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use axum::{
    Extension,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{limits::Limits, websocket::handshake::refusal::Refused};

/// Connections past the limit that are being refused with HTTP 503, at most.
pub(crate) const MAX_REFUSALS: usize = 64;

/// `Retry-After` of a refusal, in seconds.
const RETRY_AFTER: &str = "5";

/// Connection limit of a server: [`Limits::connections`] in total and
/// [`Limits::connections_per_address`].
#[derive(Debug)]
pub(crate) struct ConnectionLimit {
    /// Maximum of `open`.
    max: usize,
    /// Open connections, in total.
    open: AtomicUsize,
    /// Maximum of each count in `by_address`; `None` for no limit.
    max_per_address: Option<usize>,
    /// Open connections by address; empty without a limit per address.
    by_address: Mutex<HashMap<Subscriber, usize>>,
    /// One permit for each connection that may be refused with HTTP 503 at the same time.
    refusals: Arc<Semaphore>,
}

/// Part of an address that is one subscriber's: an IPv4 address, or the first half of an IPv6 address
/// (a /64, the smallest network that providers assign, RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subscriber {
    /// Whole IPv4 address. Subscribers behind one NAT count as one.
    Ipv4([u8; 4]),
    /// First 64 bits of an IPv6 address.
    Ipv6([u8; 8]),
}

/// Permit for one connection, released on drop.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    /// Limit that the drop counts down.
    limit: Arc<ConnectionLimit>,
    /// Subscriber that the connection is counted for, with a limit per address.
    subscriber: Option<Subscriber>,
}

/// Permit for one request of a client behind a proxy, released on drop. Only its address is counted.
#[derive(Debug)]
pub(crate) struct AddressPermit {
    /// Limit whose count by address the drop lowers.
    limit: Arc<ConnectionLimit>,
    /// Subscriber that the request is counted for.
    subscriber: Subscriber,
}

/// Limit that a connection would exceed, as a sentence for its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Full {
    /// As many connections in total as [`Limits::connections`].
    #[error("The server's connection limit (--max-connections) is reached. Try again later.")]
    Server,
    /// As many of one subscriber as [`Limits::connections_per_address`].
    #[error(
        "Your address has as many connections as the server allows \
         (--max-connections-per-address). Close one, or try again later."
    )]
    Address,
}

impl ConnectionLimit {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            max: limits.connections,
            open: AtomicUsize::new(0),
            max_per_address: limits.connections_per_address,
            by_address: Mutex::default(),
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
        })
    }

    /// Open connections.
    pub(crate) fn open_count(&self) -> usize {
        self.open.load(Relaxed)
    }

    /// Acquires a permit for a connection from `address`; from a proxy without it, until its client
    /// is known. The total is checked first.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        address: Option<IpAddr>,
    ) -> Result<ConnectionPermit, Full> {
        let one_more = |open| (open < self.max).then_some(open + 1);
        self.open.fetch_update(Relaxed, Relaxed, one_more).map_err(|_| Full::Server)?;
        let mut permit = ConnectionPermit { limit: Arc::clone(self), subscriber: None };
        if let Some(address) = address {
            permit.count(address)?;
        }
        Ok(permit)
    }

    /// Acquires a permit for a request from `address`, received over a proxy's connection. `None`
    /// without a limit per address.
    pub(crate) fn acquire_address(
        self: &Arc<Self>,
        address: IpAddr,
    ) -> Result<Option<AddressPermit>, Full> {
        let subscriber = self.count(address)?;
        let permit = |subscriber| AddressPermit { limit: Arc::clone(self), subscriber };
        Ok(subscriber.map(permit))
    }

    /// Acquires a permit to answer a connection past the limit with [`Full`]; `None` when too many are
    /// being answered.
    pub(crate) fn acquire_refusal(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.refusals).try_acquire_owned().ok()
    }

    /// Counts a connection for its subscriber, if there is a limit per address.
    fn count(&self, address: IpAddr) -> Result<Option<Subscriber>, Full> {
        let Some(max) = self.max_per_address else { return Ok(None) };
        let subscriber = Subscriber::from(address);
        let mut by_address = self.by_address();
        let open = by_address.get(&subscriber).copied().unwrap_or(0);
        if open >= max {
            return Err(Full::Address);
        }
        by_address.insert(subscriber, open + 1);
        Ok(Some(subscriber))
    }

    /// Reverses [`ConnectionLimit::count`]. A subscriber without connections is forgotten, so that
    /// the map stays as small as the number of connections.
    fn release(&self, subscriber: Subscriber) {
        let mut by_address = self.by_address();
        if let Some(open) = by_address.get_mut(&subscriber) {
            *open -= 1;
            if *open == 0 {
                by_address.remove(&subscriber);
            }
        }
    }

    /// Locks the counts by address.
    fn by_address(&self) -> MutexGuard<'_, HashMap<Subscriber, usize>> {
        self.by_address.lock()
    }
}

impl From<IpAddr> for Subscriber {
    fn from(address: IpAddr) -> Self {
        // An IPv4 address mapped to IPv6 is the same address.
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Ipv4(address.octets()),
            IpAddr::V6(address) => {
                let [network @ .., _, _, _, _, _, _, _, _] = address.octets();
                Self::Ipv6(network)
            }
        }
    }
}

impl ConnectionPermit {
    /// Counts the connection for the address of its client, which a proxy has named.
    pub(crate) fn count(&mut self, address: IpAddr) -> Result<(), Full> {
        self.subscriber = self.limit.count(address)?;
        Ok(())
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.limit.open.fetch_sub(1, Relaxed);
        if let Some(subscriber) = self.subscriber {
            self.limit.release(subscriber);
        }
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        self.limit.release(self.subscriber);
    }
}

impl Full {
    /// Label of the metric `wsbench_refused_total`.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Server => "full",
            Self::Address => "address",
        }
    }
}

/// HTTP 503 with `Retry-After`, and the sentence as its text.
impl IntoResponse for Full {
    fn into_response(self) -> Response {
        let retry_after = [(header::RETRY_AFTER, RETRY_AFTER)];
        let refused = Extension(Refused(self.label()));
        (StatusCode::SERVICE_UNAVAILABLE, retry_after, refused, format!("{self}\n")).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    #[test]
    fn a_dropped_permit_is_free_again() {
        let limit = ConnectionLimit::new(&Limits { connections: 2, ..Limits::DEFAULT });
        let first = limit.acquire(Some(HERE)).unwrap();
        let _second = limit.acquire(None).unwrap();
        assert_eq!(limit.acquire(Some(THERE)).unwrap_err(), Full::Server);
        assert_eq!(limit.open_count(), 2);
        drop(first);
        assert!(limit.acquire(Some(THERE)).is_ok());
    }

    fn one_per_address() -> Arc<ConnectionLimit> {
        let limits = Limits { connections_per_address: Some(1), ..Limits::DEFAULT };
        ConnectionLimit::new(&limits)
    }

    #[test]
    fn the_limit_per_address_counts_ipv4_mapped_addresses() {
        let limit = one_per_address();
        let first = limit.acquire(Some(HERE)).unwrap();
        for again in ["127.0.0.1", "::ffff:127.0.0.1"] {
            let again = limit.acquire(Some(again.parse().unwrap()));
            assert_eq!(again.unwrap_err(), Full::Address);
        }
        assert_eq!(limit.open_count(), 1);
        let _other = limit.acquire(Some(THERE)).unwrap();
        drop(first);
        assert!(limit.acquire(Some(HERE)).is_ok());
        assert_eq!(limit.by_address().len(), 1, "no address is kept without a connection");
    }

    #[test]
    fn the_limit_per_address_counts_ipv6_by_its_network() {
        let limit = one_per_address();
        let acquire = |address: &str| limit.acquire(Some(address.parse().unwrap()));
        let _first = acquire("2001:db8:1:2::3").unwrap();
        assert_eq!(acquire("2001:db8:1:2:ffff::4").unwrap_err(), Full::Address);
        assert!(acquire("2001:db8:1:3::3").is_ok());
    }

    #[test]
    fn a_client_behind_a_proxy_is_counted_for_its_own_address() {
        let limit = one_per_address();
        let mut connection = limit.acquire(None).unwrap();
        let request = limit.acquire_address(HERE).unwrap();
        assert_eq!(limit.acquire_address(HERE).unwrap_err(), Full::Address);
        assert_eq!(connection.count(HERE).unwrap_err(), Full::Address);
        drop(request);
        connection.count(HERE).unwrap();
        assert_eq!(limit.acquire_address(HERE).unwrap_err(), Full::Address);
        drop(connection);
        assert!(limit.by_address().is_empty());
    }
}
