//! Options of a connection through the page's server.

use ::relay::{FINGERPRINT_LEN, Network, Open};
use core::net::IpAddr;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use session::{
    is_of_connection, is_of_handshake, is_plain_header, is_secret_name, is_token_character,
};
use thiserror::Error;

use super::{authorization, authorization::Authorization, cookies};
use crate::{
    compose::{BRACES_IN_URL, FillError, Template, Values, is_in_variables},
    connect::{Address, authority_of},
};

/// Headers of the request, at most. Servers refuse larger requests anyway.
pub const MAX_HEADERS: usize = 64;

/// Schemes of proxies that the page's server connects through.
const PROXY_SCHEMES: [&str; 3] = ["http", "socks5", "socks5h"];

/// Offer of permessage-deflate, as browsers make it.
const BROWSERS_OFFER: &str = "permessage-deflate; client_max_window_bits";

/// Options of a connection through the page's server. A new field is the last, and its default is encoded as zeros: so
/// what an older page stored is read, with zeros for what it lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the form, each its own")]
pub struct RelayOptions {
    /// Address that headers and certificates are for.
    pub bound_to: Binding,
    /// Headers of the request beside the handshake's own: names, and values that can contain
    /// variables.
    pub headers: Vec<(String, String)>,
    /// Accepts any certificate. For one connection: never stored.
    pub accepts_any_certificate: bool,
    /// Name of a client certificate that the server was started with; empty for none.
    pub certificate: String,
    /// Certificates to trust instead of the system's, in PEM format; empty for the system's.
    pub authorities: String,
    /// Proxy, such as `http://host:3128`; empty for none.
    pub proxy: String,
    /// IP address in place of the name's addresses; empty for these.
    pub address: String,
    /// No compression is offered.
    pub is_uncompressed: bool,
    /// Offers of permessage-deflate with their parameters, preferred first; empty for what a browser offers.
    pub offers: String,
    /// Seconds for everything up to the opening handshake; 0 for the server's default.
    pub time_limit: u32,
    /// Follows redirects.
    pub follows_redirects: bool,
    /// Networks that the user confirmed, each for a host and port.
    pub confirmed: Vec<(String, Network)>,
    /// SHA-256 fingerprint of the certificate that is accepted, whatever is wrong with it. For one connection, as
    /// any certificate is.
    pub accepted_certificate: Option<[u8; FINGERPRINT_LEN]>,
    /// Follows redirects of one connection, as a certificate is accepted.
    pub follows_once: bool,
    /// Names of headers that have no secret, by the word of the person; once variables are expanded, of all that have
    /// none.
    pub plain: Vec<String>,
}

/// Address that options are for, by its scheme, host and port; empty before they were used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Binding {
    /// Scheme, host and port, with the values of variables.
    origin: String,
    /// Origin to show: secret variables are placeholders.
    pub(crate) shown: String,
}

/// Invalid header, proxy or IP address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// Names are tokens (RFC 9110 section 5.1).
    #[error("A header name has letters, digits and - only, such as Authorization.")]
    Name,
    /// Header of the handshake.
    #[error("{0} is set by the handshake and cannot be overridden. Remove it.")]
    OfTheHandshake(String),
    /// Values have no control characters (RFC 9110 section 5.5).
    #[error("A header value cannot contain line breaks or control characters.")]
    Value,
    /// Name of a cookie with a separator (RFC 6265 section 4.1.1).
    #[error("A cookie name cannot contain = or ;. Paste several cookies as a header Cookie.")]
    CookieName,
    /// Value of a cookie with a separator.
    #[error("A cookie value cannot contain ;. Paste several cookies as a header Cookie.")]
    CookieValue,
    /// Name of a user with a colon (RFC 7617 section 2).
    #[error("A user name cannot contain :.")]
    UserName,
    /// Header for the proxy alone.
    #[error(
        "Proxy-Authorization would be sent to the server. Add the user name and password to the proxy instead: http://name:password@host:3128."
    )]
    OfTheProxy,
    /// Secret without a value: it may have had one, which was not stored.
    #[error("Enter the value of {name}{or}. Secret values are not stored.", or = if *is_marked {
        ", or take off its mark Secret to send it empty"
    } else {
        ""
    })]
    Missing {
        /// Name of the header.
        name: String,
        /// True if it is secret by its mark alone.
        is_marked: bool,
    },
    /// Variables that cannot be expanded.
    #[error("Variables: {}", .0.in_one_line())]
    Variables(#[from] FillError),
    /// The same of a host.
    #[error("{field}: {}", .1.in_one_line(), field = .0)]
    Host(HostField, FillError),
    /// Secret in a host, which is shown.
    #[error(
        "{0}: hosts are shown, so that they cannot be in a variable with the name of a secret."
    )]
    SecretHost(HostField),
    /// Neither a URL of a scheme that proxies have, nor empty.
    #[error("Write the proxy like http://host:3128 or socks5://host:1080.")]
    NotAProxy,
    /// User name and password that were not stored.
    #[error(
        "Enter the user name and password of the proxy. They are not stored. Without any, remove the @."
    )]
    MissingOfProxy,
    /// Neither an IP address nor empty.
    #[error("Write the IP address like 127.0.0.1 or ::1.")]
    NotAnAddress,
}

