//! Refused handshakes: reason, HTTP status, metrics label.
//!
//! HTTP 426 for a request that is not an upgrade or has another WebSocket version, 403 for an origin
//! that is not allowed, 421 for a host that is not this server, 400 for any other error.

use axum::{
    Extension,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use protocol::VERSION;

/// Reason a request opens no WebSocket, as a sentence for its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Other request, such as one of a browser's address bar; or `Upgrade` and `Connection` without
    /// their tokens.
    #[error(
        "This is a WebSocket endpoint. Open it with a WebSocket client: \
         the page at /, or `wsbench ws://…` in a terminal."
    )]
    NotAnUpgrade,
    /// HTTP/1.0 or earlier.
    #[error("A WebSocket requires HTTP/1.1 or later (RFC 6455 section 4.1).")]
    HttpVersion,
    /// Another version, such as one of the drafts, none, or several.
    #[error("Sec-WebSocket-Version must be 13, given once (RFC 6455 section 4.1, item 9).")]
    WebSocketVersion,
    /// Missing, repeated or malformed key.
    #[error(
        "Sec-WebSocket-Key must be 16 bytes in base64, given once \
         (RFC 6455 section 4.1, item 7)."
    )]
    Key,
    /// Missing, repeated or malformed host.
    #[error("Host must be given once, as a host name or address (RFC 9112 section 3.2).")]
    Host,
    /// Host of another server, as by DNS rebinding.
    #[error(
        "Host not allowed. To allow the name, start the server with --allow-host NAME, or \
         --allow-host '*' for any."
    )]
    HostNotAllowed,
    /// Page of an origin that is not listed.
    #[error("Origin not allowed. The server's --allow-origin lists the allowed ones.")]
    Origin,
    /// Client that is no browser, or hides its page.
    #[error(
        "Origin missing: the server allows only those of its --allow-origin. \
         --allow-no-origin allows programs, which send none."
    )]
    NoOrigin,
    /// Request to the relay by another page than the server's own.
    #[error(
        "The relay only serves the page of this server: at localhost, 127.0.0.1 or [::1] with its port, \
         or a name of --listen or --allow-host, and with the same Origin."
    )]
    NotOwnPage,
    /// Request to the relay by another user of the machine.
    #[error(
        "The relay only serves the user who started this server. Start your own server; --relay on with \
         --relay-for-others lets every user of this machine connect as that user."
    )]
    AnotherUser,
    /// Connection that hyper does not hand over.
    #[error("This connection cannot be upgraded.")]
    Connection,
    /// Client without the extension that the endpoint is about.
    #[error("This endpoint requires a client that offers permessage-deflate (RFC 7692).")]
    NoDeflate,
    /// HTTP/2, at an endpoint about the accept key.
    #[error("HTTP/2 has no Sec-WebSocket-Accept (RFC 8441 section 5). Use HTTP/1.1.")]
    NoAcceptKey,
}

/// Metrics label of a refused request, in the extensions of its response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused(pub(crate) &'static str);

impl Refusal {
    /// Label of the metric `wsbench_refused_total`.
    fn label(self) -> &'static str {
        match self {
            Self::NotAnUpgrade => "upgrade",
            Self::HttpVersion => "http_version",
            Self::WebSocketVersion => "version",
            Self::Key => "key",
            Self::Host | Self::HostNotAllowed => "host",
            Self::Origin | Self::NoOrigin | Self::NotOwnPage => "origin",
            Self::AnotherUser => "user",
            Self::Connection => "connection",
            Self::NoDeflate | Self::NoAcceptKey => "endpoint",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotAnUpgrade | Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Self::Origin | Self::NoOrigin | Self::NotOwnPage | Self::AnotherUser => {
                StatusCode::FORBIDDEN
            }
            Self::HostNotAllowed => StatusCode::MISDIRECTED_REQUEST,
            Self::HttpVersion
            | Self::Key
            | Self::Host
            | Self::Connection
            | Self::NoDeflate
            | Self::NoAcceptKey => StatusCode::BAD_REQUEST,
        };
        let refused = Extension(Refused(self.label()));
        let mut response = (status, refused, format!("{self}\n")).into_response();
        if status == StatusCode::UPGRADE_REQUIRED {
            let headers = response.headers_mut();
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        }
        response
    }
}
