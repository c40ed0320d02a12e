//! How many may be connected at once, in all and from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use crate::Limits;

/// The places of a server.
#[derive(Debug)]
pub(crate) struct Places {
    bound: usize,
    taken: AtomicUsize,
    bound_per_address: Option<usize>,
    /// Addresses that have a place; empty without a bound.
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// A place, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            bound: limits.connections,
            taken: AtomicUsize::new(0),
            bound_per_address: limits.connections_per_address,
            by_address: Mutex::default(),
        })
    }

    /// A place for a peer at `address`, if one is left.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        // An address reached through IPv6 is the same address.
        let address = address.to_canonical();
        let one_more = |taken| (taken < self.bound).then_some(taken + 1);
        self.taken.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        if let Some(bound) = self.bound_per_address {
            let mut by_address = self.by_address();
            let taken = by_address.entry(address).or_default();
            if *taken >= bound {
                if bound == 0 {
                    by_address.remove(&address);
                }
                self.taken.fetch_sub(1, Relaxed);
                return None;
            }
            *taken += 1;
        }
        Some(Place { places: Arc::clone(self), address })
    }

    fn by_address(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Nothing between lock and unlock can panic.
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken.fetch_sub(1, Relaxed);
        if self.places.bound_per_address.is_some() {
            let mut by_address = self.places.by_address();
            if let Some(taken) = by_address.get_mut(&self.address) {
                *taken -= 1;
                if *taken == 0 {
                    by_address.remove(&self.address);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    #[test]
    fn a_place_is_free_again_when_it_is_left() {
        let places = Places::new(&Limits { connections: 2, ..Limits::DEFAULT });
        let first = places.take(HERE).unwrap();
        let _second = places.take(HERE).unwrap();
        assert!(places.take(THERE).is_none());
        drop(first);
        assert!(places.take(THERE).is_some());
    }

    #[test]
    fn an_address_has_so_many_however_it_is_written() {
        let one = Limits { connections_per_address: Some(1), ..Limits::DEFAULT };
        let places = Places::new(&one);
        let first = places.take(HERE).unwrap();
        assert!(places.take(HERE).is_none());
        assert!(places.take("::ffff:127.0.0.1".parse().unwrap()).is_none());
        let _other = places.take(THERE).unwrap();
        drop(first);
        assert!(places.take(HERE).is_some());
        assert_eq!(places.by_address().len(), 1, "no address is remembered without need");
    }
}
