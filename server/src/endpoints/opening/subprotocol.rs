//! `/subprotocol`: a chosen subprotocol, offered or not.

use axum::http::HeaderValue;

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
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_token = (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_token_byte);
    if is_token { text.parse().ok() } else { None }
}
