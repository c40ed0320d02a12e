//! Proxy variables of the environment, as curl reads them.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::{
    proxy::Proxy,
    secret::redact_url,
    server_url::{ServerUrl, unbracketed},
};

/// Proxies for `ws://` and `wss://` by `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY`, and the hosts that
/// are reached without one by `NO_PROXY`.
#[derive(Clone, Debug, Default)]
pub struct ProxyEnvironment {
    /// Proxy for `ws://`, by `HTTP_PROXY` or `ALL_PROXY`.
    plain: Option<Proxy>,
    /// Proxy for `wss://`, by `HTTPS_PROXY` or `ALL_PROXY`.
    secure: Option<Proxy>,
    /// Hosts reached without a proxy.
    exceptions: Vec<Exception>,
}

/// Entry of `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Exception {
    /// `*`: every host.
    All,
    /// Host name, with all names below it.
    Domain(String),
    /// Address, or range of addresses. Names are not resolved for it.
    Network(IpNet),
}

impl ProxyEnvironment {
    /// Reads the variables by `lookup`. Lower case comes before upper case; empty is unset.
    ///
    /// # Errors
    ///
    /// A sentence that names the variable.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let find =
            |name: &'static str| lookup(name).filter(|it| !it.is_empty()).map(|it| (name, it));
        // A CGI program finds the header `Proxy` of a request in HTTP_PROXY.
        let is_cgi = lookup("REQUEST_METHOD").is_some();
        let any = find("all_proxy").or_else(|| find("ALL_PROXY"));
        let plain = find("http_proxy").or_else(|| find("HTTP_PROXY").filter(|_| !is_cgi));
        let secure = find("https_proxy").or_else(|| find("HTTPS_PROXY"));
        let exceptions = find("no_proxy").or_else(|| find("NO_PROXY"));
        Ok(Self {
            plain: plain.or_else(|| any.clone()).map(proxy).transpose()?,
            secure: secure.or(any).map(proxy).transpose()?,
            exceptions: exceptions.map(|(_, list)| parse_exceptions(&list)).unwrap_or_default(),
        })
    }

    /// Proxy to use for `url`. Loopback addresses are reached without one.
    pub(crate) fn proxy_for(&self, url: &ServerUrl) -> Option<&Proxy> {
        let proxy = if url.is_secure() { &self.secure } else { &self.plain };
        let host = url.host().strip_suffix('.').unwrap_or(url.host());
        let address = host.parse::<IpAddr>().ok();
        let known = url.known_addresses();
        let is_loopback = !known.is_empty() && known.iter().all(IpAddr::is_loopback);
        let is_excepted = self.exceptions.iter().any(|exception| exception.matches(host, address));
        proxy.as_ref().filter(|_| !is_loopback && !is_excepted)
    }
}

impl Exception {
    /// True for a host that the entry names; `address` is the host's, if it is one.
    fn matches(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            Self::All => true,
            Self::Domain(domain) => host
                .strip_suffix(&**domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Self::Network(network) => address.is_some_and(|address| network.contains(&address)),
        }
    }
}

/// Parses the value of a variable; without a scheme it is an HTTP proxy.
fn proxy((name, value): (&'static str, String)) -> Result<Proxy, String> {
    let url = if value.contains("://") { value.clone() } else { format!("http://{value}") };
    let proxy = url.parse::<Proxy>();
    let proxy = proxy.map_err(|why| format!("{name} is '{}': {why}", redact_url(&value)))?;
    Ok(Proxy { variable: Some(name), ..proxy })
}

/// Parses a list with commas or spaces. A dot before a domain changes nothing, as with curl.
fn parse_exceptions(list: &str) -> Vec<Exception> {
    let entries = list.split([',', ' ']).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let address = unbracketed(entry);
            if entry == "*" {
                Exception::All
            } else if let Ok(network) = address.parse() {
                Exception::Network(network)
            } else if let Ok(address) = address.parse::<IpAddr>() {
                Exception::Network(address.into())
            } else {
                Exception::Domain(entry.trim_start_matches('.').to_ascii_lowercase())
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Host of the proxy for `url` in an environment.
    fn proxy_for(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let environment = ProxyEnvironment::read(lookup).unwrap();
        environment.proxy_for(&url.parse().unwrap()).map(|proxy| proxy.host.clone())
    }

    #[test]
    fn the_scheme_selects_the_variable_and_lower_case_wins() {
        let of = |variables: &[(&str, &str)], url| proxy_for(variables, url).unwrap_or_default();
        let both = [("HTTP_PROXY", "http://plain:1"), ("HTTPS_PROXY", "http://secure:1")];
        assert_eq!(of(&both, "ws://far.invalid"), "plain");
        assert_eq!(of(&both, "wss://far.invalid"), "secure");
        let lower = [("HTTP_PROXY", "http://upper:1"), ("http_proxy", "lower:1")];
        assert_eq!(of(&lower, "ws://far.invalid"), "lower");
        let all = [("ALL_PROXY", "socks5://all"), ("https_proxy", "")];
        assert_eq!(of(&all, "wss://far.invalid"), "all");
        assert_eq!(of(&[], "wss://far.invalid"), "");
        let cgi = [("HTTP_PROXY", "http://plain:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(of(&cgi, "ws://far.invalid"), "");
    }

    #[test]
    fn exceptions_and_loopback_addresses_are_reached_directly() {
        let list = "example.org,.internal, 10.0.0.0/8 192.168.1.1,[fd00::1]";
        let variables = [("all_proxy", "proxy:1"), ("no_proxy", list)];
        for (url, is_direct) in [
            ("ws://example.org", true),
            ("wss://api.example.org", true),
            ("ws://notexample.org", false),
            ("ws://a.internal:8080", true),
            ("ws://10.1.2.3", true),
            ("ws://11.1.2.3", false),
            ("ws://192.168.1.1", true),
            ("ws://192.168.1.2", false),
            ("ws://[fd00::1]", true),
            ("ws://api.example.org.", true),
            ("ws://localhost:8080", true),
            ("ws://app.localhost.", true),
            ("ws://127.0.0.2:8080", true),
            ("ws://[::1]:8080", true),
        ] {
            assert_eq!(proxy_for(&variables, url).is_none(), is_direct, "{url}");
        }
        assert_eq!(proxy_for(&[("all_proxy", "a:1"), ("NO_PROXY", "*")], "ws://b.invalid"), None);
    }

    #[test]
    fn an_unusable_proxy_is_named_without_its_password() {
        let lookup = |name: &str| (name == "HTTPS_PROXY").then(|| "ftp://me:pw@host".to_owned());
        let sentence = ProxyEnvironment::read(lookup).unwrap_err();
        assert!(sentence.starts_with("HTTPS_PROXY is 'ftp://[redacted]@host': "), "{sentence}");
    }
}
