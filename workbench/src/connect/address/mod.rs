//! WebSocket addresses (RFC 6455 section 3), as typed.
//!
//! Not a full URL parser: it finds the needed parts and explains common mistakes. The browser's
//! parser decides in the end; Unicode host tables would outweigh the rest of the page.

mod parts;
mod space;

// An address only: the sockets are in `std`.
use core::net::Ipv6Addr;
use std::{fmt, ops::Range};

use session::is_invisible;
use thiserror::Error;

use self::parts::quoted;
pub(super) use self::parts::split_user;
pub use self::{
    parts::{authority_of, authority_of_location, endpoint_of_page, quoted_address, without_user},
    space::AddressSpace,
};
use super::query::encoded_value;
use crate::compose::{BRACES_IN_URL, FillError, Template, Values};

/// Valid WebSocket address: scheme, host and the rest, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whole address in its normal form.
    text: String,
    /// True for `wss`.
    is_secure: bool,
    /// Range of the host in `text`; an IPv6 address includes its brackets.
    host: Range<usize>,
    /// Port, if it is not the scheme's own.
    port: Option<u16>,
}

/// Invalid WebSocket address, with advice on its correction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Empty address.
    #[error("Type an address, such as ws://localhost:8080/ws.")]
    Empty,
    /// Variables that cannot be expanded.
    #[error("Variables: {}", .0.in_one_line())]
    Variables(#[from] FillError),
    /// Secret parameter without a value.
    #[error(
        "Enter the value of {name}. Secret values are not stored. To send it empty, remove the =."
    )]
    MissingSecret {
        /// Name of the parameter.
        name: String,
        /// Byte at which the value belongs.
        at: usize,
    },
    /// White space or a control character.
    #[error("The address has a space. Remove it, or write %20.")]
    Space,
    /// RFC 6455 section 3 forbids fragments.
    #[error("A WebSocket address has no fragment. Remove everything from # on, or write %23.")]
    Fragment,
    /// Any other scheme.
    #[error("A WebSocket address starts with ws:// or wss://, not with {0}://.")]
    Scheme(String),
    /// A scheme without its slashes or its colon.
    #[error("The start is incomplete. Type {}", quoted_address(instead))]
    Slashes {
        /// The address with them.
        instead: String,
    },
    /// Backslash, as in a Windows path.
    #[error("The address has a \\. Write / instead.")]
    Backslash,
    /// Missing host.
    #[error("The address has no host. Type one, as in ws://localhost:8080.")]
    NoHost,
    /// Browsers do not send a name and a password; the page's server does.
    #[error(
        "Browsers send no user name or password of an address. Remove everything up to the @, or connect through this server."
    )]
    UserInfo,
    /// A `[` without its `]`.
    #[error("The [ is not closed. Write IPv6 addresses in brackets: [::1]:8080.")]
    Unclosed,
    /// The brackets hold something else.
    #[error("[{0}] is not an IPv6 address. Only those go in brackets.")]
    NotIpv6(String),
    /// IPv6 address without brackets.
    #[error("Write an IPv6 address in brackets, then the port: [::1]:8080.")]
    BareIpv6,
    /// Invalid character in the host, by its code point if it is invisible; or an empty label.
    #[error("A host name cannot contain {0}.")]
    HostCharacter(String),
    /// The port is not a number.
    #[error("{0} is not a port. A port is a number from 1 to 65535.")]
    NotAPort(String),
    /// Port out of range.
    #[error("There is no port {0}. Ports go from 1 to 65535.")]
    PortRange(String),
}

impl Address {
    /// Expands the variables in typed text, and parses it as [`parse`](Self::parse) does. Values in
    /// the query are percent-encoded, and so are literal braces: two that are left are of a placeholder.
    ///
    /// # Errors
    /// If a variable is invalid or unknown, or the address is.
    pub fn fill(
        typed: &str,
        values: impl FnOnce() -> Values,
        page_is_secure: bool,
    ) -> Result<Self, AddressError> {
        let template = Template::parse(typed).map_err(FillError::from)?;
        if template.is_constant() {
            return Self::parse(typed, page_is_secure);
        }
        let query = typed.find('?').unwrap_or(typed.len());
        let filled = template.fill_with(&mut values(), BRACES_IN_URL, |at, value| {
            if at > query { encoded_value(value) } else { value.replace('{', "%7B") }.into()
        })?;
        Self::parse(&filled, page_is_secure)
    }

