//! WebSocket URL of a server (RFC 6455 section 3), as typed on the command line.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use percent_encoding::percent_decode_str;
use url::{ParseError, Url};

/// URL with the scheme `ws` or `wss`. Displayed as typed, without user name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl {
    /// Parsed URL, with credentials.
    url: Url,
    /// As typed, without user name and password.
    shown: String,
    /// Scheme as typed, if it was `http` or `https`.
    typed_scheme: Option<&'static str>,
}

impl FromStr for ServerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            |why: &str| format!("it is not a WebSocket address: {why}. Try ws://localhost:8080");
        // A parser of URLs leaves these out.
        if text.contains(char::is_control) {
            return Err(wrong("it contains a control character"));
        }
        let (text, typed_scheme) = with_scheme(text);
        let url = Url::parse(&text).map_err(|why| match why {
            ParseError::RelativeUrlWithoutBase => wrong("it has no scheme"),
            why => wrong(&why.to_string()),
        })?;
        if !matches!(url.scheme(), "ws" | "wss") {
            return Err(wrong("it does not begin with ws:// or wss://"));
        }
        if url.fragment().is_some() {
            return Err(wrong("a fragment (#) cannot be sent; write %23"));
        }
        Ok(Self { typed_scheme, ..Self::new(url, &text) })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// As displayed.
impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

impl ServerUrl {
    /// Displays `text`, unless the URL has credentials.
    fn new(url: Url, text: &str) -> Self {
        let mut without_user = url.clone();
        // These fail only for a URL without a host.
        let _ = without_user.set_username("");
        let _ = without_user.set_password(None);
        let shown = if without_user == url { text.to_owned() } else { without_user.into() };
        Self { url, shown, typed_scheme: None }
    }

    /// True for `wss`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// Scheme as typed, if it was `http` or `https`: `ws` or `wss` is used instead.
    #[must_use]
    pub fn typed_scheme(&self) -> Option<&'static str> {
        self.typed_scheme
    }

    /// Target of a redirect to `location`, relative or absolute. Credentials stay with their origin.
    pub(crate) fn join(&self, location: &str) -> Result<Self, String> {
        let mut url = self.url.join(location).map_err(|why| why.to_string())?;
        let scheme = match url.scheme() {
            "ws" | "http" => "ws",
            "wss" | "https" => "wss",
            _ => return Err("only ws, wss, http and https are followed".to_owned()),
        };
        let is_same = has_same_origin(&url, scheme, &self.url);
        let (user, password) =
            if is_same { (self.url.username(), self.url.password()) } else { ("", None) };
        // These fail only for a URL without a host, and between other schemes.
        let _ = url.set_scheme(scheme);
        let _ = url.set_username(user);
        let _ = url.set_password(password);
        url.set_fragment(None);
        let text = url.to_string();
        Ok(Self::new(url, &text))
    }

    /// True if scheme, host and port are the same.
    pub(crate) fn has_same_origin(&self, other: &Self) -> bool {
        has_same_origin(&self.url, self.url.scheme(), &other.url)
    }

    /// Host, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        host(&self.url)
    }

    /// Addresses of a host that no resolver is asked for: a literal, or a name of this machine (RFC 6761
    /// section 6.3).
    pub(crate) fn known_addresses(&self) -> Vec<IpAddr> {
        let host = self.host();
        if is_localhost(host) {
            return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        host.parse().into_iter().collect()
    }

    /// Port, or the default of the scheme.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// Value of the Host header: the port is left out if it is the scheme's default.
    #[must_use]
    pub fn authority(&self) -> &str {
        let authority = self.url.authority();
        authority.rsplit_once('@').map_or(authority, |(_, authority)| authority)
    }

    /// Request target: path and query.
    #[must_use]
    pub fn resource(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// Decoded `NAME:PASSWORD` of a URL like `ws://NAME:PASSWORD@host`, for Basic authentication.
    #[must_use]
    pub fn credentials(&self) -> Option<String> {
        credentials(&self.url)
    }

    /// Replaces path and query.
    #[must_use]
    pub fn with_resource(&self, path: &str, query: &[(&str, &str)]) -> Self {
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

/// True if `url` with this scheme has the origin of `other`.
fn has_same_origin(url: &Url, scheme: &str, other: &Url) -> bool {
    scheme == other.scheme()
        && url.host() == other.host()
        && url.port_or_known_default() == other.port_or_known_default()
}

/// Text with `ws://` or `wss://` before it, if it is an address without a scheme or with a page's,
/// and the scheme of the page.
fn with_scheme(text: &str) -> (Cow<'_, str>, Option<&'static str>) {
    let is_of_scheme = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
    // Otherwise it is that of a URL in the query.
    match text.split_once("://").filter(|(scheme, _)| scheme.chars().all(is_of_scheme)) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
            (format!("ws://{rest}").into(), Some("http"))
        }
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => {
            (format!("wss://{rest}").into(), Some("https"))
        }
        None if text.starts_with(':') => (format!("ws://localhost{text}").into(), None),
        // A single word is more likely a mistyped command.
        None if text == "localhost" || text.contains(['.', ':', '/']) => {
            (format!("ws://{text}").into(), None)
        }
        _ => (text.into(), None),
    }
}

/// Percent-decoded `NAME:PASSWORD` of a URL.
pub(crate) fn credentials(url: &Url) -> Option<String> {
    let decode = |text| percent_decode_str(text).decode_utf8_lossy();
    let (user, password) = (url.username(), url.password().unwrap_or_default());
    let is_some = !user.is_empty() || !password.is_empty();
    is_some.then(|| format!("{}:{}", decode(user), decode(password)))
}

/// Host of a URL, without the brackets of an IPv6 address.
pub(crate) fn host(url: &Url) -> &str {
    unbracketed(url.host_str().unwrap_or_default())
}

/// Host without the brackets of an IPv6 address.
#[must_use]
pub fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host)
}

