//! Connection limits: total and per address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::Limits;

/// Connections past the limit that are being refused with HTTP 503, at most.
const MAX_REFUSALS: usize = 64;

/// `Retry-After` of a refusal, in seconds.
const RETRY_AFTER: &str = "5";

/// Connection limit of a server: [`Limits::connections`] in total and
/// [`Limits::connections_per_address`].
#[derive(Debug)]
pub(crate) struct ConnectionLimit {
    max: usize,
    /// Open connections, in total.
    open: AtomicUsize,
    max_per_address: Option<usize>,
    /// Open connections by address; empty without a limit per address.
    by_address: Mutex<HashMap<IpAddr, usize>>,
    /// One permit for each connection that may be refused with HTTP 503 at the same time.
    refusals: Arc<Semaphore>,
}

/// Permit for one connection, released on drop.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limit: Arc<ConnectionLimit>,
    address: IpAddr,
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

    /// Acquires a permit for a connection from `address`; `None` at the limit.
    pub(crate) fn acquire(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionPermit> {
        // An IPv4 address mapped to IPv6 is the same address.
        let address = address.to_canonical();
        let one_more = |open| (open < self.max).then_some(open + 1);
        self.open.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        if let Some(max) = self.max_per_address {
            let mut by_address = self.by_address();
            let open = by_address.entry(address).or_default();
            if *open >= max {
                if max == 0 {
                    by_address.remove(&address);
                }
                self.open.fetch_sub(1, Relaxed);
                return None;
            }
            *open += 1;
        }
        Some(ConnectionPermit { limit: Arc::clone(self), address })
    }

    /// Acquires a permit to answer a connection past the limit with [`unavailable`]; `None` when too
    /// many are being answered.
    pub(crate) fn acquire_refusal(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.refusals).try_acquire_owned().ok()
    }

    /// Locks the counts by address.
    fn by_address(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Nothing between lock and unlock can panic.
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.limit.open.fetch_sub(1, Relaxed);
        if self.limit.max_per_address.is_some() {
            let mut by_address = self.limit.by_address();
            if let Some(open) = by_address.get_mut(&self.address) {
                *open -= 1;
                if *open == 0 {
                    by_address.remove(&self.address);
                }
            }
        }
    }
}

/// HTTP 503 for a connection past the limit.
pub(crate) fn unavailable() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, RETRY_AFTER), (header::CONNECTION, "close")],
        "Connection limit reached. Try again later.\n",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    #[test]
    fn a_dropped_permit_is_free_again() {
        let limit = ConnectionLimit::new(&Limits { connections: 2, ..Limits::DEFAULT });
        let first = limit.acquire(HERE).unwrap();
        let _second = limit.acquire(HERE).unwrap();
        assert!(limit.acquire(THERE).is_none());
        drop(first);
        assert!(limit.acquire(THERE).is_some());
    }

    #[test]
    fn the_limit_per_address_counts_ipv4_mapped_addresses() {
        let one = Limits { connections_per_address: Some(1), ..Limits::DEFAULT };
        let limit = ConnectionLimit::new(&one);
        let first = limit.acquire(HERE).unwrap();
        assert!(limit.acquire(HERE).is_none());
        assert!(limit.acquire("::ffff:127.0.0.1".parse().unwrap()).is_none());
        let _other = limit.acquire(THERE).unwrap();
        drop(first);
        assert!(limit.acquire(HERE).is_some());
        assert_eq!(limit.by_address().len(), 1, "no address is kept without a connection");
    }
}
