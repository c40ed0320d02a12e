//! What to connect to: addresses and headers as they are written on the command line.

use std::{net::IpAddr, path::PathBuf, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use url::Url;

/// A WebSocket address (RFC 6455 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    url: Url,
    /// As it was written, without a name and password.
    shown: String,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            let meant = match text.split_once("://") {
                Some(("http", rest)) => format!("ws://{rest}"),
                Some(("https", rest)) => format!("wss://{rest}"),
                None if text.contains(':') => format!("ws://{text}"),
                _ => "ws://localhost:8080".to_owned(),
            };
            format!("it is not a WebSocket address: {why}. Write it like {meant}")
        };
        let url = Url::parse(text).map_err(|why| wrong(&why.to_string()))?;
        if !matches!(url.scheme(), "ws" | "wss") {
            return Err(wrong("it does not begin with ws:// or wss://"));
        }
        if url.fragment().is_some() {
            return Err(wrong("a # and what follows it cannot be sent; write %23"));
        }
        Ok(Self::new(url, text))
    }
}

impl Address {
    fn new(url: Url, text: &str) -> Self {
        let mut without_user = url.clone();
        // They fail for addresses without a host only.
        let _ = without_user.set_username("");
        let _ = without_user.set_password(None);
        let shown = if without_user == url { text.to_owned() } else { without_user.into() };
        Self { url, shown }
    }

    /// As the person may read it: without a password.
    pub(crate) fn shown(&self) -> String {
        self.shown.clone()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// The host without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        host(&self.url)
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// The value of the Host header: the port is left out when it is the scheme's own.
    pub(crate) fn authority(&self) -> &str {
        let authority = self.url.authority();
        authority.rsplit_once('@').map_or(authority, |(_, authority)| authority)
    }

    /// The request target: path and query.
    pub(crate) fn resource(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// `NAME:PASSWORD` of an address like `ws://NAME:PASSWORD@host`, to be sent as Basic
    /// authentication.
    pub(crate) fn user(&self) -> Option<String> {
        user(&self.url)
    }

    /// The same server with another path and query; of the same address, so that it stays valid.
    pub(crate) fn with_resource(&self, path: &str, query: &[(&str, &str)]) -> Self {
        let mut url = self.url.clone();
        url.set_path(path);
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let text = url.to_string();
        Self::new(url, &text)
    }
}

fn user(url: &Url) -> Option<String> {
    let decode = |text| percent_decode_str(text).decode_utf8_lossy();
    let password = url.password().unwrap_or_default();
    (!url.username().is_empty()).then(|| format!("{}:{}", decode(url.username()), decode(password)))
}

/// The host without the brackets of an IPv6 address.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// A line of the request's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Headers that are the handshake itself.
const OWN_HEADERS: [&str; 6] = [
    "connection",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "upgrade",
];

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once(':').ok_or("a header is written like 'Name: value'")?;
        if !is_token(name) {
            return Err(format!("'{name}' cannot be the name of a header"));
        }
        let lower = name.to_ascii_lowercase();
        if lower == "sec-websocket-protocol" {
            return Err("use --subprotocol for it".to_owned());
        }
        if OWN_HEADERS.contains(&&*lower) {
            return Err(format!("{name} belongs to the handshake, which wsbench makes itself"));
        }
        Ok(Self { name: name.to_owned(), value: header_value(value.trim())? })
    }
}

/// Text that can stand in a header: no line break and no other control character.
pub(crate) fn header_value(text: &str) -> Result<String, String> {
    match text.chars().find(|character| character.is_control() && *character != '\t') {
        Some(character) => {
            Err(format!("it holds {}, which no header may", character.escape_default()))
        }
        None => Ok(text.to_owned()),
    }
}

/// The name of a subprotocol.
pub(crate) fn subprotocol(text: &str) -> Result<String, String> {
    if is_token(text) {
        Ok(text.to_owned())
    } else {
        Err("a subprotocol is a word without spaces or separators".to_owned())
    }
}

/// `token` of RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

/// The value of an Authorization header for `NAME:PASSWORD`.
pub(crate) fn basic(user: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(user))
}

/// Where a host's name is to lead, instead of asking the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolution {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) address: IpAddr,
}