impl HeaderError {
    /// Option that is wrong, if it is a host.
    #[must_use]
    pub fn host_field(&self) -> Option<HostField> {
        match self {
            Self::Host(field, _) | Self::SecretHost(field) => Some(*field),
            Self::NotAProxy | Self::MissingOfProxy => Some(HostField::Proxy),
            Self::NotAnAddress => Some(HostField::Address),
            _ => None,
        }
    }
}

/// Option that is a host, or has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HostField {
    /// Proxy.
    #[error("Proxy")]
    Proxy,
    /// IP address in place of the name's addresses.
    #[error("IP address")]
    Address,
}

impl RelayOptions {
    /// Options to connect with: variables in headers, proxy and IP address expanded, empty headers left out, and proxy and
    /// IP address checked.
    ///
    /// # Errors
    /// The first invalid option; of a header, with its index.
    pub fn filled(&self, values: &Values) -> Result<Self, (Option<usize>, HeaderError)> {
        let filled = self.expanded(values)?;
        let address = filled.address.trim().trim_matches(['[', ']']);
        if !is_proxy(filled.proxy.trim()) {
            Err((None, HeaderError::NotAProxy))
        } else if filled.proxy.contains("://@") {
            Err((None, HeaderError::MissingOfProxy))
        } else if !address.is_empty() && address.parse::<IpAddr>().is_err() {
            Err((None, HeaderError::NotAnAddress))
        } else {
            Ok(filled)
        }
    }

    /// Options with the variables in headers, proxy and IP address expanded, and empty headers left out. Where `values`
    /// hide secrets, user and password of the proxy stay as typed.
    ///
    /// # Errors
    /// The first invalid option; of a header, with its index.
    pub(crate) fn expanded(&self, values: &Values) -> Result<Self, (Option<usize>, HeaderError)> {
        let mut values = values.clone();
        let (mut headers, mut secret) = (Vec::new(), Vec::new());
        for (index, (name, value)) in self.headers.iter().enumerate() {
            let (name, value) = (name.trim(), value.trim());
            if name.is_empty() && value.is_empty() {
                continue;
            }
            let is_secret = self.is_secret(name);
            let filled = fill(name, value, is_secret, &mut values);
            let (value, has_secret) = filled.map_err(|error| (Some(index), error))?;
            if is_secret || has_secret {
                secret.push(name.to_owned());
            }
            headers.push((name.to_owned(), value));
        }
        let names = headers.iter().map(|(name, _)| name);
        let plain = names.filter(|name| !is_among(&secret, name)).cloned().collect();
        let proxy = self.filled_proxy(&mut values).map_err(|error| (None, error))?;
        let address = filled_host(HostField::Address, &self.address, &mut values);
        let address = address.map_err(|error| (None, error))?;
        Ok(Self { headers, proxy, address, plain, ..self.clone() })
    }

