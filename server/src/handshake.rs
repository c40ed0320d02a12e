//! The opening handshake, held to RFC 6455 section 4.2.1 and, over HTTP/2, to RFC 8441.
//!
//! A server that clients are tested against must say what is wrong.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header, request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, PAD, STANDARD},
};
use hyper::{ext::Protocol, upgrade::OnUpgrade};
use protocol::{Deflate, negotiate};
use sha1::{Digest, Sha1};

use crate::{Compression, Server};

/// The only version there is (RFC 6455 section 4.1, item 9).
const VERSION: &str = "13";
/// Bytes of the nonce in `Sec-WebSocket-Key` (item 7).
const KEY_LEN: usize = 16;
/// What the server adds to the key to show that it speaks WebSocket (RFC 6455 section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Takes what encodes sixteen bytes, also where a client filled the last bits with something.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// A request that opens a WebSocket, checked.
pub(crate) struct Handshake {
    opening: Opening,
    /// The first subprotocol that the client named.
    subprotocol: Option<HeaderValue>,
    deflate: Option<Deflate>,
    upgrade: OnUpgrade,
}

/// How a WebSocket is opened.
enum Opening {
    /// By an upgrade of HTTP/1.1, with this key.
    Upgrade(HeaderValue),
    /// By an extended CONNECT of HTTP/2 (RFC 8441 section 4).
    Connect,
}

/// What an endpoint makes of a handshake. By default it is answered as RFC 6455 has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) compress: Compress,
    pub(crate) subprotocol: Subprotocol,
    /// Stands for what was agreed on.
    pub(crate) extension: Option<HeaderValue>,
    pub(crate) proof: Proof,
}

/// What is compressed, for clients that offer it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Compress {
    /// As [`Compression`] says.
    #[default]
    AsSet,
    /// Every message with a byte to compress.
    All,
    /// None: the extension is not agreed.
    Nothing,
    /// As [`Compress::All`], and clients that do not offer it are refused.
    Insist,
}

/// Which subprotocol is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Subprotocol {
    /// The first that the client named. Any will do for an echo, and a browser fails a connection
    /// on which none is chosen.
    #[default]
    First,
    /// None.
    Nothing,
    /// This one, also when it was not offered.
    Always(HeaderValue),
}

/// What `Sec-WebSocket-Accept` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Proof {
    #[default]
    Right,
    /// What fits another key.
    Wrong,
    Missing,
}

impl Handshake {
    /// Whether an endpoint can have its way with this client.
    pub(crate) fn meets(&self, terms: &Terms) -> Result<(), Refusal> {
        if terms.compress == Compress::Insist && self.deflate.is_none() {
            return Err(Refusal::NoDeflate);
        }
        if terms.proof != Proof::Right && self.shares_connection() {
            return Err(Refusal::NoProof);
        }
        Ok(())
    }

    /// The compression that is agreed on.
    pub(crate) fn deflate(&self, terms: &Terms, set: &Compression) -> Option<Deflate> {
        let is_wanted = match terms.compress {
            Compress::AsSet => set.offered,
            Compress::All | Compress::Insist => true,
            Compress::Nothing => false,
        };
        self.deflate.filter(|_| is_wanted)
    }

    /// Whether the WebSocket is one of several on its connection.
    pub(crate) fn shares_connection(&self) -> bool {
        matches!(self.opening, Opening::Connect)
    }

    /// The answer that opens the WebSocket, what was agreed on, and the connection to come.
    pub(crate) fn accept(
        self,
        terms: Terms,
        set: &Compression,
    ) -> (Response, Option<Deflate>, OnUpgrade) {
        let deflate = self.deflate(&terms, set);
        let subprotocol = self.subprotocol(&terms);
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        let agreed = || deflate.and_then(|deflate| deflate.to_string().try_into().ok());
        if let Some(extension) = terms.extension.or_else(agreed) {
            headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, extension);
        }
        if let Some(subprotocol) = subprotocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
        }
        if let Opening::Upgrade(key) = self.opening {
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            let proof = match terms.proof {
                Proof::Right => Some(proof(key.as_bytes())),
                Proof::Wrong => Some(proof(&[])),
                Proof::Missing => None,
            };
            if let Some(proof) = proof.and_then(|proof| proof.try_into().ok()) {
                headers.insert(header::SEC_WEBSOCKET_ACCEPT, proof);
            }
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        }
        (response, deflate, self.upgrade)
    }

    /// The subprotocol that is chosen.
    pub(crate) fn subprotocol(&self, terms: &Terms) -> Option<HeaderValue> {
        match &terms.subprotocol {
            Subprotocol::First => self.subprotocol.clone(),
            Subprotocol::Nothing => None,
            Subprotocol::Always(name) => Some(name.clone()),
        }
    }
}

