//! Classes of IP addresses, and filters of addresses to dial.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
};

use ipnet::{Ipv4Net, Ipv6Net};

use crate::server_url::unbracketed;

/// Class of an IP address: the network that it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressClass {
    /// Internet, and all that is in no other class.
    Public,
    /// This machine.
    Loopback,
    /// Local network: RFC 1918, RFC 4193, addresses shared behind a carrier (RFC 6598) and for benchmarks
    /// (RFC 2544).
    Private,
    /// This link (RFC 3927, RFC 4291).
    LinkLocal,
    /// Service of a cloud that gives a machine its credentials, such as 169.254.169.254.
    Metadata,
    /// No address: systems dial this machine instead.
    Unspecified,
    /// Group of machines.
    Multicast,
    /// For documentation, protocols or the future.
    Reserved,
    /// Listener that a filter [refuses](AddressFilter::refuse), whatever its address.
    OwnListener,
}

/// Networks of IPv4 and their classes; the first that contains an address counts.
const V4: [(Ipv4Net, AddressClass); 24] = [
    (v4([169, 254, 169, 254], 32), AddressClass::Metadata),
    // Credentials of containers and pods at AWS, then Alibaba, Azure and Oracle.
    (v4([169, 254, 170, 2], 32), AddressClass::Metadata),
    (v4([169, 254, 170, 23], 32), AddressClass::Metadata),
    (v4([100, 100, 100, 200], 32), AddressClass::Metadata),
    (v4([168, 63, 129, 16], 32), AddressClass::Metadata),
    (v4([192, 0, 0, 192], 32), AddressClass::Metadata),
    (v4([0, 0, 0, 0], 8), AddressClass::Unspecified),
    (v4([10, 0, 0, 0], 8), AddressClass::Private),
    (v4([100, 64, 0, 0], 10), AddressClass::Private),
    (v4([127, 0, 0, 0], 8), AddressClass::Loopback),
    (v4([169, 254, 0, 0], 16), AddressClass::LinkLocal),
    (v4([172, 16, 0, 0], 12), AddressClass::Private),
    // Anycast addresses of RFC 7723 and RFC 8155.
    (v4([192, 0, 0, 9], 32), AddressClass::Public),
    (v4([192, 0, 0, 10], 32), AddressClass::Public),
    (v4([192, 0, 0, 0], 24), AddressClass::Reserved),
    (v4([192, 0, 2, 0], 24), AddressClass::Reserved),
    (v4([192, 88, 99, 0], 24), AddressClass::Reserved),
    (v4([192, 168, 0, 0], 16), AddressClass::Private),
    (v4([198, 18, 0, 0], 15), AddressClass::Private),
    (v4([198, 51, 100, 0], 24), AddressClass::Reserved),
    (v4([203, 0, 113, 0], 24), AddressClass::Reserved),
    (v4([224, 0, 0, 0], 4), AddressClass::Multicast),
    (v4([240, 0, 0, 0], 4), AddressClass::Reserved),
    (v4([0, 0, 0, 0], 0), AddressClass::Public),
];

/// Networks of IPv6 and their classes; the first that contains an address counts.
const V6: [(Ipv6Net, AddressClass); 17] = [
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), AddressClass::Metadata),
    // Credentials of pods at AWS, then Google.
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128), AddressClass::Metadata),
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), AddressClass::Metadata),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), AddressClass::Unspecified),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), AddressClass::Loopback),
    // Local translation to IPv4 (RFC 8215).
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), AddressClass::Private),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), AddressClass::Reserved),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), AddressClass::Reserved),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), AddressClass::Reserved),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), AddressClass::Reserved),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), AddressClass::Private),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), AddressClass::LinkLocal),
    // Site-local (RFC 3879).
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), AddressClass::Private),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), AddressClass::Multicast),
    // Global unicast is 2000::/3, and the rest is not assigned.
    (v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3), AddressClass::Public),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), AddressClass::Public),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 0), AddressClass::Reserved),
];

/// Network of a table, with `len` bits of prefix.
const fn v4([a, b, c, d]: [u8; 4], len: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), len)
}

/// Network of a table, with `len` bits of prefix.
const fn v6(it: [u16; 8], len: u8) -> Ipv6Net {
    let address = Ipv6Addr::new(it[0], it[1], it[2], it[3], it[4], it[5], it[6], it[7]);
    Ipv6Net::new_assert(address, len)
}

impl AddressClass {
    /// Class of an address. One of IPv6 that stands for one of IPv4 has the class of that.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let of_v4 = |address| V4.iter().find(|(it, _)| it.contains(&address)).map(|it| it.1);
        let class = match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => match embedded(address) {
                Some(address) => of_v4(address),
                None => V6.iter().find(|(it, _)| it.contains(&address)).map(|it| it.1),
            },
        };
        // The last network contains all.
        class.unwrap_or(Self::Reserved)
    }
}