    /// Parses typed text. Surrounding white space is trimmed; `http` becomes `ws`, and `https` `wss`; a
    /// missing scheme becomes `ws://`, or `wss://` on a page served over TLS.
    ///
    /// # Errors
    /// If the address is invalid. The browser may refuse some others.
    pub fn parse(typed: &str, page_is_secure: bool) -> Result<Self, AddressError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        if typed.contains(|character: char| character.is_whitespace() || character.is_control()) {
            return Err(AddressError::Space);
        }
        if typed.contains('#') {
            return Err(AddressError::Fragment);
        }
        let (scheme, rest) = split_scheme(typed)?;
        let place = rest.split('?').next().unwrap_or_default();
        if place.contains('\\') {
            return Err(AddressError::Backslash);
        }
        let authority = place.split('/').next().unwrap_or_default();
        let (host, port) = split_authority(authority)?;
        // Loopback: the only target that a TLS page may reach without TLS.
        let is_secure =
            scheme.unwrap_or(page_is_secure && AddressSpace::of(host) != AddressSpace::Loopback);
        let text = match scheme {
            Some(_) if !typed.as_bytes()[..4].eq_ignore_ascii_case(b"http") => typed.to_owned(),
            _ => format!("{}{rest}", prefix(is_secure)),
        };
        let start = text.len() - rest.len();
        Ok(Self { host: start..start + host.len(), text, is_secure, port })
    }

    /// Address with its scheme.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True for TLS (`wss`).
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// True if both are of one origin: same host, port and use of TLS.
    #[must_use]
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.is_secure == other.is_secure && self.is_same_server(other)
    }

    /// True if host and port are the same.
    pub(crate) fn is_same_server(&self, other: &Self) -> bool {
        self.port() == other.port()
            && self.text[self.host.clone()].eq_ignore_ascii_case(&other.text[other.host.clone()])
    }

    /// Port, explicit or the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.is_secure { 443 } else { 80 })
    }

    /// Host, and port unless it is the scheme's default: `localhost:8080`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.text[self.host.start..self.path_start()]
    }

    /// Scheme, host in lower case and port: `wss://example.org:443`.
    #[must_use]
    pub fn origin(&self) -> String {
        prefix(self.is_secure).to_owned() + &self.host_and_port()
    }

    /// Host in lower case and port: `example.org:443`.
    pub(crate) fn host_and_port(&self) -> String {
        format!("{}:{}", self.text[self.host.clone()].to_ascii_lowercase(), self.port())
    }

    /// Path without the query; `/` if empty.
    #[must_use]
    pub fn path(&self) -> &str {
        let path = self.text[self.path_start()..].split('?').next().unwrap_or_default();
        if path.is_empty() { "/" } else { path }
    }

    /// Everything after `://`.
    pub(crate) fn without_scheme(&self) -> &str {
        &self.text[self.host.start..]
    }

    /// Address space of the host. Unrecognized names count as public.
    #[must_use]
    pub fn space(&self) -> AddressSpace {
        AddressSpace::of(&self.text[self.host.clone()])
    }

    /// Index of the path or query in the text.
    fn path_start(&self) -> usize {
        let behind = &self.text[self.host.end..];
        self.host.end + behind.find(['/', '?']).unwrap_or(behind.len())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Scheme with the slashes after it.
fn prefix(is_secure: bool) -> &'static str {
    if is_secure { "wss://" } else { "ws://" }
}

