//! Request headers and subprotocols, as typed on the command line.

use std::str::FromStr;

use base64::{Engine, prelude::BASE64_STANDARD};
use session::{is_of_handshake, is_token_character};

/// Header field of the handshake request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Name, as typed.
    pub name: String,
    /// Value, without control characters except tab.
    pub value: String,
}

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once(':').ok_or("a header is written like 'Name: value'")?;
        if !is_token(name) {
            return Err(format!("'{name}' is not a valid header name"));
        }
        if name.eq_ignore_ascii_case("sec-websocket-protocol") {
            return Err("subprotocols have an option of their own".to_owned());
        }
        if is_of_handshake(name) {
            return Err(format!("{name} belongs to the handshake"));
        }
        Ok(Self { name: name.to_owned(), value: header_value(value.trim())? })
    }
}

/// Header value: text without control characters except tab.
///
/// # Errors
///
/// A sentence part that names the character.
pub fn header_value(text: &str) -> Result<String, String> {
    match text.chars().find(|character| character.is_control() && *character != '\t') {
        Some(character) => Err(format!("a header cannot contain {}", character.escape_default())),
        None => Ok(text.to_owned()),
    }
}

/// Subprotocol name (RFC 6455 section 4.1): a token.
///
/// # Errors
///
/// A sentence part that defines a subprotocol.
pub fn subprotocol(text: &str) -> Result<String, String> {
    if is_token(text) {
        Ok(text.to_owned())
    } else {
        Err("a subprotocol is a word without spaces or separators".to_owned())
    }
}

/// True for a `token` of RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_character)
}

/// Value of an Authorization header for `NAME:PASSWORD` (Basic, RFC 7617).
#[must_use]
pub fn basic_auth(credentials: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_checked() {
        let header: Header = "X-Id:  a: b ".parse().unwrap();
        assert_eq!((&*header.name, &*header.value), ("X-Id", "a: b"));
        for text in ["X-Id", ": a", "X Id: a", "X: a\r\nY: b", "Upgrade: a"] {
            assert!(text.parse::<Header>().is_err(), "{text}");
        }
    }
}
