//! `/subprotocol`: an answer of your choice to what the client offers.

use axum::http::HeaderValue;

use super::{Endpoint, Plan};
use crate::handshake::{Subprotocol, Terms};

/// Bytes of a subprotocol's name, at most.
const NAME: usize = 100;

pub(super) fn endpoint() -> Endpoint {
    let summary = "Chooses the subprotocol that you say, offered or not (a client fails a connection \
                   with one that it did not offer: RFC 6455 section 4.1), or none; echoes";
    Endpoint::new("/subprotocol", "Opens", summary, |ask| {
        let accept = ask.word_if(
            "accept",
            "The subprotocol; without it none is chosen, whatever is offered",
            &format!("the name of a subprotocol: a token of at most {NAME} characters"),
            token,
        );
        let subprotocol = accept.map_or(Subprotocol::Nothing, Subprotocol::Always);
        Plan::echo(Terms { subprotocol, ..Terms::default() })
    })
}

/// A token (RFC 9110 section 5.6.2).
fn token(text: &str) -> Option<HeaderValue> {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_token = (1..=NAME).contains(&text.len()) && text.bytes().all(is_token_byte);
    if is_token { text.parse().ok() } else { None }
}