/// Splits off the scheme: `true` for `wss`, `None` if there is none; then the text after its
/// slashes.
fn split_scheme(typed: &str) -> Result<(Option<bool>, &str), AddressError> {
    if let Some(rest) = typed.strip_prefix("//") {
        return Ok((None, rest));
    }
    if let Some((scheme, rest)) = typed.split_once("//")
        && let Some(is_secure) = known_scheme(scheme)
    {
        return Err(incomplete(is_secure, rest));
    }
    let Some((scheme, behind)) = typed.split_once(':') else { return Ok((None, typed)) };
    // A colon further back belongs to a port, an IPv6 address, a path or a query.
    let is_scheme =
        |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
    if !scheme.chars().all(is_scheme) {
        return Ok((None, typed));
    }
    match (known_scheme(scheme), behind.strip_prefix("//")) {
        (Some(is_secure), Some(rest)) => Ok((Some(is_secure), rest)),
        // A host of this name, and its port.
        (Some(_), None) if behind.starts_with(|first: char| first.is_ascii_digit()) => {
            Ok((None, typed))
        }
        (Some(is_secure), None) => Err(incomplete(is_secure, behind)),
        (None, Some(_)) => Err(AddressError::Scheme(quoted(scheme))),
        (None, None) => Ok((None, typed)),
    }
}

/// True for the name of a scheme with TLS, false for one without; `None` for another word.
fn known_scheme(name: &str) -> Option<bool> {
    match name.to_ascii_lowercase().as_str() {
        "ws" | "http" => Some(false),
        "wss" | "https" => Some(true),
        _ => None,
    }
}

/// Error of a scheme that is followed by `rest` without all that belongs between them.
fn incomplete(is_secure: bool, rest: &str) -> AddressError {
    match rest.trim_start_matches(['/', '\\']) {
        "" => AddressError::NoHost,
        rest => AddressError::Slashes { instead: format!("{}{rest}", prefix(is_secure)) },
    }
}

/// Host and port. Refuses user information, which is not for browsers.
fn split_authority(authority: &str) -> Result<(&str, Option<u16>), AddressError> {
    if authority.contains('@') {
        return Err(AddressError::UserInfo);
    }
    let (host, port) = if let Some(inside) = authority.strip_prefix('[') {
        let (inside, behind) = inside.split_once(']').ok_or(AddressError::Unclosed)?;
        if inside.parse::<Ipv6Addr>().is_err() {
            return Err(AddressError::NotIpv6(quoted(inside)));
        }
        let port = match behind.strip_prefix(':') {
            None if !behind.is_empty() => return Err(AddressError::NotAPort(quoted(behind))),
            port => port,
        };
        (&authority[..inside.len() + 2], port)
    } else if authority.parse::<Ipv6Addr>().is_ok() {
        return Err(AddressError::BareIpv6);
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        // WHATWG URL, "forbidden domain code point"; the others of them cannot be here.
        let is_wrong =
            |character: &char| "<>[]^|%".contains(*character) || is_invisible(*character);
        if let Some(character) = host.chars().find(is_wrong) {
            let code = || format!("U+{:04X}", u32::from(character));
            let shown = if is_invisible(character) { code() } else { character.into() };
            return Err(AddressError::HostCharacter(shown));
        }
        if host.contains("..") {
            return Err(AddressError::HostCharacter("..".to_owned()));
        }
        (host, port)
    };
    if matches!(host, "" | ".") {
        return Err(AddressError::NoHost);
    }
    // Browsers take a colon without a port for the scheme's own.
    let port = port.filter(|port| !port.is_empty()).map(read_port).transpose()?;
    Ok((host, port))
}

