//! WebSocket URL of a server (RFC 6455 section 3), as typed on the command line.

use std::{fmt, str::FromStr};

use percent_encoding::percent_decode_str;
use url::Url;

/// URL with the scheme `ws` or `wss`. Displayed as typed, without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    url: Url,
    /// As typed, without user name and password.
    shown: String,
}

impl FromStr for ServerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            let meant = match text.split_once("://") {
                Some(("http", rest)) => format!("ws://{rest}"),
                Some(("https", rest)) => format!("wss://{rest}"),
                None if text.contains(':') => format!("ws://{text}"),
                _ => "ws://localhost:8080".to_owned(),
            };
            format!("it is not a WebSocket address: {why}. Try {meant}")
        };
        let url = Url::parse(text).map_err(|why| wrong(&why.to_string()))?;
        if !matches!(url.scheme(), "ws" | "wss") {
            return Err(wrong("it does not begin with ws:// or wss://"));
        }
        if url.fragment().is_some() {
            return Err(wrong("a fragment (#) cannot be sent; write %23"));
        }
        Ok(Self::new(url, text))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl ServerUrl {
    fn new(url: Url, text: &str) -> Self {
        let mut without_user = url.clone();
        // These fail only for a URL without a host.
        let _ = without_user.set_username("");
        let _ = without_user.set_password(None);
        let shown = if without_user == url { text.to_owned() } else { without_user.into() };
        Self { url, shown }
    }

    /// True for `wss`.
    pub(crate) fn is_secure(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// Host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        host(&self.url)
    }

    /// Port, or the default of the scheme.
    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// Value of the Host header: the port is left out if it is the scheme's default.
    pub(crate) fn authority(&self) -> &str {
        let authority = self.url.authority();
        authority.rsplit_once('@').map_or(authority, |(_, authority)| authority)
    }

    /// Request target: path and query.
    pub(crate) fn resource(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// Decoded `NAME:PASSWORD` of a URL like `ws://NAME:PASSWORD@host`, for Basic authentication.
    pub(crate) fn credentials(&self) -> Option<String> {
        credentials(&self.url)
    }

    /// Replaces path and query.
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

/// Percent-decoded `NAME:PASSWORD` of a URL.
pub(super) fn credentials(url: &Url) -> Option<String> {
    let decode = |text| percent_decode_str(text).decode_utf8_lossy();
    let password = url.password().unwrap_or_default();
    (!url.username().is_empty()).then(|| format!("{}:{}", decode(url.username()), decode(password)))
}

/// Host of a URL, without the brackets of an IPv6 address.
pub(super) fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_host_port_resource_and_credentials() {
        let url: ServerUrl = "wss://me:s%40+t@Example.org/a/b?c=1".parse().unwrap();
        assert_eq!((url.host(), url.port()), ("example.org", 443));
        assert_eq!(url.authority(), "example.org");
        assert_eq!(url.resource(), "/a/b?c=1");
        assert_eq!(url.credentials().unwrap(), "me:s@+t");
        assert_eq!(url.to_string(), "wss://example.org/a/b?c=1");
        let url: ServerUrl = "ws://me:pw@Host/a@b".parse().unwrap();
        assert_eq!(url.to_string(), "ws://host/a@b");
        let url: ServerUrl = "ws://[::1]:8080".parse().unwrap();
        assert_eq!((url.host(), url.authority()), ("::1", "[::1]:8080"));
    }

    #[test]
    fn an_invalid_url_is_answered_with_a_suggestion() {
        let error = |text: &str| text.parse::<ServerUrl>().unwrap_err();
        assert!(error("http://localhost:1/a").ends_with("Try ws://localhost:1/a"));
        assert!(error("localhost:8080").ends_with("Try ws://localhost:8080"));
        assert!(error("nonsense").ends_with("Try ws://localhost:8080"));
        assert!(error("ws://host/#a").contains("%23"));
    }
}