    /// Proxy with its variables expanded, those of user and password percent-encoded.
    fn filled_proxy(&self, values: &mut Values) -> Result<String, HeaderError> {
        let (user, host) = self.proxy.split_at(self.proxy.rfind('@').map_or(0, |at| at + 1));
        let host = filled_host(HostField::Proxy, host, values)?;
        if values.hides_secrets {
            return Ok(format!("{user}{host}"));
        }
        let template = Template::parse(user).map_err(FillError::from);
        let user = template.and_then(|it| {
            let filled = it.fill_with(values, BRACES_IN_URL, |_, value| {
                utf8_percent_encode(value, NON_ALPHANUMERIC).into()
            })?;
            Ok(filled.into_owned())
        });
        Ok(user.map_err(|error| HeaderError::Host(HostField::Proxy, error))? + &host)
    }

    /// True if the value of a header of this name may be a secret: of any, unless it is known to have none, or the
    /// person says so of a name that is not a secret's.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        let name = name.trim();
        is_secret_name(name) || !is_plain_header(name) && !is_among(&self.plain, name)
    }

    /// Marks headers of this name as secret or not, as the person says.
    pub fn mark(&mut self, name: &str, is_secret: bool) {
        let name = name.trim();
        let Self { headers, plain, .. } = self;
        // Of headers that are gone, none is needed.
        let is_used =
            |it: &String| headers.iter().any(|(name, _)| name.trim().eq_ignore_ascii_case(it));
        plain.retain(|it| is_used(it) && !it.eq_ignore_ascii_case(name));
        if !is_secret && self.is_secret(name) && !is_secret_name(name) {
            self.plain.push(name.to_owned());
        }
    }

    /// Marks headers as plain that came with their values from where secrets are not stored.
    pub(crate) fn mark_stored(&mut self) {
        for (name, value) in self.headers.clone() {
            if !value.is_empty() && !is_by_variables(&value) {
                self.mark(&name, false);
            }
        }
    }

    /// Headers whose values may be secrets, of options whose variables are expanded.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &(String, String)> {
        self.headers.iter().filter(|(name, _)| !is_among(&self.plain, name))
    }

    /// Options of the next connection: what is for one connection is left out.
    #[must_use]
    pub fn without_exceptions(&self) -> Self {
        Self {
            accepts_any_certificate: false,
            accepted_certificate: None,
            follows_once: false,
            ..self.clone()
        }
    }

    /// Options as they are stored: without secrets, but for variables in their place, and what a person confirmed
    /// is asked for again.
    #[must_use]
    pub fn stored(&self) -> Self {
        let mut stored = Self { confirmed: Vec::new(), ..self.without_exceptions() };
        // A host in a secret variable is then asked about again.
        stored.bound_to.origin.clone_from(&self.bound_to.shown);
        for (name, value) in &mut stored.headers {
            if self.is_secret(name) && !is_by_variables(value) {
                value.clear();
            }
        }
        if let Some(at) = stored.proxy.rfind('@') {
            let start = stored.proxy.find("://").map_or(0, |scheme| scheme + 3).min(at);
            if !is_by_variables(&format!("Basic {}", &stored.proxy[start..at])) {
                // The sign stays, so that the person is asked for them.
                stored.proxy.replace_range(start..at, "");
            }
        }
        stored
    }

    /// True if a connection with `other` to one address would be the same: rows that are still empty are not sent.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        let trimmed = |options: &Self| {
            let (bound_to, plain) = Default::default();
            let mut options = Self { bound_to, plain, ..options.clone() };
            options.headers.retain(|(name, value)| !name.is_empty() || !value.is_empty());
            options
        };
        trimmed(self) == trimmed(other)
    }

    /// Takes the binding back if there is nothing to bind: what comes next is for another address.
    pub fn clear_unused_binding(&mut self) {
        if !self.is_origin_bound() {
            self.bound_to = Binding::default();
        }
    }

    /// Names of the headers, for a question.
    #[must_use]
    pub fn header_names(&self) -> Vec<String> {
        let names = self.headers.iter().map(|(name, _)| name.trim());
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// True if a certificate that is not trusted is accepted: any, or one.
    pub(crate) fn accepts_untrusted(&self) -> bool {
        self.accepts_any_certificate || self.accepted_certificate.is_some()
    }

    /// True if something of the options is for one address.
    fn is_origin_bound(&self) -> bool {
        let texts = [&self.certificate, &self.authorities, &self.address];
        !self.headers.is_empty()
            || self.accepts_untrusted()
            || texts.into_iter().any(|text| !text.is_empty())
    }

    /// Binds options that were not used yet to `address`, which is [`shown`](super::super::connect::shown_address) so.
    pub fn bind(&mut self, address: &Address, shown: &str) {
        self.clear_unused_binding();
        if self.is_origin_bound() && self.bound_to.origin.is_empty() {
            let shown = Address::parse(shown, false)
                .map_or_else(|_| authority_of(shown).to_owned(), |shown| shown.origin());
            self.bound_to = Binding { origin: address.origin(), shown };
        }
    }

    /// Binds the options to `address`, as the user confirmed.
    pub fn rebind(&mut self, address: &Address, shown: &str) {
        self.bound_to = Binding::default();
        self.bind(address, shown);
    }

    /// True if nothing of the options is for another address.
    pub(crate) fn applies_to(&self, address: &Address) -> bool {
        !self.is_origin_bound() || self.bound_to.origin == address.origin()
    }

    /// Networks that were confirmed for the host and port of `url`.
    fn confirmed_for(&self, url: &str) -> Vec<Network> {
        let Ok(address) = Address::parse(url, false) else { return Vec::new() };
        let confirmed = self.confirmed.iter().filter(|it| it.0 == address.authority());
        confirmed.map(|(_, network)| *network).collect()
    }

    /// Makes offers of permessage-deflate (RFC 7692) with these parameters, separated by commas.
    pub(crate) fn offer(&mut self, parameters: &str) {
        let offer = |parameters: &str| format!("permessage-deflate; {}", parameters.trim());
        self.offers = parameters.split(',').map(offer).collect::<Vec<_>>().join(", ");
    }

    /// Parameters of the offers, with commas between, as `wsbench --compression` has them. `None` for no offers, or one
    /// without parameters.
    pub(crate) fn offered_parameters(&self) -> Option<String> {
        let offers = self.offers.split(',').map(|offer| {
            let parameters =
                offer.trim().strip_prefix("permessage-deflate")?.trim().strip_prefix(';')?.trim();
            (!parameters.is_empty()).then_some(parameters)
        });
        Some(offers.collect::<Option<Vec<_>>>()?.join(","))
    }

    fn offers(&self) -> Vec<String> {
        if self.is_uncompressed {
            return Vec::new();
        }
        let offers = self.offers.split(',').map(str::trim).filter(|offer| !offer.is_empty());
        let offers: Vec<_> = offers.map(str::to_owned).collect();
        if offers.is_empty() { vec![BROWSERS_OFFER.to_owned()] } else { offers }
    }

    /// Command that opens a connection to `url`.
    pub(super) fn open(&self, url: &str, subprotocols: &[String]) -> Open {
        Open {
            url: url.to_owned(),
            headers: self.headers.clone(),
            subprotocols: subprotocols.to_vec(),
            offers: self.offers(),
            follow: self.follows_redirects || self.follows_once,
            insecure: self.accepts_any_certificate,
            accepted: self.accepted_certificate,
            confirmed: self.confirmed_for(url),
            certificate: self.certificate.clone(),
            authorities: self.authorities.clone(),
            proxy: self.proxy.trim().to_owned(),
            address: self.address.trim().to_owned(),
            timeout: self.time_limit.saturating_mul(1_000),
            ..Open::default()
        }
    }
}

