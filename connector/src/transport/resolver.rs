//! From a host to the addresses that are dialed: lookup, IP version, filter, order.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures::future::BoxFuture;
use tokio::net::lookup_host;

use super::{DialError, address::AddressFilter};
use crate::route::{Family, Resolution};

/// Addresses of a name that are tried, at most: each is an attempt that may be under way beside the others.
const MAX_ADDRESSES: usize = 16;

/// Lookup of host names: that of the system, by default.
#[derive(Clone, Default)]
pub struct Resolver(Option<Arc<Lookup>>);

/// Lookup of a host name and port, given by the program.
type Lookup = dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync;

impl Resolver {
    /// Resolver that asks `lookup` for the addresses of a name, with this port.
    pub fn new<F>(lookup: impl Fn(String, u16) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        Self(Some(Arc::new(move |host, port| Box::pin(lookup(host, port)))))
    }

    /// Addresses of a host. An IP address is never looked up by a given function.
    async fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match &self.0 {
            Some(lookup) if host.parse::<IpAddr>().is_err() => lookup(host.to_owned(), port).await,
            _ => Ok(lookup_host((host, port)).await?.collect()),
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Resolver(given)" } else { "Resolver(system)" })
    }
}

/// Question for the addresses of a host.
pub(super) struct Query<'a> {
    /// Host name, or IP address without brackets.
    pub(super) host: &'a str,
    /// Port of each address.
    pub(super) port: u16,
    /// Only this IP version.
    pub(super) family: Option<Family>,
    /// Fixed addresses.
    pub(super) resolutions: &'a [Resolution],
    /// True for the host of the proxy.
    pub(super) is_proxy: bool,
}

impl Query<'_> {
    /// Addresses to dial, in order: fixed ones if given, else by `resolver`, of the IP version, and let through by
    /// `filter`.
    pub(super) async fn resolve(
        &self,
        resolver: &Resolver,
        filter: &AddressFilter,
    ) -> Result<Vec<SocketAddr>, DialError> {
        let Self { host, port, .. } = *self;
        let fixed = self.resolutions.iter().filter(|it| it.host == host && it.port == port);
        let mut addresses: Vec<_> = fixed.map(|it| SocketAddr::new(it.address, port)).collect();
        if addresses.is_empty() {
            let found = resolver.lookup(host, port).await;
            addresses = found.map_err(|error| DialError::UnknownHost(host.to_owned(), error))?;
        }
        if let Some(family) = self.family {
            addresses.retain(|address| family.contains(address.ip()));
        }
        if addresses.is_empty() {
            let version = if self.family == Some(Family::V6) { 6 } else { 4 };
            return Err(DialError::NoAddress(host.to_owned(), version));
        }
        let mut refused = None;
        let check = |address| match filter.check(host, address, self.is_proxy) {
            Ok(address) => Some(address),
            Err(error) => {
                refused.get_or_insert(error);
                None
            }
        };
        let allowed: Vec<_> = addresses.into_iter().filter_map(check).collect();
        match refused {
            Some(error) if allowed.is_empty() => Err(error.into()),
            _ => Ok(interleave(&allowed)),
        }
    }
}

/// Takes addresses of both IP versions in turn (RFC 8305 section 4), beginning with the first
/// one's: a network without IPv6 costs one attempt delay, however many IPv6 addresses a name has.
fn interleave(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let is_first = |address: &&SocketAddr| address.is_ipv4() == addresses[0].is_ipv4();
    let mut first = addresses.iter().filter(is_first);
    let mut second = addresses.iter().filter(|address| !is_first(address));
    let mut ordered = Vec::new();
    while ordered.len() < addresses.len().min(MAX_ADDRESSES) {
        ordered.extend(first.next());
        ordered.extend(second.next());
    }
    ordered.truncate(MAX_ADDRESSES);
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_versions_are_tried_in_turn() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 1)).collect()
        };
        let resolved = addresses(&["::1", "::2", "::3", "10.0.0.1"]);
        assert_eq!(interleave(&resolved), addresses(&["::1", "10.0.0.1", "::2", "::3"]));
        let resolved = addresses(&["10.0.0.1", "10.0.0.2", "::1"]);
        assert_eq!(interleave(&resolved), addresses(&["10.0.0.1", "::1", "10.0.0.2"]));
        assert_eq!(interleave(&[resolved[0]; 100]).len(), MAX_ADDRESSES);
    }
}
