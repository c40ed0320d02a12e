//! Server's response: `Sec-WebSocket-Accept`, subprotocol, extensions (RFC 6455 section 4.2.2).

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use hyper::upgrade::OnUpgrade;
use protocol::{Deflate, accept_key};

use super::{
    compression::Compression,
    refusal::Refusal,
    request::{Handshake, OpeningMethod},
};

/// Choices of an endpoint for the response. Default: a valid response by RFC 6455.
#[derive(Clone, Debug, Default)]
pub(crate) struct Negotiation {
    /// `Sec-WebSocket-Extensions`: permessage-deflate or nothing.
    pub(crate) compress: Compress,
    /// `Sec-WebSocket-Protocol`.
    pub(crate) subprotocol: Subprotocol,
    /// `Sec-WebSocket-Extensions` in place of the negotiated one.
    pub(crate) extension: Option<HeaderValue>,
    /// `Sec-WebSocket-Accept`.
    pub(crate) accept_key: AcceptKey,
}

/// Messages to compress, for clients that offer permessage-deflate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Compress {
    /// By the server's [`Compression`] settings.
    #[default]
    AsConfigured,
    /// Every message that is not empty.
    All,
    /// No message: the extension is declined.
    Never,
    /// As [`Compress::All`]; refuses clients that do not offer it.
    Required,
}

/// Choice of the subprotocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Subprotocol {
    /// First one that the client offers: an echo fits any, and a browser fails a connection on which
    /// none is chosen.
    #[default]
    First,
    /// No subprotocol, even if the client offers some.
    Omitted,
    /// Given subprotocol, even if it was not offered.
    Always(HeaderValue),
}

/// Value of `Sec-WebSocket-Accept`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AcceptKey {
    /// Value for the client's key.
    #[default]
    Valid,
    /// Value for another key.
    Invalid,
    /// No such header.
    Missing,
}

impl Handshake {
    /// Checks that the client supports an endpoint's choices: it must offer a required extension, and
    /// not use HTTP/2 where `Sec-WebSocket-Accept` is to be wrong.
    pub(crate) fn check(&self, negotiation: &Negotiation) -> Result<(), Refusal> {
        if negotiation.compress == Compress::Required && self.deflate.is_none() {
            return Err(Refusal::NoDeflate);
        }
        if negotiation.accept_key != AcceptKey::Valid && self.is_http2() {
            return Err(Refusal::NoAcceptKey);
        }
        Ok(())
    }

    /// Negotiated compression parameters.
    pub(crate) fn deflate(
        &self,
        negotiation: &Negotiation,
        configured: &Compression,
    ) -> Option<Deflate> {
        let is_wanted = match negotiation.compress {
            Compress::AsConfigured => configured.offered && !self.saves_memory,
            Compress::All => !self.saves_memory,
            Compress::Required => true,
            Compress::Never => false,
        };
        self.deflate.filter(|_| is_wanted)
    }

    /// Negotiated subprotocol.
    pub(crate) fn subprotocol(&self, negotiation: &Negotiation) -> Option<HeaderValue> {
        match &negotiation.subprotocol {
            Subprotocol::First => self.subprotocol.clone(),
            Subprotocol::Omitted => None,
            Subprotocol::Always(name) => Some(name.clone()),
        }
    }

    /// Response that opens the WebSocket, with the compression parameters and the stream to come.
    pub(crate) fn accept(
        self,
        negotiation: Negotiation,
        configured: &Compression,
    ) -> (Response, Option<Deflate>, OnUpgrade) {
        let deflate = self.deflate(&negotiation, configured);
        let subprotocol = self.subprotocol(&negotiation);
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        let negotiated = || deflate.and_then(|deflate| deflate.to_string().try_into().ok());
        if let Some(extension) = negotiation.extension.or_else(negotiated) {
            headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, extension);
        }
        if let Some(subprotocol) = subprotocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
        }
        if let OpeningMethod::Upgrade(key) = self.opening {
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            let accept_key = match negotiation.accept_key {
                AcceptKey::Valid => Some(accept_key(key.as_bytes())),
                AcceptKey::Invalid => Some(accept_key(&[])),
                AcceptKey::Missing => None,
            };
            if let Some(accept_key) = accept_key.and_then(|it| it.try_into().ok()) {
                headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept_key);
            }
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        }
        (response, deflate, self.upgrade)
    }
}
