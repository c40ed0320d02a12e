//! Client's request, held to RFC 6455 section 4.2.1 and, over HTTP/2, to RFC 8441. A request that is
//! wrong is refused with the reason: clients are tested against this server.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header, request::Parts},
    routing::MethodFilter,
};
use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, PAD},
};
use hyper::{ext::Protocol, upgrade::OnUpgrade};
use protocol::{Deflate, NONCE_LEN, VERSION, negotiate};

use super::{origins::Origins, refusal::Refusal};
use crate::access::hosts::{self, only};

/// Methods that open a WebSocket: GET, over HTTP/2 CONNECT (RFC 8441 section 4).
pub(crate) const OPEN: MethodFilter = MethodFilter::GET.or(MethodFilter::CONNECT);

/// Base64 that also accepts nonzero bits after the last byte, as some clients send them.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// Checked request to open a WebSocket.
pub(crate) struct Handshake {
    /// Method of opening, which decides on the response.
    pub(super) opening: OpeningMethod,
    /// First subprotocol that the client offers.
    pub(super) subprotocol: Option<HeaderValue>,
    /// Compression parameters that fit the client's offer.
    pub(super) deflate: Option<Deflate>,
    /// Memory is short: no compression, unless the endpoint requires it.
    pub(crate) saves_memory: bool,
    /// Stream, once the response is sent.
    pub(super) upgrade: OnUpgrade,
}

/// Method of opening a WebSocket, by HTTP version.
pub(super) enum OpeningMethod {
    /// Upgrade of HTTP/1.1, with the value of `Sec-WebSocket-Key`.
    Upgrade(HeaderValue),
    /// Extended CONNECT of HTTP/2 (RFC 8441 section 4).
    Connect,
}

impl Handshake {
    /// Checks a request, and takes the stream to come out of it.
    ///
    /// # Errors
    /// First [`Refusal`] in this order: method and `Upgrade`, HTTP version, `Connection`, WebSocket
    /// version, key, origin, and a connection that cannot be upgraded.
    pub(crate) fn from_request(parts: &mut Parts, origins: &Origins) -> Result<Self, Refusal> {
        let opening = check(parts).map_err(|refusal| explain(refusal, parts, origins))?;
        let origin = parts.headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        origins.check(origin)?;
        let offers = parts.headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS);
        let deflate = negotiate(offers.iter().filter_map(|value| value.to_str().ok()));
        let subprotocol = first_token(&parts.headers, &header::SEC_WEBSOCKET_PROTOCOL);
        let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or(Refusal::Connection)?;
        Ok(Self { opening, subprotocol, deflate, saves_memory: false, upgrade })
    }

    /// True if the connection carries other requests and WebSockets, too.
    pub(crate) fn is_http2(&self) -> bool {
        matches!(self.opening, OpeningMethod::Connect)
    }
}

/// True if a request asks for a WebSocket at all, however wrongly.
pub(crate) fn is_websocket(parts: &Parts) -> bool {
    parts.method == Method::CONNECT || has_token(&parts.headers, &header::UPGRADE, "websocket")
}

/// Refusal of a page's WebSocket, for a page of this server that asks for it by a plain request. Such a
/// request has no `Origin`.
fn explain(refusal: Refusal, parts: &Parts, origins: &Origins) -> Refusal {
    let is_of_own_page =
        parts.headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    let host = hosts::of_request(parts).filter(|_| is_of_own_page);
    match (refusal, host.map(|host| origins.check_own(host.as_bytes()))) {
        (Refusal::NotAnUpgrade, Some(Err(origin))) => origin,
        (refusal, _) => refusal,
    }
}

