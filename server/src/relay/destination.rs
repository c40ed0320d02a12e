//! Addresses that a relay may dial: those that the person asked for, and confirmed.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use connector::{AddressClass, AddressFilter, Candidate, RefusedAddress, is_localhost};
use parking_lot::Mutex;
use relay::{Event, FailureCause, Network};

/// Maximum number of resolved addresses that are remembered for the page.
const MAX_SEEN: usize = 64;

/// Rules of one connection, and the addresses that they were asked about.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// Rules, shared by the filter and this handle.
    rules: Arc<Rules>,
    /// Hosts with the addresses that the filter was asked about, up to [`MAX_SEEN`].
    seen: Arc<Mutex<Vec<(String, IpAddr)>>>,
}

/// Hosts that the page named, and networks that the user confirmed for them.
#[derive(Debug)]
struct Rules {
    /// Host of the URL.
    target: String,
    /// Host of the proxy, if there is one.
    proxy: Option<String>,
    /// Networks that the user confirmed.
    confirmed: Vec<Network>,
    /// Link-local addresses and metadata services, too.
    link_local: bool,
}

impl Destination {
    /// Rules for the hosts in the page's command, in networks that the user has `confirmed`.
    pub(super) fn new(
        target: String,
        proxy: Option<String>,
        confirmed: Vec<Network>,
        link_local: bool,
    ) -> Self {
        let rules = Rules { target, proxy, confirmed, link_local };
        Self { rules: Arc::new(rules), seen: Arc::default() }
    }

    /// Filter of addresses to dial; the `admin` listeners never pass it.
    pub(super) fn filter(&self, admin: &[SocketAddr]) -> AddressFilter {
        let Self { rules, seen } = self.clone();
        let target = self.clone();
        let allows = move |candidate: Candidate<'_>| {
            let mut seen = seen.lock();
            if seen.len() < MAX_SEEN {
                seen.push((candidate.host.to_owned(), candidate.address.ip()));
            }
            rules.allow(candidate.host, candidate.is_proxy, candidate.class)
        };
        let filter = AddressFilter::new(allows).refuse(admin.iter().copied());
        // A redirect may lead to any name, and a name to the local network.
        filter.through_proxies(move |name| target.is_target(name))
    }

    /// True for the host of the URL: redirects lead to others.
    fn is_target(&self, host: &str) -> bool {
        self.rules.is_asked(host, false)
    }

    /// Cause of a refusal, with the network to confirm if a confirmation can lift it.
    pub(super) fn cause(&self, refused: &RefusedAddress) -> FailureCause {
        match network_of(refused.class) {
            Some(network) if self.rules.may_confirm(&refused.host, refused.is_proxy, network) => {
                network.unconfirmed()
            }
            _ => FailureCause::RefusedAddress,
        }
    }

    /// Takes the addresses that names were resolved to, an event for each host.
    pub(super) fn take_resolved(&self) -> Vec<Event<'static>> {
        let seen = std::mem::take(&mut *self.seen.lock());
        let of_a_host = seen.chunk_by(|(one, _), (other, _)| one == other);
        let event = |of_it: &[(String, IpAddr)]| Event::Resolved {
            host: of_it[0].0.clone(),
            addresses: of_it.iter().map(|(_, address)| address.to_string()).collect(),
        };
        of_a_host.map(event).collect()
    }
}

impl Rules {
    /// True for an address that may be dialed. A loopback address needs no confirmation if the
    /// host itself names this machine.
    fn allow(&self, host: &str, is_proxy: bool, class: AddressClass) -> bool {
        match class {
            AddressClass::LinkLocal | AddressClass::Metadata => {
                self.link_local && self.may_confirm(host, is_proxy, Network::Private)
            }
            AddressClass::Loopback if is_local_name(host) => self.is_asked(host, is_proxy),
            class => network_of(class).is_some_and(|network| {
                self.confirmed.contains(&network) && self.may_confirm(host, is_proxy, network)
            }),
        }
    }

    /// True if the user could confirm `host`: a redirect leads out to the internet, never in.
    fn may_confirm(&self, host: &str, is_proxy: bool, network: Network) -> bool {
        network == Network::Public || self.is_asked(host, is_proxy)
    }

    /// True for the proxy itself, or the host of the URL: a redirect to the proxy's host is neither.
    fn is_asked(&self, host: &str, is_proxy: bool) -> bool {
        let asked = if is_proxy { self.proxy.as_ref() } else { Some(&self.target) };
        asked.is_some_and(|asked| asked == host)
    }
}

/// True for a name or address that is this machine by definition (RFC 6761 section 6.3).
fn is_local_name(host: &str) -> bool {
    is_localhost(host)
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Network of a class that the user may confirm; `None` for classes that are never dialed.
fn network_of(class: AddressClass) -> Option<Network> {
    match class {
        AddressClass::Loopback => Some(Network::Loopback),
        AddressClass::Private => Some(Network::Private),
        AddressClass::Public => Some(Network::Public),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(target: &str, confirmed: &[Network]) -> Rules {
        let (target, proxy) = (target.to_owned(), Some("proxy.example".to_owned()));
        Rules { target, proxy, confirmed: confirmed.to_vec(), link_local: false }
    }

    fn class(address: &str) -> AddressClass {
        AddressClass::of(address.parse().unwrap())
    }

    /// True if `host` may be dialed for a page that asked for it, at this address.
    fn allows(confirmed: &[Network], host: &str, address: &str) -> bool {
        rules(host, confirmed).allow(host, false, class(address))
    }

    #[test]
    fn without_a_question_only_this_machine_by_its_own_names() {
        for (host, address) in [("localhost", "127.0.0.1"), ("localhost", "::1")] {
            assert!(allows(&[], host, address), "{host} {address}");
        }
        for (host, address) in [
            ("asked.example", "127.0.0.1"),
            ("asked.example", "10.0.0.1"),
            ("asked.example", "9.9.9.9"),
            ("localhost", "9.9.9.9"),
        ] {
            assert!(!allows(&[], host, address), "{host} {address}");
        }
    }

    #[test]
    fn each_network_is_confirmed_for_itself_and_for_the_host_that_was_asked_for() {
        for (network, address) in [
            (Network::Loopback, "127.0.0.1"),
            (Network::Private, "10.0.0.1"),
            (Network::Public, "9.9.9.9"),
        ] {
            assert!(allows(&[network], "asked.example", address), "{network:?}");
            let others = Network::ALL.into_iter().filter(|it| *it != network).collect::<Vec<_>>();
            assert!(!allows(&others, "asked.example", address), "{network:?}");
            let is_out = network == Network::Public;
            let rules = rules("asked.example", &Network::ALL);
            // A redirect to the proxy is one like any other.
            for other in ["redirected.example", "proxy.example"] {
                assert_eq!(rules.allow(other, false, class(address)), is_out, "{network:?}");
            }
            assert!(rules.allow("proxy.example", true, class(address)), "{network:?}");
        }
        for never in ["169.254.169.254", "169.254.1.1", "0.0.0.0", "224.0.0.1", "fe80::1"] {
            assert!(!allows(&Network::ALL, "asked.example", never), "{never}");
        }
    }
}