impl FromStr for Resolution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is written like example.org:443:127.0.0.1".to_owned();
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or_else(wrong);
        let (host, port, address) = (next()?.to_ascii_lowercase(), next()?, next()?);
        let address = address.trim_start_matches('[').trim_end_matches(']');
        Ok(Self {
            host,
            port: port.parse().map_err(|_| format!("'{port}' is not a port; {}", wrong()))?,
            address: address
                .parse()
                .map_err(|_| format!("'{address}' is not an IP address; {}", wrong()))?,
        })
    }
}

/// A proxy between here and the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `NAME:PASSWORD`.
    pub(crate) user: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    Http,
    Socks5,
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "a proxy is written like http://host:3128 or socks5://host:1080".to_owned();
        let url = Url::parse(text).map_err(|why| format!("{why}; {wrong}"))?;
        let (kind, port) = match url.scheme() {
            "http" => (ProxyKind::Http, 80),
            "socks5" | "socks5h" => (ProxyKind::Socks5, 1080),
            _ => return Err(wrong),
        };
        let host = host(&url).to_owned();
        if host.is_empty() {
            return Err(wrong);
        }
        Ok(Self { kind, host, port: url.port().unwrap_or(port), user: user(&url) })
    }
}

/// How to reach the server.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    /// By TCP.
    Direct { family: Option<Family>, resolutions: Vec<Resolution> },
    /// Through a socket in the file system.
    Unix(PathBuf),
    /// Through a proxy, which looks the server's name up itself.
    Proxy(Proxy),
}

/// The version of the Internet Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    pub(crate) fn has(self, address: IpAddr) -> bool {
        address.is_ipv4() == (self == Self::V4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let address: Address = "wss://me:s%40+t@Example.org/a/b?c=1".parse().unwrap();
        assert_eq!((address.host(), address.port()), ("example.org", 443));
        assert_eq!(address.authority(), "example.org");
        assert_eq!(address.resource(), "/a/b?c=1");
        assert_eq!(address.user().unwrap(), "me:s@+t");
        assert_eq!(address.shown(), "wss://example.org/a/b?c=1");
        let address: Address = "ws://me:pw@Host/a@b".parse().unwrap();
        assert_eq!(address.shown(), "ws://host/a@b");
        let address: Address = "ws://[::1]:8080".parse().unwrap();
        assert_eq!((address.host(), address.authority()), ("::1", "[::1]:8080"));
    }

    #[test]
    fn what_is_no_address_says_what_was_meant() {
        let error = |text: &str| text.parse::<Address>().unwrap_err();
        assert!(error("http://localhost:1/a").ends_with("Write it like ws://localhost:1/a"));
        assert!(error("localhost:8080").ends_with("Write it like ws://localhost:8080"));
        assert!(error("nonsense").ends_with("Write it like ws://localhost:8080"));
        assert!(error("ws://host/#a").contains("%23"));
    }

    #[test]
    fn headers_are_checked() {
        let header: Header = "X-Id:  a: b ".parse().unwrap();
        assert_eq!((&*header.name, &*header.value), ("X-Id", "a: b"));
        for text in ["X-Id", ": a", "X Id: a", "X: a\r\nY: b", "Upgrade: a"] {
            assert!(text.parse::<Header>().is_err(), "{text}");
        }
    }

    #[test]
    fn proxies_and_resolutions_are_read() {
        let proxy = |text: &str| text.parse::<Proxy>().map(|proxy| (proxy.kind, proxy.port));
        assert_eq!(proxy("http://localhost:3128"), Ok((ProxyKind::Http, 3128)));
        assert_eq!(proxy("http://localhost"), Ok((ProxyKind::Http, 80)));
        assert_eq!(proxy("socks5://me:pw@localhost"), Ok((ProxyKind::Socks5, 1080)));
        assert_eq!(proxy("socks5://localhost:80"), Ok((ProxyKind::Socks5, 80)));
        assert_eq!(proxy("socks5://[::8000]"), Ok((ProxyKind::Socks5, 1080)));
        assert!(proxy("socks5://").is_err());
        assert!(proxy("localhost:3128").is_err());
        assert!(proxy("ftp://localhost").is_err());
        let resolution: Resolution = "Example.org:443:[::1]".parse().unwrap();
        assert_eq!((&*resolution.host, resolution.port), ("example.org", 443));
        assert!("example.org:443".parse::<Resolution>().is_err());
        assert!("example.org:x:::1".parse::<Resolution>().is_err());
    }
}