/// Parses a port from 1 on.
fn read_port(typed: &str) -> Result<u16, AddressError> {
    if !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AddressError::NotAPort(quoted(typed)));
    }
    match typed.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(AddressError::PortRange(quoted(typed))),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::values;

    fn parsed(typed: &str) -> Address {
        Address::parse(typed, false).unwrap_or_else(|error| panic!("{typed}: {error}"))
    }

    #[test]
    fn the_parts_are_found() {
        for (typed, authority, port, path, is_secure) in [
            ("ws://localhost:8080/ws?a=/b", "localhost:8080", 8080, "/ws", false),
            ("WSS://Example.org", "Example.org", 443, "/", true),
            ("ws://[::1]?x", "[::1]", 80, "/", false),
            ("ws://[::1]:9000/", "[::1]:9000", 9000, "/", false),
            ("ws://host:/a/b", "host:", 80, "/a/b", false),
            ("ws://bücher.example/", "bücher.example", 80, "/", false),
            ("ws://a:65535", "a:65535", 65_535, "/", false),
        ] {
            let address = parsed(typed);
            let parts = (address.authority(), address.port(), address.path(), address.is_secure());
            assert_eq!(parts, (authority, port, path, is_secure), "{typed}");
        }
    }

    #[test]
    fn a_missing_scheme_is_added() {
        for (typed, plain, secure) in [
            ("localhost:8080/ws", "ws://localhost:8080/ws", "ws://localhost:8080/ws"),
            ("//127.0.0.1", "ws://127.0.0.1", "ws://127.0.0.1"),
            ("[::1]:80", "ws://[::1]:80", "ws://[::1]:80"),
            ("example.org:9/x", "ws://example.org:9/x", "wss://example.org:9/x"),
            ("192.168.0.7", "ws://192.168.0.7", "wss://192.168.0.7"),
            ("ws:8080", "ws://ws:8080", "wss://ws:8080"),
            ("a/b?to=http://c", "ws://a/b?to=http://c", "wss://a/b?to=http://c"),
            (" ws://a \n", "ws://a", "ws://a"),
        ] {
            assert_eq!(parsed(typed).as_str(), plain);
            assert_eq!(Address::parse(typed, true).unwrap().as_str(), secure);
        }
    }

    #[test]
    fn addresses_of_pages_become_those_of_sockets() {
        for (typed, address, is_secure) in [
            ("http://localhost:8080/ws", "ws://localhost:8080/ws", false),
            ("https://a:8443/b?c=http://d", "wss://a:8443/b?c=http://d", true),
            ("HTTP://a", "ws://a", false),
        ] {
            let parsed = parsed(typed);
            assert_eq!((parsed.as_str(), parsed.is_secure()), (address, is_secure), "{typed}");
            assert_eq!(parsed.without_scheme(), address.split_once("://").unwrap().1);
        }
    }

    fn filled<const N: usize>(typed: &str, own: [(&str, &str); N]) -> Result<String, String> {
        let address = Address::fill(typed, || values(own), false);
        address.map(|it| it.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn variables_are_expanded_in_every_part() {
        let variables = [
            ("host", "localhost:8080"),
            ("room", "a/b"),
            ("token", "a+b/c= &{{x}}"),
            ("brace", "{"),
        ];
        for (typed, address) in [
            ("ws://{{host}}/{{room}}", "ws://localhost:8080/a/b"),
            ("{{host}}/ws", "ws://localhost:8080/ws"),
            (
                "{{host}}?t={{token}}&n={{seq}}",
                "ws://localhost:8080?t=a%2Bb%2Fc%3D%20%26%7B%7Bx%7D%7D&n=1",
            ),
            ("a/?t={{ token }}&{{room}}", "ws://a/?t=a%2Bb%2Fc%3D%20%26%7B%7Bx%7D%7D&a%2Fb"),
            ("ws://a/{{{{x}}/{{brace}}{x}}", "ws://a/%7B%7Bx}}/%7B{x}}"),
            ("ws://a/?{x}", "ws://a/?{x}"),
        ] {
            assert_eq!(filled(typed, variables), Ok(address.to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_variable_that_is_wrong_in_an_address_says_how_to_write_braces() {
        let error = |typed: &str| filled(typed, [("room", "a b")]).unwrap_err();
        expect!["Variables: there is no variable “host”. Available: room, now, now_ms, random 1 100, seq, uuid. For a literal {{, write {{{{."]
            .assert_eq(&error("ws://{{host}}/"));
        expect!["Variables: {{ is not closed. Add }}. For a literal {{, write {{{{."]
            .assert_eq(&error("ws://a/?{{host"));
        expect!["The address has a space. Remove it, or write %20."]
            .assert_eq(&error("ws://a/{{room}}"));
    }

    #[test]
    fn errors_advise_what_to_type() {
        let no_host = "The address has no host. Type one, as in ws://localhost:8080.";
        let long = format!("ws://a:{}", "9".repeat(50));
        for (typed, sentence) in [
            (" ", "Type an address, such as ws://localhost:8080/ws."),
            ("ws://a b", "The address has a space. Remove it, or write %20."),
            (
                "ws://a/b#c",
                "A WebSocket address has no fragment. Remove everything from # on, or write %23.",
            ),
            ("ftp://a", "A WebSocket address starts with ws:// or wss://, not with ftp://."),
            ("ws:/localhost", "The start is incomplete. Type ws://localhost"),
            ("WSS//localhost/a", "The start is incomplete. Type wss://localhost/a"),
            ("http:localhost", "The start is incomplete. Type ws://localhost"),
            (r"ws:\\localhost\ws", r"The start is incomplete. Type ws://localhost\ws"),
            (r"ws://localhost\ws", r"The address has a \. Write / instead."),
            (
                "ws://me:secret@a/",
                "Browsers send no user name or password of an address. Remove everything up to the @, or connect through this server.",
            ),
            ("ws://[::1/", "The [ is not closed. Write IPv6 addresses in brackets: [::1]:8080."),
            ("ws://[localhost]/", "[localhost] is not an IPv6 address. Only those go in brackets."),
            ("::1:8080", "Write an IPv6 address in brackets, then the port: [::1]:8080."),
            ("ws://a]b", "A host name cannot contain ]."),
            ("ws://%00/", "A host name cannot contain %."),
            ("ws://a..b/", "A host name cannot contain ..."),
            ("ws://ex\u{202e}ample/", "A host name cannot contain U+202E."),
            ("ws://./", no_host),
            ("ws://a:80a", "80a is not a port. A port is a number from 1 to 65535."),
            ("ws://[::1]8080", "8080 is not a port. A port is a number from 1 to 65535."),
            ("ws://a:-1", "-1 is not a port. A port is a number from 1 to 65535."),
            ("ws://a:65536", "There is no port 65536. Ports go from 1 to 65535."),
            ("ws://a:0", "There is no port 0. Ports go from 1 to 65535."),
            (
                &long,
                "There is no port 9999999999999999999999999999999999999999…. Ports go from 1 to 65535.",
            ),
        ] {
            let error = Address::parse(typed, false).expect_err(typed);
            assert_eq!(error.to_string(), sentence, "{typed}");
        }
        for nobody in ["ws:", "ws//", "ws://", "ws:///ws", "ws://:8080", "/ws", "?a", ":8080"] {
            assert_eq!(Address::parse(nobody, false), Err(AddressError::NoHost), "{nobody}");
        }
        let long = "x".repeat(50);
        let instead = format!("ws://localhost/{long}");
        let error = Address::parse(&format!("ws:localhost/{long}"), false).unwrap_err();
        assert_eq!(error, AddressError::Slashes { instead }, "whole, however it is shown");
        assert_eq!(authority_of("wss://h:1?a"), "h:1");
    }

    fn typed() -> impl Strategy<Value = String> {
        let parts = r"(wss?|http|::?1?|//?|[?@#\\ é%\[\]]|localhost|127\.0\.0\.1|8080|70000){0,8}";
        prop_oneof![4 => parts, 1 => any::<String>()]
    }

    proptest! {
        #[test]
        fn addresses_parse_back(
            typed in typed(), page_is_secure in any::<bool>()
        ) {
            if let Ok(address) = Address::parse(&typed, page_is_secure) {
                let typed = typed.trim();
                prop_assert!(address.as_str().ends_with(typed.strip_prefix("//").unwrap_or(typed)));
                prop_assert_eq!(Address::parse(address.as_str(), !page_is_secure), Ok(address.clone()));
                prop_assert!(address.without_scheme().starts_with(address.authority()));
                prop_assert!(address.path().starts_with('/'));
            }
        }

        #[test]
        fn errors_are_short(typed in typed()) {
            if let Err(error) = Address::parse(&typed, false) {
                prop_assert!(error.to_string().chars().count() < 160);
            }
        }
    }
}
