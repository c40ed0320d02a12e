//! The opening handshake, held to RFC 6455 section 4.2.1.
//!
//! The engine below takes any key, says nothing of version 13 to a client of another version, and
//! does not ask for a Host. A server that clients are tested against must say what is wrong.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, Request, WebSocketUpgrade},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header, request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, PAD},
};

/// The only version there is (RFC 6455 section 4.1, item 9).
const VERSION: &str = "13";
/// Bytes of the nonce in `Sec-WebSocket-Key` (item 7).
const KEY_LEN: usize = 16;

/// Takes what encodes sixteen bytes, also where a client filled the last bits with something.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// A request that opens a WebSocket, checked.
pub(crate) struct Handshake(pub(crate) WebSocketUpgrade);

/// Why a request opens no WebSocket, in a sentence for whoever sent it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "This is a WebSocket endpoint. Open it with a WebSocket client: \
         the page at /, or `wsbench ws://…` in a terminal."
    )]
    NotAnUpgrade,
    #[error("A WebSocket is opened with HTTP/1.1 or later (RFC 6455 section 4.1).")]
    HttpVersion,
    #[error("Sec-WebSocket-Version must be 13, once (RFC 6455 section 4.1, item 9).")]
    WebSocketVersion,
    #[error(
        "Sec-WebSocket-Key must be given once and be 16 bytes in base64 \
         (RFC 6455 section 4.1, item 7)."
    )]
    Key,
    #[error("Host must be given once (RFC 9112 section 3.2).")]
    Host,
    #[error("This connection cannot be upgraded.")]
    Engine,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotAnUpgrade | Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Self::HttpVersion | Self::Key | Self::Host | Self::Engine => StatusCode::BAD_REQUEST,
        };
        let mut response = (status, format!("{self}\n")).into_response();
        if status == StatusCode::UPGRADE_REQUIRED {
            let headers = response.headers_mut();
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        }
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Handshake {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        if parts.method != Method::GET {
            return Err(Refusal::NotAnUpgrade);
        }
        check(parts.version, &parts.headers)?;
        // The engine wants each of these alone, where HTTP allows a list and several lines.
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        parts.headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        match WebSocketUpgrade::from_request_parts(parts, state).await {
            Ok(upgrade) => Ok(Self(upgrade)),
            Err(_) => Err(Refusal::Engine),
        }
    }
}

/// `None` for a request that does not ask for a WebSocket at all.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Handshake {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refusal> {
        if !has_token(&parts.headers, &header::UPGRADE, "websocket") {
            return Ok(None);
        }
        <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some)
    }
}

/// Refuses a request with several Hosts, and one of HTTP/1.1 without any.
pub(crate) async fn require_host(request: Request, next: Next) -> Result<Response, Infallible> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return Ok(Refusal::Host.into_response());
    }
    Ok(next.run(request).await)
}

fn check(version: Version, headers: &HeaderMap) -> Result<(), Refusal> {
    if !has_token(headers, &header::UPGRADE, "websocket") {
        return Err(Refusal::NotAnUpgrade);
    }
    if version < Version::HTTP_11 {
        return Err(Refusal::HttpVersion);
    }
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(Refusal::NotAnUpgrade);
    }
    if only(headers, &header::SEC_WEBSOCKET_VERSION).is_none_or(|value| value != VERSION) {
        return Err(Refusal::WebSocketVersion);
    }
    let key = only(headers, &header::SEC_WEBSOCKET_KEY).map(|key| BASE64.decode(key));
    if !key.is_some_and(|key| key.is_ok_and(|key| key.len() == KEY_LEN)) {
        return Err(Refusal::Key);
    }
    Ok(())
}

/// The header's value, if it is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether `token` is in the header's list, in any case (RFC 9110 section 5.6.1).
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|found| found.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455 section 1.3, with `changes`: a value for a header, or none.
    fn checked(changes: &[(HeaderName, &[&str])]) -> Result<(), Refusal> {
        let mut headers = HeaderMap::new();
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
        check(Version::HTTP_11, &headers)
    }

    #[test]
    fn what_browsers_send_is_taken() {
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

    #[test]
    fn the_version_is_13_once() {
        let bad: [&[&str]; 6] = [&[], &[""], &["8"], &["013"], &["13, 8"], &["13", "13"]];
        for values in bad {
            let answer = checked(&[(header::SEC_WEBSOCKET_VERSION, values)]);
            assert_eq!(answer, Err(Refusal::WebSocketVersion), "{values:?}");
        }
    }

    #[test]
    fn a_request_for_something_else_is_no_handshake() {
        for (name, value) in [
            (header::UPGRADE, "h2c"),
            (header::UPGRADE, "websockets"),
            (header::CONNECTION, "close"),
        ] {
            assert_eq!(checked(&[(name, &[value])]), Err(Refusal::NotAnUpgrade), "{value}");
        }
    }
}