/// True for a name of this machine, in lower case: `localhost`, and those below it (RFC 6761 section 6.3).
#[must_use]
pub fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
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
        assert_eq!(format!("{url:?}"), "\"ws://host/a@b\"");
        let url: ServerUrl = "ws://:pw@host".parse().unwrap();
        assert_eq!(url.credentials().unwrap(), ":pw");
        let url: ServerUrl = "ws://[::1]:8080".parse().unwrap();
        assert_eq!((url.host(), url.authority()), ("::1", "[::1]:8080"));
    }

    #[test]
    fn an_invalid_url_is_answered_with_a_suggestion() {
        let error = |text: &str| text.parse::<ServerUrl>().unwrap_err();
        assert!(error("nonsense").ends_with("it has no scheme. Try ws://localhost:8080"));
        assert!(error("ftp://host").contains("does not begin with ws://"));
        assert!(error("ws://host/#a").contains("%23"));
    }

    #[test]
    fn the_scheme_may_be_left_out_or_that_of_a_page() {
        for (text, shown, scheme) in [
            ("localhost:8080", "ws://localhost:8080", None),
            (":8080/a", "ws://localhost:8080/a", None),
            ("localhost", "ws://localhost", None),
            ("example.org/feed", "ws://example.org/feed", None),
            ("localhost:1/?next=http://x", "ws://localhost:1/?next=http://x", None),
            ("[::1]:8080", "ws://[::1]:8080", None),
            ("me:pw@example.org", "ws://example.org/", None),
            ("http://localhost:1/a", "ws://localhost:1/a", Some("http")),
            ("HTTPS://example.org", "wss://example.org", Some("https")),
        ] {
            let url: ServerUrl = text.parse().unwrap();
            assert_eq!((&*url.to_string(), url.typed_scheme()), (shown, scheme), "{text}");
        }
    }

    #[test]
    fn a_redirect_keeps_credentials_within_the_origin() {
        let url: ServerUrl = "ws://me:pw@host/a/b".parse().unwrap();
        for (location, shown, credentials) in [
            ("../c?d#e", "ws://host/c?d", Some("me:pw")),
            ("http://host:80/c", "ws://host/c", Some("me:pw")),
            ("https://host/c", "wss://host/c", None),
            ("ws://host:81/c", "ws://host:81/c", None),
            ("//other/c", "ws://other/c", None),
            ("ws://you:pw@other/c", "ws://other/c", None),
        ] {
            let next = url.join(location).unwrap();
            let found = next.credentials();
            assert_eq!((&*next.to_string(), found.as_deref()), (shown, credentials), "{location}");
            assert_eq!(next.has_same_origin(&url), credentials.is_some(), "{location}");
        }
        for location in ["ftp://host/", "file:///etc/passwd", "ws://", "mailto:a@b"] {
            assert!(url.join(location).is_err(), "{location}");
        }
    }
}