/// `Sec-WebSocket-Accept` for a key (RFC 6455 section 4.2.2, item 5.4).
fn proof(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// Why a request opens no WebSocket, in a sentence for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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
    #[error("Pages of this origin may not connect. The server's --allow-origin says which may.")]
    Origin,
    #[error("This connection cannot be upgraded.")]
    Connection,
    #[error("This endpoint is for clients that offer permessage-deflate (RFC 7692).")]
    NoDeflate,
    #[error("Over HTTP/2 there is no Sec-WebSocket-Accept (RFC 8441 section 5). Use HTTP/1.1.")]
    NoProof,
}

/// A request was refused; its reason in the metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused(pub(crate) &'static str);

impl Refusal {
    /// Its name in the metrics.
    fn label(self) -> &'static str {
        match self {
            Self::NotAnUpgrade => "upgrade",
            Self::HttpVersion => "http_version",
            Self::WebSocketVersion => "version",
            Self::Key => "key",
            Self::Host => "host",
            Self::Origin => "origin",
            Self::Connection => "connection",
            Self::NoDeflate | Self::NoProof => "endpoint",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotAnUpgrade | Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::HttpVersion
            | Self::Key
            | Self::Host
            | Self::Connection
            | Self::NoDeflate
            | Self::NoProof => StatusCode::BAD_REQUEST,
        };
        let mut response = (status, format!("{self}\n")).into_response();
        if status == StatusCode::UPGRADE_REQUIRED {
            let headers = response.headers_mut();
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        }
        response.extensions_mut().insert(Refused(self.label()));
        response
    }
}

impl FromRequestParts<Arc<Server>> for Handshake {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Refusal> {
        let opening = check(parts)?;
        let origin = parts.headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        if !server.config.origins.allow(origin) {
            return Err(Refusal::Origin);
        }
        let offers = parts.headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS);
        let deflate = negotiate(offers.iter().filter_map(|value| value.to_str().ok()));
        let subprotocol = first_token(&parts.headers, &header::SEC_WEBSOCKET_PROTOCOL);
        let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or(Refusal::Connection)?;
        Ok(Self { opening, subprotocol, deflate, upgrade })
    }
}

/// `None` for a request that does not ask for a WebSocket at all.
impl OptionalFromRequestParts<Arc<Server>> for Handshake {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Arc<Server>,
    ) -> Result<Option<Self>, Refusal> {
        if parts.method != Method::CONNECT
            && !has_token(&parts.headers, &header::UPGRADE, "websocket")
        {
            return Ok(None);
        }
        <Self as FromRequestParts<_>>::from_request_parts(parts, server).await.map(Some)
    }
}

/// Counts what was refused, and why.
pub(crate) async fn count_refusal(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    let response = next.run(request).await;
    if let Some(Refused(reason)) = response.extensions().get() {
        server.metrics.refused(reason);
    }
    Ok(response)
}

/// Refuses a request with several Hosts, and one of HTTP/1.1 without any.
pub(crate) async fn check_host(request: Request, next: Next) -> Result<Response, Infallible> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return Ok(Refusal::Host.into_response());
    }
    Ok(next.run(request).await)
}

fn check(parts: &Parts) -> Result<Opening, Refusal> {
    let Parts { headers, version, .. } = parts;
    if *version == Version::HTTP_2 {
        let protocol = parts.extensions.get::<Protocol>();
        if !protocol.is_some_and(|it| it.as_str().eq_ignore_ascii_case("websocket")) {
            return Err(Refusal::NotAnUpgrade);
        }
        check_version(headers)?;
        return Ok(Opening::Connect);
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
        Ok(nonce) if nonce.len() == KEY_LEN => Ok(Opening::Upgrade(key.clone())),
        _ => Err(Refusal::Key),
    }
}

fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    let version = only(headers, &header::SEC_WEBSOCKET_VERSION);
    if version.is_some_and(|version| version == VERSION) {
        Ok(())
    } else {
        Err(Refusal::WebSocketVersion)
    }
}

/// The header's value, if it is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether `token` is in the header's list, in any case.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    list(headers, name).any(|found| found.eq_ignore_ascii_case(token))
}

fn first_token(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    list(headers, name).next().and_then(|token| token.parse().ok())
}

/// The members of a list, which may go over several lines (RFC 9110 section 5.6.1).
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|member| !member.is_empty())
}

#[cfg(test)]
impl Handshake {
    /// One that agrees on nothing and leads nowhere.
    pub(crate) fn of_nobody() -> Self {
        let upgrade = hyper::upgrade::on(Request::new(()));
        Self { opening: Opening::Connect, subprotocol: None, deflate: None, upgrade }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455 section 1.3, with `changes`: a value for a header, or none.
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
    fn what_browsers_send_is_taken() {
        assert_eq!(checked(&[]), Ok(()));
        assert_eq!(checked(&[(header::CONNECTION, &["keep-alive, Upgrade"])]), Ok(()));
        assert_eq!(checked(&[(header::CONNECTION, &["keep-alive", "upgrade"])]), Ok(()));
        assert_eq!(checked(&[(header::UPGRADE, &["WebSocket"])]), Ok(()));
    }

    #[test]
    fn the_proof_is_that_of_the_rfc() {
        assert_eq!(proof(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
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