/// Checks method, version and headers (RFC 6455 section 4.2.1, RFC 8441 section 4).
fn check(parts: &Parts) -> Result<OpeningMethod, Refusal> {
    let Parts { headers, version, .. } = parts;
    if *version == Version::HTTP_2 {
        let protocol = parts.extensions.get::<Protocol>();
        if !protocol.is_some_and(|it| it.as_str().eq_ignore_ascii_case("websocket")) {
            return Err(Refusal::NotAnUpgrade);
        }
        check_version(headers)?;
        return Ok(OpeningMethod::Connect);
    }
    if parts.method != Method::GET || !has_token(headers, &header::UPGRADE, "websocket") {
        return Err(Refusal::NotAnUpgrade);
    }
    if *version < Version::HTTP_11 {
        return Err(Refusal::HttpVersion);
    }
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(Refusal::NotAnUpgrade);
    }
    check_version(headers)?;
    let key = only(headers, &header::SEC_WEBSOCKET_KEY).ok_or(Refusal::Key)?;
    match BASE64.decode(key) {
        Ok(nonce) if nonce.len() == NONCE_LEN => Ok(OpeningMethod::Upgrade(key.clone())),
        _ => Err(Refusal::Key),
    }
}

/// Checks `Sec-WebSocket-Version`.
fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    let version = only(headers, &header::SEC_WEBSOCKET_VERSION);
    if version.is_some_and(|version| version == VERSION) {
        Ok(())
    } else {
        Err(Refusal::WebSocketVersion)
    }
}

/// True if a header's list contains `token`, ignoring case.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    list(headers, name).any(|found| found.eq_ignore_ascii_case(token))
}

/// True if the client offers a subprotocol.
pub(crate) fn offers_subprotocol(headers: &HeaderMap, name: &str) -> bool {
    list(headers, &header::SEC_WEBSOCKET_PROTOCOL).any(|offered| offered == name)
}

/// First member of a header's list.
fn first_token(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    list(headers, name).next().and_then(|token| token.parse().ok())
}

/// Members of a list, which may span several header lines (RFC 9110 section 5.6.1).
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|member| !member.is_empty())
}

#[cfg(test)]
impl Handshake {
    /// Handshake without offers and without a stream.
    pub(crate) fn dummy() -> Self {
        let upgrade = hyper::upgrade::on(axum::http::Request::new(()));
        let opening = OpeningMethod::Connect;
        Self { opening, subprotocol: None, deflate: None, saves_memory: false, upgrade }
    }
}