/// IPv4 address that an IPv6 address leads to: mapped or compatible (RFC 4291), by NAT64 (RFC 6052), by 6to4
/// (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let high_low = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(high_low(high, low)),
        _ => None,
    }
}

/// For a sentence: `a loopback address`.
impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "the address of a cloud metadata service",
            Self::Unspecified => "an unspecified address",
            Self::Multicast => "a multicast address",
            Self::Reserved => "a reserved address",
            Self::OwnListener => "a listener of this program",
        })
    }
}

/// Address that is about to be dialed.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Host that led to it: of the URL, of a redirect, or of the proxy; an IPv6 address without brackets.
    pub host: &'a str,
    /// Address in canonical form (not IPv4-mapped), and port.
    pub address: SocketAddr,
    /// Class of the address.
    pub class: AddressClass,
    /// True for the proxy's own address, false for one that the URL or a redirect leads to.
    pub is_proxy: bool,
}

/// Filter of the addresses that may be dialed; the default lets all through.
///
/// A name is resolved once. Each of its addresses is asked about, and of those that pass, one is dialed. The
/// same for each redirect, and for the proxy if there is one. Since a proxy resolves the server's name itself,
/// only an address or `localhost` is asked about beyond it, and [other names](Self::through_proxies). A Unix socket
/// has no address.
#[derive(Clone, Default)]
pub struct AddressFilter {
    /// Rule for addresses; `None` admits all.
    rule: Option<Arc<Rule>>,
    /// Rule for names that a proxy resolves; `None` admits all.
    names: Option<Arc<NameRule>>,
    /// Listeners of this program, refused so that it cannot be made to talk with itself.
    listeners: Vec<SocketAddr>,
}

