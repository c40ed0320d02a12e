//! Address spaces of hosts.

// Addresses only: the sockets are in `std`.
use core::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Address space of a host, derived from its name (WICG Local Network Access, "IP address space").
/// Browsers ask for permission before a page may reach a more private one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AddressSpace {
    /// Loopback: this computer.
    Loopback,
    /// Local network.
    Local,
    /// Public network.
    Public,
}

impl AddressSpace {
    /// Address space of a host, by its address or its special name (RFC 6761, RFC 6762).
    pub(super) fn of(host: &str) -> Self {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if let Some(Ok(six)) = inside.map(str::parse::<Ipv6Addr>) {
            return six.to_ipv4_mapped().map_or_else(|| Self::of_six(six), Self::of_four);
        }
        if let Ok(four) = host.parse() {
            return Self::of_four(four);
        }
        match host.rsplit('.').next() {
            // RFC 6761 section 6.3: names below it, too.
            Some("localhost") => Self::Loopback,
            Some("local") => Self::Local,
            _ => Self::Public,
        }
    }

    /// Address space of an IPv4 address. The unspecified one reaches this machine; shared ones (RFC 6598) are local,
    /// such as those of a VPN.
    fn of_four(address: Ipv4Addr) -> Self {
        if address.is_loopback() || address.is_unspecified() {
            Self::Loopback
        } else if address.is_private()
            || address.is_link_local()
            || matches!(address.octets(), [100, 64..=127, ..])
        {
            Self::Local
        } else {
            Self::Public
        }
    }

    /// Address space of an IPv6 address that is not mapped from IPv4.
    fn of_six(address: Ipv6Addr) -> Self {
        if address.is_loopback() || address.is_unspecified() {
            Self::Loopback
        } else if address.is_unique_local() || address.is_unicast_link_local() {
            Self::Local
        } else {
            Self::Public
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_map_to_address_spaces() {
        use AddressSpace::{Local, Loopback, Public};
        for (host, expected) in [
            ("localhost", Loopback),
            ("app.LocalHost.", Loopback),
            ("127.9.9.9", Loopback),
            ("0.0.0.0", Loopback),
            ("[::1]", Loopback),
            ("[::ffff:127.0.0.1]", Loopback),
            ("10.0.0.1", Local),
            ("172.31.0.1", Local),
            ("172.32.0.1", Public),
            ("100.64.0.1", Local),
            ("100.128.0.1", Public),
            ("192.168.1.1", Local),
            ("169.254.1.1", Local),
            ("printer.local", Local),
            ("[fe80::1]", Local),
            ("[fd00::1]", Local),
            ("[2001:db8::1]", Public),
            ("example.org", Public),
            ("localhost.example.org", Public),
        ] {
            assert_eq!(AddressSpace::of(host), expected, "{host}");
        }
    }
}
