//! Trusted proxies, whose headers name the client of a request.

use std::net::IpAddr;

use ipnet::IpNet;

/// Proxies that may name the client in place of themselves. Anybody else could claim any address.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Access")]
pub struct Proxies {
    /// Address or range of a reverse proxy, such as 10.0.0.0/8; repeatable. Its Forwarded or
    /// X-Forwarded-For header names the client, for the log and the limit per address: the rightmost
    /// address that is not a trusted proxy's
    #[arg(
        long = "trusted-proxy",
        env = "WSBENCH_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = range
    )]
    pub trusted: Vec<IpNet>,
    /// Expect a PROXY protocol header (version 1 or 2) at the start of each connection from a trusted
    /// proxy; it names the client. Not on the --admin address
    #[arg(long = "proxy-protocol", env = "WSBENCH_PROXY_PROTOCOL", requires = "trusted", value_parser = clap::builder::BoolishValueParser::new())]
    pub proxy_protocol: bool,
}

impl Proxies {
    /// True for an address of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|range| range.contains(&address))
    }
}

/// Parses a range of addresses, or one address.
fn range(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        "write an address or a range, such as 127.0.0.1, 10.0.0.0/8 or fd00::/8".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_in_one_of_the_ranges() {
        let trusted = ["10.0.0.0/8", "192.0.2.1", "fd00::/8"].map(|text| range(text).unwrap());
        let proxies = Proxies { trusted: trusted.into(), ..Proxies::default() };
        for proxy in ["10.1.2.3", "::ffff:10.1.2.3", "192.0.2.1", "fd12::1"] {
            assert!(proxies.trusts(proxy.parse().unwrap()), "{proxy}");
        }
        for other in ["11.0.0.1", "192.0.2.2", "fe80::1", "::1"] {
            assert!(!proxies.trusts(other.parse().unwrap()), "{other}");
        }
        assert!(!Proxies::default().trusts("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_range_that_is_none_is_refused() {
        for wrong in ["", "10.0.0.0/33", "10.0.0", "proxy.example", "*"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }
}