#[cfg(test)]
mod tests {
    use axum::{http::Request, response::IntoResponse};
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Checks the example of RFC 6455 section 1.3 with `changes`: other values of a header, or none.
    fn checked(changes: &[(HeaderName, &[&str])]) -> Result<(), Refusal> {
        let (mut parts, ()) = Request::new(()).into_parts();
        let headers = &mut parts.headers;
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        headers.insert(header::SEC_WEBSOCKET_KEY, key);
        for (name, values) in changes {
            headers.remove(name);
            for value in *values {
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
        }
        check(&parts).map(drop)
    }

    #[test]
    fn requests_of_browsers_are_accepted() {
        assert_eq!(checked(&[]), Ok(()));
        assert_eq!(checked(&[(header::CONNECTION, &["keep-alive, Upgrade"])]), Ok(()));
        assert_eq!(checked(&[(header::CONNECTION, &["keep-alive", "upgrade"])]), Ok(()));
        assert_eq!(checked(&[(header::UPGRADE, &["WebSocket"])]), Ok(()));
    }

    #[test]
    fn a_key_is_sixteen_bytes_in_base64_once() {
        let sixteen = "AAAAAAAAAAAAAAAAAAAAAA==";
        for good in [sixteen, "AAAAAAAAAAAAAAAAAAAAAB=="] {
            assert_eq!(checked(&[(header::SEC_WEBSOCKET_KEY, &[good])]), Ok(()), "{good}");
        }
        let bad: [&[&str]; 7] = [
            &[],
            &[""],
            &["AAAAAAAAAAAAAAAAAAAA"],     // fifteen bytes
            &["AAAAAAAAAAAAAAAAAAAAAAA="], // seventeen
            &["AAAAAAAAAAAAAAAAAAAAAA"],   // no padding
            &["AAAAAAAAAAAAAAAAAAAAA!=="], // not base64
            &[sixteen, sixteen],
        ];
        for values in bad {
            let answer = checked(&[(header::SEC_WEBSOCKET_KEY, values)]);
            assert_eq!(answer, Err(Refusal::Key), "{values:?}");
        }
    }

    /// Over HTTP/2 a browser names the host in the target.
    #[test]
    fn a_page_of_the_server_learns_over_http2_that_its_origin_is_not_allowed() {
        let mut request = Request::new(());
        *request.version_mut() = Version::HTTP_2;
        *request.uri_mut() = "https://localhost:8443/ws".parse().unwrap();
        request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        let (mut parts, ()) = request.into_parts();
        for (allowed, expected) in [
            ("https://example.com", Refusal::Origin),
            ("https://localhost:8443", Refusal::NotAnUpgrade),
        ] {
            let refused = Handshake::from_request(&mut parts, &Origins::only(&[allowed]));
            assert_eq!(refused.err(), Some(expected), "{allowed}");
        }
    }

    #[test]
    fn the_version_is_13_once() {
        let bad: [&[&str]; 6] = [&[], &[""], &["8"], &["013"], &["13, 8"], &["13", "13"]];
        for values in bad {
            let answer = checked(&[(header::SEC_WEBSOCKET_VERSION, values)]);
            assert_eq!(answer, Err(Refusal::WebSocketVersion), "{values:?}");
        }
    }

    /// Names of headers that the checks know, and one that they do not.
    const NAMES: [HeaderName; 8] = [
        header::UPGRADE,
        header::CONNECTION,
        header::SEC_WEBSOCKET_VERSION,
        header::SEC_WEBSOCKET_KEY,
        header::SEC_WEBSOCKET_EXTENSIONS,
        header::SEC_WEBSOCKET_PROTOCOL,
        header::ORIGIN,
        header::HOST,
    ];

    /// Checks the head of a request with these lines.
    fn opened(method: &str, is_http2: bool, lines: &[(usize, Vec<u8>)]) -> Result<bool, Refusal> {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = method.parse().unwrap();
        if is_http2 {
            parts.version = Version::HTTP_2;
            parts.extensions.insert(Protocol::from_static("websocket"));
        }
        for (name, value) in lines {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                parts.headers.append(&NAMES[*name], value);
            }
        }
        parts.extensions.insert(hyper::upgrade::on(Request::new(())));
        let origins = Origins::only(&["https://example.com"]);
        Handshake::from_request(&mut parts, &origins).map(|it| it.is_http2())
    }

    #[test]
    fn a_head_is_checked_in_linear_time() {
        for name in 0..NAMES.len() {
            let offers = |size| vec![(name, b"permessage-deflate,a;b=".repeat(size))];
            growth::assert_linear(1 << 11, offers, |lines| {
                let _ = opened("GET", false, &lines);
            });
            let lines = |size| vec![(name, b"a, b".to_vec()); size];
            growth::assert_linear(1 << 13, lines, |lines| {
                let _ = opened("CONNECT", true, &lines);
            });
        }
    }

    proptest! {
        #[test]
        fn any_head_is_accepted_or_refused_with_a_sentence(
            method in "GET|POST|CONNECT|A",
            is_http2: bool,
            lines in vec((0..NAMES.len(), prop_oneof![
                4 => "websocket|Upgrade|13|dGhlIHNhbXBsZSBub25jZQ==|https://example.com|permessage-deflate(; ?[a-z_]{0,30}(=\"?[0-9]{0,3}\"?)?){0,3}"
                    .prop_map(String::into_bytes),
                1 => vec(any::<u8>(), 0..40),
            ]), 0..8),
        ) {
            match opened(&method, is_http2, &lines) {
                Ok(found) => prop_assert_eq!(found, is_http2),
                Err(refusal) => {
                    prop_assert!(refusal.to_string().ends_with(['.', ')']));
                    prop_assert!(refusal.into_response().status().is_client_error());
                }
            }
        }
    }

    #[test]
    fn a_request_for_another_protocol_is_not_an_upgrade() {
        for (name, value) in [
            (header::UPGRADE, "h2c"),
            (header::UPGRADE, "websockets"),
            (header::CONNECTION, "close"),
        ] {
            assert_eq!(checked(&[(name, &[value])]), Err(Refusal::NotAnUpgrade), "{value}");
        }
    }
}
