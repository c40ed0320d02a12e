//! Proxy between client and server.

use std::{fmt, str::FromStr};

use url::Url;

use crate::server_url::{credentials, host};

/// Proxy between client and server.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Protocol that it speaks.
    pub kind: ProxyKind,
    /// Host, an IPv6 address without brackets.
    pub host: String,
    /// Port, or the default of the protocol.
    pub port: u16,
    /// `NAME:PASSWORD`.
    pub credentials: Option<String>,
    /// Environment variable that named it.
    pub variable: Option<&'static str>,
}

/// Proxy protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// HTTP, with CONNECT.
    Http,
    /// SOCKS 5 (RFC 1928), which gets the server's name.
    Socks5,
}

impl Proxy {
    /// Name for a sentence: `HOST:PORT`, and the variable that named it.
    #[must_use]
    pub fn name(&self) -> String {
        let variable = self.variable.map(|name| format!(" of {name}")).unwrap_or_default();
        format!("{}:{}{variable}", self.host, self.port)
    }
}

/// Its name, without credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.name())
    }
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "write a proxy like http://host:3128 or socks5://host:1080".to_owned();
        let url = Url::parse(text).map_err(|_| wrong.clone())?;
        let (kind, port) = match url.scheme() {
            "http" => (ProxyKind::Http, 80),
            "socks5" | "socks5h" => (ProxyKind::Socks5, 1080),
            _ => return Err(wrong),
        };
        let host = host(&url).to_owned();
        if host.is_empty() {
            return Err(wrong);
        }
        let port = url.port().unwrap_or(port);
        Ok(Self { kind, host, port, credentials: credentials(&url), variable: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_parsed() {
        let proxy = |text: &str| text.parse::<Proxy>().map(|proxy| (proxy.kind, proxy.port));
        assert_eq!(proxy("http://localhost:3128"), Ok((ProxyKind::Http, 3128)));
        assert_eq!(proxy("http://localhost"), Ok((ProxyKind::Http, 80)));
        assert_eq!(proxy("socks5://me:pw@localhost"), Ok((ProxyKind::Socks5, 1080)));
        assert_eq!(proxy("socks5://localhost:80"), Ok((ProxyKind::Socks5, 80)));
        assert_eq!(proxy("socks5://[::8000]"), Ok((ProxyKind::Socks5, 1080)));
        assert_eq!(format!("{:?}", "http://me:pw@a:1".parse::<Proxy>().unwrap()), "Http a:1");
        assert!(proxy("socks5://").is_err());
        assert!(proxy("localhost:3128").is_err());
        assert!(proxy("ftp://localhost").is_err());
    }
}
