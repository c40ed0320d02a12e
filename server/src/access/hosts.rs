//! Allowed hosts: names and addresses by which a request may call the server.
//!
//! A page whose own name resolves to this machine (DNS rebinding) is of the same origin as the server
//! for its browser, and could read all of it. Its requests have that name as their host.

use std::{net::IpAddr, str::FromStr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts, uri::Authority};
use connector::{is_localhost, unbracketed};

/// Hosts that requests may name besides `localhost`, the names below it, and loopback addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Access")]
pub struct Hosts {
    /// Host name or address that clients may use for this server, such as example.com; repeatable,
    /// `*` allows any. Requests with another Host get HTTP 421. Always allowed: localhost, loopback
    /// addresses, the hosts of --listen and, on that address, of --admin; any IP address if that is
    /// 0.0.0.0 or `[::]`. The port does not count
    #[arg(
        long = "allow-host",
        env = "WSBENCH_ALLOW_HOST",
        value_name = "HOST",
        value_delimiter = ','
    )]
    hosts: Vec<Host>,
}

/// Host of a URL, without the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// `*`: any host.
    Any,
    /// IP address; an IPv4 address mapped to IPv6 is an IPv4 address.
    Address(IpAddr),
    /// Host name in lower case, without the dot at the end.
    Name(String),
}

impl Hosts {
    /// Allows a host name, or an IP address with or without brackets; `*` allows any host.
    pub fn allow(&mut self, host: &str) {
        self.hosts.push(Host::new(host));
    }

    /// These hosts, and the others.
    pub(crate) fn and(&self, others: &Self) -> Self {
        Self { hosts: [&self.hosts[..], &others.hosts].concat() }
    }

    /// Hosts that clients are known to use, as text: those allowed that are neither loopback addresses
    /// nor stand for several.
    pub(crate) fn known(&self) -> Vec<String> {
        let known = self.hosts.iter().filter_map(|host| match host {
            Host::Any => None,
            Host::Address(it) if it.is_unspecified() || it.is_loopback() => None,
            Host::Address(it) => Some(it.to_string()),
            Host::Name(name) if name == "localhost" => None,
            Host::Name(name) => Some(name.clone()),
        });
        known.collect()
    }

    /// True if only this machine is known to use the server: every host is a loopback address or
    /// name.
    pub(crate) fn are_local(&self) -> bool {
        self.hosts.iter().all(Host::is_local)
    }

    /// True if a request may name `host`. An unspecified address among the allowed ones stands for
    /// every address of the machine, which it does not know; no address can be rebound.
    pub(crate) fn contains(&self, host: &str) -> bool {
        let host = Host::new(host);
        host.is_local() || self.hosts.contains(&Host::Any) || self.names(&host)
    }

    /// True if `host` is among the allowed ones by its name or address: not merely a name of this machine, nor
    /// allowed as any host is.
    pub(crate) fn is_given(&self, host: &str) -> bool {
        self.names(&Host::new(host))
    }

    /// True for a host that is listed itself; an unspecified address lists every IP address.
    fn names(&self, host: &Host) -> bool {
        self.hosts.iter().any(|allowed| match allowed {
            Host::Any => false,
            Host::Address(address) if address.is_unspecified() => {
                matches!(host, Host::Address(_))
            }
            allowed => allowed == host,
        })
    }
}

/// Host and port that a request names: in its header or, over HTTP/2, by its target.
pub(crate) fn of_request(parts: &Parts) -> Option<&str> {
    let header = only(&parts.headers, &header::HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| parts.uri.authority().map(Authority::as_str))
}

/// Value of a header that is given exactly once.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

impl Host {
    /// Reads a host in any of its spellings, so that equal hosts compare as equal.
    fn new(text: &str) -> Self {
        if text == "*" {
            return Self::Any;
        }
        match unbracketed(text).parse::<IpAddr>() {
            Ok(address) => Self::Address(address.to_canonical()),
            Err(_) => Self::Name(text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase()),
        }
    }

    /// True for a loopback address, and a name that always is one (RFC 6761 section 6.3).
    fn is_local(&self) -> bool {
        match self {
            Self::Any => false,
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => is_localhost(name),
        }
    }
}

impl FromStr for Host {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let host = Self::new(text);
        match &host {
            Self::Name(name) if name.is_empty() || name.contains([':', '/', '*', '@', ' ']) => {
                Err("write a host name or an IP address without its port, such as example.com; \
                 * allows any")
            }
            _ => Ok(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(allowed: &[&str]) -> Hosts {
        let mut hosts = Hosts::default();
        for host in allowed {
            hosts.allow(host);
        }
        hosts
    }

    #[test]
    fn this_machine_is_always_allowed() {
        let none = Hosts::default();
        for host in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert!(none.contains(host), "{host}");
        }
        for host in ["example.com", "localhost.example.com", "notlocalhost", "192.0.2.1", "0.0.0.0"]
        {
            assert!(!none.contains(host), "{host}");
        }
        assert!(!none.contains("*") && !none.contains(""));
    }

    #[test]
    fn names_and_addresses_are_allowed_as_they_are_written() {
        let some = hosts(&["Example.com", "192.0.2.1", "[2001:db8::1]"]);
        for host in ["example.COM", "example.com.", "192.0.2.1", "[2001:db8:0::1]"] {
            assert!(some.contains(host), "{host}");
        }
        for host in ["www.example.com", "192.0.2.2", "[2001:db8::2]", "example.co"] {
            assert!(!some.contains(host), "{host}");
        }
    }

    #[test]
    fn an_unspecified_address_is_any_address_and_no_name() {
        for everywhere in ["0.0.0.0", "::"] {
            let hosts = hosts(&[everywhere]);
            assert!(hosts.contains("192.0.2.1") && hosts.contains("[2001:db8::1]"), "{everywhere}");
            assert!(!hosts.contains("example.com"), "{everywhere}");
        }
        assert!(hosts(&["*"]).contains("example.com"));
    }

    #[test]
    fn a_host_has_no_scheme_and_no_port() {
        for wrong in ["", "example.com:80", "http://example.com", "example.com/", "*.example.com"] {
            assert!(wrong.parse::<Host>().is_err(), "{wrong}");
        }
        for right in ["*", "example.com", "::1", "[::1]", "192.0.2.1"] {
            assert!(right.parse::<Host>().is_ok(), "{right}");
        }
    }
}