/// True for the URL of a proxy, and for none.
fn is_proxy(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return url.is_empty() };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    PROXY_SCHEMES.iter().any(|it| scheme.eq_ignore_ascii_case(it))
        && Address::parse(&format!("ws://{host}"), false).is_ok()
}

/// Host with its variables expanded, of which none is a secret.
fn filled_host(field: HostField, text: &str, values: &mut Values) -> Result<String, HeaderError> {
    let wrong = |error| HeaderError::Host(field, error);
    let template = Template::parse(text).map_err(|error| wrong(error.into()))?;
    if template.names().any(is_secret_name) {
        return Err(HeaderError::SecretHost(field));
    }
    let filled =
        template.fill_with(values, BRACES_IN_URL, |_, value| value.replace('{', "%7B").into());
    filled.map(Cow::into_owned).map_err(wrong)
}

/// True if the value of a secret header has its secrets in variables: each of its parts, behind a scheme or a name.
#[must_use]
pub fn is_by_variables(value: &str) -> bool {
    let secret = authorization::secret_of(value);
    // That of `Basic` is cut off already.
    let is_whole = secret.len() == value.trim_start().len();
    let is_scheme = |word: &str| is_whole && word.bytes().all(|it| it.is_ascii_alphabetic());
    let scheme = secret.split_once(' ').filter(|(scheme, _)| is_scheme(scheme));
    let is_by = |part: &str| {
        let named = part.split_once('=').filter(|(name, _)| name.chars().all(is_token_character));
        is_in_variables(named.map_or(part, |(_, value)| value))
    };
    let parts = scheme.map_or(secret, |(_, rest)| rest).split([';', ',']).map(str::trim);
    parts.filter(|part| !part.is_empty()).all(is_by)
}

