//! `/subprotocol`: a chosen subprotocol, offered or not.

use axum::http::{HeaderName, HeaderValue};

use crate::{
    endpoints::endpoint::{Endpoint, Group, Plan},
    websocket::handshake::response::{Negotiation, Subprotocol},
};

/// Characters of a subprotocol's name, at most.
const MAX_NAME: usize = 100;

/// Declares `/subprotocol`. It is no fault: a client that offers the subprotocol gets a valid
/// response.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Selects a given subprotocol, offered or not; echoes";
    let details = "A client must fail the connection if it did not offer the subprotocol (RFC 6455 section 4.1)";
    Endpoint::new("/subprotocol", Group::Handshake, summary, |options| {
        let accept = options.parsed_if(
            "accept",
            "Subprotocol to select. Default: none, whatever is offered",
            &format!("subprotocol name, a token of up to {MAX_NAME} characters"),
            token,
        );
        let subprotocol = accept.map_or(Subprotocol::Omitted, Subprotocol::Always);
        Plan::echo(Negotiation { subprotocol, ..Negotiation::default() })
    })
    .details(details)
}

/// Parses a token (RFC 9110 section 5.6.2).
fn token(text: &str) -> Option<HeaderValue> {
    // The name of a header is one, too.
    HeaderName::from_bytes(text.as_bytes()).ok().filter(|_| text.len() <= MAX_NAME)?;
    text.parse().ok()
}
