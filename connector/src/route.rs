//! Route to the server: directly, over a Unix socket or through a proxy.

use std::{net::IpAddr, path::PathBuf, str::FromStr};

use crate::{environment::ProxyEnvironment, proxy::Proxy, server_url::unbracketed};

/// Route to the server.
#[derive(Clone, Debug)]
pub enum Route {
    /// TCP.
    Direct {
        /// Only this IP version.
        family: Option<Family>,
        /// Fixed addresses.
        resolutions: Vec<Resolution>,
    },
    /// Unix domain socket.
    Unix(PathBuf),
    /// Proxy, which resolves the server's name itself.
    Proxy(Proxy),
    /// Proxy by the environment, else TCP.
    Environment(ProxyEnvironment),
}

/// Fixed address for a host name and port, instead of a DNS lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Host, in lower case.
    pub host: String,
    /// Port of the URL, and of the connection.
    pub port: u16,
    /// Address to connect to.
    pub address: IpAddr,
}

impl FromStr for Resolution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write it like example.org:443:127.0.0.1".to_owned();
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or_else(wrong);
        let (host, port, address) = (next()?.to_ascii_lowercase(), next()?, next()?);
        let address = unbracketed(address);
        Ok(Self {
            host,
            port: port.parse().map_err(|_| format!("'{port}' is not a port; {}", wrong()))?,
            address: address
                .parse()
                .map_err(|_| format!("'{address}' is not an IP address; {}", wrong()))?,
        })
    }
}

/// IP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// True if the address is of this version.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == (self == Self::V4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_are_parsed() {
        let resolution: Resolution = "Example.org:443:[::1]".parse().unwrap();
        assert_eq!((&*resolution.host, resolution.port), ("example.org", 443));
        assert!("example.org:443".parse::<Resolution>().is_err());
        assert!("example.org:x:::1".parse::<Resolution>().is_err());
    }
}