/// Error of a cookie that has a separator in its name or value.
#[must_use]
pub fn cookie_error((name, value): &(String, String)) -> Option<HeaderError> {
    let of_value = value.contains(';').then_some(HeaderError::CookieValue);
    if name.contains(['=', ';']) { Some(HeaderError::CookieName) } else { of_value }
}

/// True if a header of this name is among `names`.
fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Value of a header with its variables filled in, and true if one of them has a secret by its name; or the reason
/// that the header cannot be sent.
fn fill(
    name: &str,
    value: &str,
    is_secret: bool,
    values: &mut Values,
) -> Result<(String, bool), HeaderError> {
    if name.is_empty() || !name.chars().all(is_token_character) {
        return Err(HeaderError::Name);
    }
    if name.eq_ignore_ascii_case("proxy-authorization") {
        return Err(HeaderError::OfTheProxy);
    }
    if is_of_handshake(name) || is_of_connection(name) {
        return Err(HeaderError::OfTheHandshake(name.to_owned()));
    }
    if value.is_empty() && is_secret {
        let (name, is_marked) = (name.to_owned(), !is_secret_name(name));
        return Err(HeaderError::Missing { name, is_marked });
    }
    let typed = [(name.to_owned(), value.to_owned())];
    if let Some(error) = cookies::cookies(&typed).iter().find_map(cookie_error) {
        return Err(error);
    }
    if matches!(Authorization::of(&typed), Some(Authorization::Basic(user, _)) if user.contains(':'))
    {
        return Err(HeaderError::UserName);
    }
    let template = Template::parse(value).map_err(FillError::from)?;
    let has_secret = template.names().any(is_secret_name);
    let value = template.fill(values)?;
    let value = cookies::filled(name, &value).into_owned();
    // A placeholder in base64 would be none.
    let is_shown = values.hides_secrets && value.contains("{{");
    let value = if is_shown { value } else { authorization::sent(name, value) };
    if value.chars().any(|character| character.is_control() && character != '\t') {
        return Err(HeaderError::Value);
    }
    Ok((value, has_secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{pairs, values, with_headers};

    fn filled(name: &str, value: &str) -> Result<Vec<(String, String)>, String> {
        let filled = with_headers([("", ""), (name, value)]).filled(&values([("token", "abc")]));
        filled.map(|it| it.headers).map_err(|(_, error)| error.to_string())
    }

    #[test]
    fn variables_in_headers_are_expanded() {
        let header = Ok(pairs([("Authorization", "Bearer abc")]));
        assert_eq!(filled("Authorization", " Bearer {{token}} "), header);
        assert!(filled("Authorization", "{{nobody}}").unwrap_err().contains("nobody"));
    }

    #[test]
    fn a_proxy_is_a_url_and_an_address_is_one_of_ip() {
        let error = |proxy: &str, address: &str| {
            let (proxy, address) = (proxy.to_owned(), address.to_owned());
            let options = RelayOptions { proxy, address, ..RelayOptions::default() };
            options.filled(&Values::new(0)).err().and_then(|(_, error)| error.host_field())
        };
        for proxy in ["", " ", "http://p:3128/", "socks5://me:p%40w@[::1]", "HTTP://p"] {
            assert_eq!(error(proxy, ""), None, "{proxy}");
        }
        for proxy in ["nonsense://x", "p:3128", "http://", "http://p:x", "http:/p"] {
            assert_eq!(error(proxy, ""), Some(HostField::Proxy), "{proxy}");
        }
        for address in ["", " 127.0.0.1 ", "::1", "[::1]"] {
            assert_eq!(error("", address), None, "{address}");
        }
        for address in ["999.1", "localhost", "127.0.0.1:80"] {
            assert_eq!(error("", address), Some(HostField::Address), "{address}");
        }
    }

    #[test]
    fn variables_in_proxy_and_address_are_expanded_and_those_of_a_password_stored() {
        let secret = values([("pw", "s3cret")]);
        let typed = |proxy: &str, address: &str| {
            let (proxy, address) = (proxy.to_owned(), address.to_owned());
            RelayOptions { proxy, address, ..RelayOptions::default() }
        };
        let options = typed("http://me:{{pw}}@p:{{random 1 1}}", "::{{seq}}");
        let open = options.filled(&secret).unwrap().open("ws://a.test/", &[]);
        assert_eq!((&*open.proxy, &*open.address), ("http://me:s3cret@p:1", "::1"));
        assert_eq!(options.stored(), options);
        assert_eq!(typed("http://{{me}}:typed@p", "").stored().proxy, "http://@p");
        for (options, field) in [
            (typed("http://{{nobody}}", ""), HostField::Proxy),
            (typed("http://{{nobody}}@p", ""), HostField::Proxy),
            (typed("", "{{nobody}}"), HostField::Address),
        ] {
            let (at, error) = options.filled(&secret).unwrap_err();
            assert!(matches!(error, HeaderError::Host(of, _) if of == field), "{error}");
            assert_eq!(at, None);
        }
        // A password is none of the host, and a secret is in no host, which is shown.
        let filled = typed("http://me:{{pw}}@p", "").filled(&values([("pw", "p@x#1")]));
        assert_eq!(filled.unwrap().proxy, "http://me:p%40x%231@p");
        for (options, field) in [
            (typed("http://a@{{api_key}}.test", ""), HostField::Proxy),
            (typed("", "{{api_key}}"), HostField::Address),
        ] {
            let (_, error) = options.filled(&secret).unwrap_err();
            assert_eq!(error, HeaderError::SecretHost(field));
        }
    }

    #[test]
    fn a_user_is_encoded_once_its_variables_are_expanded() {
        let header = Ok(pairs([("Authorization", "Basic bWU6YWJj")]));
        assert_eq!(filled("Authorization", "Basic me:{{token}}"), header);
        let cookie = Ok(pairs([("Cookie", "sid=abc")]));
        assert_eq!(filled("Cookie", "sid={{token}}; "), cookie);
    }

    #[test]
    fn compression_is_offered_as_typed_and_the_time_limit_is_the_persons() {
        let open = |options: RelayOptions| options.open("ws://a.test/", &[]);
        let offers =
            " permessage-deflate; server_max_window_bits=9, permessage-deflate ".to_owned();
        let typed = RelayOptions { offers, time_limit: 12, ..RelayOptions::default() };
        let names = ["permessage-deflate; server_max_window_bits=9", "permessage-deflate"];
        assert_eq!(
            (open(typed.clone()).offers, open(typed.clone()).timeout),
            (names.map(str::to_owned).into(), 12_000)
        );
        assert_eq!(open(RelayOptions::default()).offers, [BROWSERS_OFFER]);
        assert!(open(RelayOptions { is_uncompressed: true, ..typed }).offers.is_empty());
    }

    #[test]
    fn headers_that_would_break_the_request_are_refused() {
        for (name, value) in [
            ("a b", "c"),
            ("", "c"),
            ("a:b", "c"),
            ("Höst", "c"),
            ("Host", "evil.test"),
            ("sec-websocket-KEY", "c"),
            ("Sec-WebSocket-Protocol", "c"),
            ("Transfer-Encoding", "chunked"),
            ("proxy-authorization", "Basic YTpi"),
            ("x", "a\r\nEvil: yes"),
            ("x", "a\0"),
        ] {
            assert!(filled(name, value).is_err(), "{name}: {value:?}");
        }
    }

    #[test]
    fn a_part_of_a_header_with_a_separator_is_refused() {
        let mut options = RelayOptions::default();
        let error = |options: &RelayOptions| options.filled(&Values::new(1)).unwrap_err();
        cookies::put_cookies(&pairs([("a", "b"), ("c=d", "e")]), &mut options.headers);
        assert_eq!(error(&options), (Some(0), HeaderError::CookieName));
        cookies::put_cookies(&pairs([("sid", "abc; theme=dark")]), &mut options.headers);
        assert_eq!(error(&options), (Some(0), HeaderError::CookieValue));
        let user = Authorization::Basic("a:b".to_owned(), "c".to_owned());
        Authorization::put(Some(&user), &mut options.headers);
        options.headers.remove(0);
        assert_eq!(error(&options), (Some(0), HeaderError::UserName));
        assert_eq!(cookie_error(&("a".to_owned(), "b=c".to_owned())), None);
        assert_eq!(filled("Cookie", "sid=abc; theme=dark").unwrap()[0].1, "sid=abc; theme=dark");
    }

    #[test]
    fn an_empty_row_changes_no_connection() {
        let one = with_headers([("a", "b")]);
        assert!(with_headers([("a", "b"), ("", "")]).is_equivalent(&one));
        assert!(!with_headers([("a", "c")]).is_equivalent(&one));
        assert!(!RelayOptions { proxy: "http://p".into(), ..one.clone() }.is_equivalent(&one));
    }

    #[test]
    fn a_certificate_is_accepted_for_one_connection() {
        let accepted_certificate = Some([7; 32]);
        let one = RelayOptions { accepted_certificate, ..RelayOptions::default() };
        let any = RelayOptions { accepts_any_certificate: true, ..RelayOptions::default() };
        for options in [one, any] {
            assert!(options.accepts_untrusted());
            assert_eq!(options.stored(), RelayOptions::default());
        }
    }

    #[test]
    fn no_secret_is_stored() {
        let options = with_headers([
            ("Authorization", "Bearer s3cret"),
            ("X-Api-Key", "s3cret"),
            ("Cookie", "id={{sid}}"),
            ("Origin", "https://example.org"),
            ("Authorization", "Basic me:{{pw}}"),
        ]);
        let options = RelayOptions { proxy: "http://me:s3cret@proxy:3128".to_owned(), ..options };
        let stored = options.stored();
        assert!(!format!("{stored:?}").contains("s3cret"), "{stored:?}");
        assert_eq!(stored.proxy, "http://@proxy:3128");
        let error = RelayOptions { headers: Vec::new(), ..stored.clone() }.filled(&Values::new(1));
        assert_eq!(error, Err((None, HeaderError::MissingOfProxy)));
        assert_eq!(stored.headers[2..], options.headers[2..]);
        for (name, typed) in [
            ("Authorization", "Basic {{me}}:s3cret"),
            ("Authorization", "Bearer {{tenant}}.s3cret"),
            ("X-Key", "s3cret-{{env}}"),
            ("X-Key", "{{env}}-s3cret"),
            ("X-Key", "{{{{s3cret"),
            ("X-Key", "{{my s3cret}}"),
            ("X-Key", "s3cretword {{n}}"),
            ("Cookie", "a={{a}}; word {{n}}"),
            ("Authorization", "Basic me:word {{n}}"),
            ("Cookie", "theme=dark; sid={{sid}}"),
        ] {
            let stored = with_headers([(name, typed)]).stored();
            assert_eq!(stored.headers, pairs([(name, "")]), "{typed}");
        }
        let kept = ["Bearer {{ token }}", "v1.{{key}}", "a={{b}}; c={{d}};", "Token token={{a}}"];
        assert!(kept.iter().all(|value| is_by_variables(value)), "{kept:?}");
        // The person is told, before anything is sent without it.
        let (index, error) = stored.filled(&Values::new(1)).unwrap_err();
        let (name, is_marked) = ("Authorization".to_owned(), false);
        assert_eq!((index, error), (Some(0), HeaderError::Missing { name, is_marked }));
        let bare = RelayOptions { proxy: "me:s3cret@proxy".to_owned(), ..options };
        assert_eq!(bare.stored().proxy, "@proxy");
    }

    #[test]
    fn a_header_is_secret_unless_it_is_known_or_said_to_have_none() {
        let mut options = with_headers([
            ("X-Pin", "PIN4711"),
            ("Origin", "https://example.org"),
            ("X-Tenant ", "acme"),
            ("Cookie", "theme=dark"),
            ("Accept-Language", "{{api_key}}"),
        ]);
        options.mark("x-tenant", false);
        options.mark("cookie", false);
        let stored: Vec<_> = options.stored().headers.into_iter().map(|(_, value)| value).collect();
        assert_eq!(stored, ["", "https://example.org", "acme", "", "{{api_key}}"]);
        // What is shown of a request: a variable in place of the value may be a secret, too.
        let filled = options.filled(&values([("api_key", "s3cret")])).unwrap();
        let secrets: Vec<_> = filled.secrets().map(|(name, _)| name.as_str()).collect();
        assert_eq!(secrets, ["X-Pin", "Cookie", "Accept-Language"]);
        // Empty, it is one that was not stored, unless the person says that it is none.
        options.headers = pairs([("X-Tenant", ""), ("X-Flag", "")]);
        let (index, error) = options.filled(&Values::new(1)).unwrap_err();
        let or = "X-Flag, or take off its mark Secret to send it empty.";
        assert!(index == Some(1) && error.to_string().contains(or), "{error}");
        options.mark("X-Flag", false);
        assert_eq!(options.filled(&Values::new(1)).unwrap().headers, options.headers);
        // A mark is of a header that is there.
        options.headers.clear();
        options.mark("X-Other", false);
        assert_eq!(options.plain, ["X-Other"]);
    }

    #[test]
    fn options_are_for_the_address_that_they_were_used_for() {
        let address = |url: &str| Address::parse(url, false).unwrap();
        let mut options = with_headers([("Cookie", "a=b")]);
        options.bind(&address("wss://Example.org/a"), "wss://Example.org/{{key}}");
        assert!(options.applies_to(&address("wss://example.org:443/b?c")));
        for other in ["ws://example.org/a", "wss://example.org:444/a", "wss://evil.example.org/a"] {
            options.bind(&address(other), other);
            assert!(!options.applies_to(&address(other)), "{other}");
        }
        assert!(options.stored().applies_to(&address("wss://example.org/")));
        options.rebind(&address("ws://other.example/"), "ws://other.example/");
        assert!(options.applies_to(&address("ws://other.example/")));
        assert!(!options.applies_to(&address("wss://example.org/a")));
        // What says nothing of one address is for all.
        let follows = RelayOptions { follows_redirects: true, ..RelayOptions::default() };
        assert!(follows.applies_to(&address("ws://other.example/")));
    }

    #[test]
    fn a_host_in_a_secret_variable_is_not_stored() {
        let address = Address::parse("wss://s3cret.example/", false).unwrap();
        let mut options = with_headers([("Origin", "https://a.example")]);
        options.bind(&address, "wss://{{api_key}}/");
        assert!(options.applies_to(&address));
        let stored = options.stored();
        assert!(!format!("{stored:?}").contains("s3cret"), "{stored:?}");
        // Another address is asked about, and this one, too.
        assert!(!stored.applies_to(&address));
        assert!(!stored.applies_to(&Address::parse("wss://other.example/", false).unwrap()));
    }

    #[test]
    fn a_network_is_confirmed_for_one_host() {
        let confirmed = vec![("example.org".to_owned(), Network::Private)];
        let options = RelayOptions { confirmed, ..RelayOptions::default() };
        let open = |url: &str| options.open(url, &[]);
        assert_eq!(open("ws://example.org/a").confirmed, [Network::Private]);
        assert!(open("ws://example.org:81/a").confirmed.is_empty());
        assert!(open("ws://other.example/a").confirmed.is_empty());
    }
}