/// Rule for an address about to be dialed.
type Rule = dyn Fn(Candidate<'_>) -> bool + Send + Sync;
/// Rule for a name that only the proxy resolves.
type NameRule = dyn Fn(&str) -> bool + Send + Sync;

/// Address that an [`AddressFilter`] refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", refusal(.host, .address.ip(), *.class))]
pub struct RefusedAddress {
    /// Host that led to it.
    pub host: String,
    /// Address in canonical form, and port.
    pub address: SocketAddr,
    /// Class of the address.
    pub class: AddressClass,
    /// As in [`Candidate`].
    pub is_proxy: bool,
}

/// Sentence with the class of the address, and with the address if the host is a name.
fn refusal(host: &str, address: IpAddr, class: AddressClass) -> String {
    if unbracketed(host).parse() == Ok(address) {
        return format!("{host} is {class}");
    }
    format!("{host} leads to {address}, {class}")
}

impl AddressFilter {
    /// Filter that admits each candidate for which `rule` is true.
    pub fn new(rule: impl Fn(Candidate<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self { rule: Some(Arc::new(rule)), ..Self::default() }
    }

    /// Lets a proxy resolve only names for which `rule` is true: their addresses
    /// cannot be checked here.
    #[must_use]
    pub fn through_proxies(self, rule: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self { names: Some(Arc::new(rule)), ..self }
    }

    /// Refuses these listeners of this machine, too, even if the rule admits them. One that listens
    /// on all addresses is refused by each that the machine has.
    #[must_use]
    pub fn refuse(mut self, listeners: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.listeners.extend(listeners.into_iter().map(canonical));
        self
    }

    /// True if a proxy may resolve this name.
    pub(super) fn lets_resolve(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|rule| rule(name))
    }

    /// Returns the address in canonical form, or the refusal.
    pub(super) fn check(
        &self,
        host: &str,
        address: SocketAddr,
        is_proxy: bool,
    ) -> Result<SocketAddr, RefusedAddress> {
        let address = canonical(address);
        let refused = |class| RefusedAddress { host: host.to_owned(), address, class, is_proxy };
        if self.listeners.iter().any(|listener| is_reached(*listener, address)) {
            return Err(refused(AddressClass::OwnListener));
        }
        let class = AddressClass::of(address.ip());
        match &self.rule {
            Some(rule) if !rule(Candidate { host, address, class, is_proxy }) => {
                Err(refused(class))
            }
            _ => Ok(address),
        }
    }
}

/// The same address, not IPv4-mapped.
fn canonical(mut address: SocketAddr) -> SocketAddr {
    // Only then: this drops the scope of an IPv6 address.
    if address.ip() != address.ip().to_canonical() {
        address.set_ip(address.ip().to_canonical());
    }
    address
}

/// True if a connection to `address` may reach `listener`.
fn is_reached(listener: SocketAddr, address: SocketAddr) -> bool {
    let (to, at) = (address.ip(), listener.ip());
    listener.port() == address.port()
        && (to == at
            || at.is_unspecified() && is_own(address)
            || to.is_unspecified() && at.is_loopback())
}

/// True for an address of this machine: a socket can be bound to it.
fn is_own(mut address: SocketAddr) -> bool {
    address.set_port(0);
    let class = AddressClass::of(address.ip());
    matches!(class, AddressClass::Loopback | AddressClass::Unspecified)
        || UdpSocket::bind(address).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(address: &str) -> AddressClass {
        AddressClass::of(address.parse().unwrap())
    }

    #[test]
    fn each_network_has_its_class_from_its_first_to_its_last_address() {
        use AddressClass::{
            LinkLocal, Loopback, Metadata, Multicast, Private, Public, Reserved, Unspecified,
        };
        // Each network with the classes just before and after it.
        for (before, first, of_network, last, after) in [
            (Reserved, "0.0.0.0", Unspecified, "0.255.255.255", Public),
            (Public, "10.0.0.0", Private, "10.255.255.255", Public),
            (Public, "100.64.0.0", Private, "100.127.255.255", Public),
            (Private, "100.100.100.200", Metadata, "100.100.100.200", Private),
            (Public, "127.0.0.0", Loopback, "127.255.255.255", Public),
            (Public, "168.63.129.16", Metadata, "168.63.129.16", Public),
            (Public, "169.254.0.0", LinkLocal, "169.254.169.253", Metadata),
            (LinkLocal, "169.254.169.254", Metadata, "169.254.169.254", LinkLocal),
            (LinkLocal, "169.254.170.2", Metadata, "169.254.170.2", LinkLocal),
            (LinkLocal, "169.254.170.23", Metadata, "169.254.170.23", LinkLocal),
            (Metadata, "169.254.170.24", LinkLocal, "169.254.255.255", Public),
            (Public, "172.16.0.0", Private, "172.31.255.255", Public),
            (Public, "192.0.0.0", Reserved, "192.0.0.8", Public),
            (Reserved, "192.0.0.9", Public, "192.0.0.10", Reserved),
            (Reserved, "192.0.0.192", Metadata, "192.0.0.192", Reserved),
            (Public, "192.0.2.0", Reserved, "192.0.2.255", Public),
            (Public, "192.88.99.0", Reserved, "192.88.99.255", Public),
            (Public, "192.168.0.0", Private, "192.168.255.255", Public),
            (Public, "198.18.0.0", Private, "198.19.255.255", Public),
            (Public, "198.51.100.0", Reserved, "198.51.100.255", Public),
            (Public, "203.0.113.0", Reserved, "203.0.113.255", Public),
            (Public, "224.0.0.0", Multicast, "239.255.255.255", Reserved),
            (Multicast, "240.0.0.0", Reserved, "255.255.255.255", Unspecified),
        ] {
            let number = |text: &str| u32::from(text.parse::<Ipv4Addr>().unwrap());
            let of = |number: u32| AddressClass::of(Ipv4Addr::from(number).into());
            let (first, last) = (number(first), number(last));
            let found = [first.wrapping_sub(1), first, last, last.wrapping_add(1)].map(of);
            assert_eq!(found, [before, of_network, of_network, after], "{first:x}");
        }
        for (before, first, of_network, last, after) in [
            (Reserved, "64:ff9b:1::", Private, "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Reserved),
            (Reserved, "100::", Reserved, "100::ffff:ffff:ffff:ffff", Reserved),
            (Reserved, "2000::", Public, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
            (Public, "2001:db8::", Reserved, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Public),
            (Public, "3fff::", Reserved, "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Public),
            (Public, "4000::", Reserved, "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Private),
            (Reserved, "fc00::", Private, "fd00:ec2::22", Metadata),
            (Private, "fd00:ec2::23", Metadata, "fd00:ec2::23", Private),
            (Private, "fd00:ec2::254", Metadata, "fd00:ec2::254", Private),
            (Private, "fd20:ce::254", Metadata, "fd20:ce::254", Private),
            (
                Metadata,
                "fd20:ce::255",
                Private,
                "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                Reserved,
            ),
            (Reserved, "fe80::", LinkLocal, "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Private),
            (LinkLocal, "fec0::", Private, "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Multicast),
            (Private, "ff00::", Multicast, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Unspecified),
        ] {
            let number = |text: &str| u128::from(text.parse::<Ipv6Addr>().unwrap());
            let of = |number: u128| AddressClass::of(Ipv6Addr::from(number).into());
            let (first, last) = (number(first), number(last));
            let found = [first.wrapping_sub(1), first, last, last.wrapping_add(1)].map(of);
            assert_eq!(found, [before, of_network, of_network, after], "{first:x}");
        }
        assert_eq!([class("::"), class("::1"), class("::2")], [Unspecified, Loopback, Unspecified]);
    }

    /// Each of the 65,536 blocks of IPv4, at its first, a middle and its last address.
    #[test]
    fn what_the_standard_library_knows_has_the_same_class() {
        for address in
            (0..=u16::MAX).flat_map(|block| [0, 0x7a3f, u16::MAX].map(|low| (block, low)))
        {
            let address = Ipv4Addr::from(u32::from(address.0) << 16 | u32::from(address.1));
            let class = AddressClass::of(address.into());
            let is = |other| class == other;
            assert_eq!(is(AddressClass::Loopback), address.is_loopback(), "{address}");
            assert_eq!(is(AddressClass::Multicast), address.is_multicast(), "{address}");
            assert_eq!(is(AddressClass::LinkLocal), address.is_link_local(), "{address}");
            assert!(is(AddressClass::Private) || !address.is_private(), "{address}");
            let is_kept =
                address.is_unspecified() || address.is_broadcast() || address.is_documentation();
            assert!(!is(AddressClass::Public) || !is_kept, "{address}");
        }
    }

    #[test]
    fn an_address_that_stands_for_another_has_its_class() {
        for (inner, expected) in [
            ("7f00:1", AddressClass::Loopback),
            ("a9fe:a9fe", AddressClass::Metadata),
            ("c0a8:101", AddressClass::Private),
            ("808:808", AddressClass::Public),
        ] {
            for outer in ["::ffff:", "::", "64:ff9b::"] {
                assert_eq!(class(&format!("{outer}{inner}")), expected, "{outer}{inner}");
            }
            assert_eq!(class(&format!("2002:{inner}::1")), expected, "{inner}");
        }
        assert_eq!(class("::ffff:0.0.0.0"), AddressClass::Unspecified);
    }

    #[test]
    fn the_rule_sees_the_canonical_address_and_its_refusal_is_named() {
        let filter = AddressFilter::new(|candidate| {
            assert!(candidate.address.is_ipv4() && candidate.host == "evil.test");
            candidate.class == AddressClass::Public
        });
        let mapped = "[::ffff:7f00:1]:80".parse().unwrap();
        let refused = filter.check("evil.test", mapped, false).unwrap_err();
        assert_eq!(refused.to_string(), "evil.test leads to 127.0.0.1, a loopback address");
        let refused = RefusedAddress { host: "127.0.0.1".to_owned(), ..refused.clone() };
        assert_eq!(refused.to_string(), "127.0.0.1 is a loopback address");
        assert_eq!(refused.class, AddressClass::Loopback);
        let public = "[::ffff:808:808]:80".parse().unwrap();
        assert_eq!(filter.check("evil.test", public, false).unwrap().to_string(), "8.8.8.8:80");
        assert!(AddressFilter::default().check("evil.test", mapped, false).is_ok());
        let scoped = "[fe80::1%3]:80".parse().unwrap();
        assert_eq!(AddressFilter::default().check("a", scoped, false), Ok(scoped));
    }

    #[test]
    fn a_listener_is_refused_by_each_address_that_reaches_it() {
        let is_refused = |listener: &str, address: &str| {
            let listener = listener.parse::<SocketAddr>().unwrap();
            let filter = AddressFilter::new(|_| true).refuse([listener]);
            let refused = filter.check("name", address.parse().unwrap(), false).err();
            assert!(refused.as_ref().is_none_or(|it| it.class == AddressClass::OwnListener));
            refused.is_some()
        };
        for (listener, address, expected) in [
            ("127.0.0.1:9", "127.0.0.1:9", true),
            ("127.0.0.1:9", "[::ffff:127.0.0.1]:9", true),
            ("127.0.0.1:9", "0.0.0.0:9", true),
            ("127.0.0.1:9", "[::]:9", true),
            ("[::1]:9", "[::]:9", true),
            ("127.0.0.1:9", "127.0.0.1:10", false),
            ("127.0.0.1:9", "127.0.0.2:9", false),
            ("127.0.0.1:9", "[::1]:9", false),
            ("0.0.0.0:9", "127.0.0.2:9", true),
            ("[::]:9", "127.0.0.1:9", true),
            ("[::]:9", "[::1]:9", true),
            ("0.0.0.0:9", "0.0.0.0:9", true),
            // Reserved for documentation (RFC 5737): no machine has it.
            ("0.0.0.0:9", "192.0.2.1:9", false),
        ] {
            assert_eq!(is_refused(listener, address), expected, "{listener} {address}");
        }
    }
}
