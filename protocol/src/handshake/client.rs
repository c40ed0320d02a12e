//! Client's side of the opening handshake (RFC 6455 section 4.1): headers of the request, and the check of
//! the response to it.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    accept_key,
    extension::{Deflate, ExtensionError, Offer},
};

/// Bytes of the nonce in `Sec-WebSocket-Key` (RFC 6455 section 4.1, item 7).
pub const NONCE_LEN: usize = 16;

/// WebSocket protocol version (RFC 6455 section 4.1, item 9).
pub const VERSION: &str = "13";

/// Request for a WebSocket, and the offers that its response is checked against.
#[derive(Clone, Debug)]
pub struct ClientHandshake {
    /// Value of `Sec-WebSocket-Key`: 16 random bytes in base64.
    key: String,
    /// Offered subprotocols, preferred first.
    subprotocols: Vec<String>,
    /// Offers of permessage-deflate, preferred first.
    offers: Vec<Offer>,
}

/// Result of the opening handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// Subprotocol that the server selected.
    pub subprotocol: Option<String>,
    /// Parameters of permessage-deflate, if the server accepted it.
    pub deflate: Option<Deflate>,
}

/// Response that opens no WebSocket (RFC 6455 section 4.1). Texts of the server are as received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// No `Upgrade: websocket`.
    #[error("the header Upgrade: websocket is missing")]
    Upgrade,
    /// No `Connection: Upgrade`.
    #[error("the header Connection: Upgrade is missing")]
    Connection,
    /// No `Sec-WebSocket-Accept`.
    #[error("the header Sec-WebSocket-Accept is missing")]
    NoAcceptKey,
    /// `Sec-WebSocket-Accept` for another key.
    #[error("Sec-WebSocket-Accept does not match the key of the request")]
    AcceptKey,
    /// Header that must not appear more than once (sections 11.3.3 and 11.3.4).
    #[error("the header {0} appears more than once")]
    Repeated(&'static str),
    /// Subprotocol that was not offered.
    #[error("the subprotocol {0} was not offered")]
    Subprotocol(String),
    /// Extension that was not offered, or not so.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
}

impl ClientHandshake {
    /// Creates a request that offers `subprotocols`, and permessage-deflate in the order of `offers`.
    /// `nonce` "must be selected randomly for each connection" (RFC 6455 section 4.1, item 7).
    #[must_use]
    pub fn new(nonce: [u8; NONCE_LEN], subprotocols: Vec<String>, offers: Vec<Offer>) -> Self {
        Self { key: STANDARD.encode(nonce), subprotocols, offers }
    }

    /// Names and values of the headers that ask for a WebSocket. `Host` and the request line are not among
    /// them.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("Connection", "Upgrade".to_owned()),
            ("Upgrade", "websocket".to_owned()),
            ("Sec-WebSocket-Version", VERSION.to_owned()),
            ("Sec-WebSocket-Key", self.key.clone()),
        ];
        if !self.subprotocols.is_empty() {
            headers.push(("Sec-WebSocket-Protocol", self.subprotocols.join(", ")));
        }
        if !self.offers.is_empty() {
            let offers = self.offers.iter().map(Offer::to_string).collect::<Vec<_>>();
            headers.push(("Sec-WebSocket-Extensions", offers.join(", ")));
        }
        headers
    }

    /// Checks the headers of a response with status 101. `headers` are names and values, as received.
    ///
    /// # Errors
    /// First [`HandshakeError`] in this order: `Upgrade`, `Connection`, `Sec-WebSocket-Accept`,
    /// `Sec-WebSocket-Extensions`, `Sec-WebSocket-Protocol`.
    pub fn check(&self, headers: &[(&str, &str)]) -> Result<Negotiated, HandshakeError> {
        let values = |name: &'static str| {
            let headers = headers.iter().filter(move |(it, _)| it.eq_ignore_ascii_case(name));
            headers.map(|(_, value)| *value)
        };
        let has_token = |name, token: &str| {
            let mut items = values(name).flat_map(|value| value.split(','));
            items.any(|item| item.trim().eq_ignore_ascii_case(token))
        };
        let only = |name| {
            let mut values = values(name);
            let first = values.next();
            match values.next() {
                Some(_) => Err(HandshakeError::Repeated(name)),
                None => Ok(first.map(str::trim)),
            }
        };
        if !has_token("Upgrade", "websocket") {
            return Err(HandshakeError::Upgrade);
        }
        if !has_token("Connection", "upgrade") {
            return Err(HandshakeError::Connection);
        }
        let accept = only("Sec-WebSocket-Accept")?.ok_or(HandshakeError::NoAcceptKey)?;
        if accept != accept_key(self.key.as_bytes()) {
            return Err(HandshakeError::AcceptKey);
        }
        let deflate = Deflate::from_response(&self.offers, values("Sec-WebSocket-Extensions"))?;
        let subprotocol = only("Sec-WebSocket-Protocol")?.map(str::to_owned);
        match subprotocol {
            Some(chosen) if !self.subprotocols.contains(&chosen) => {
                Err(HandshakeError::Subprotocol(chosen))
            }
            subprotocol => Ok(Negotiated { subprotocol, deflate }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Response to the example of RFC 6455 section 1.3, with `changes`: another value of a header, or none.
    fn checked(changes: &[(&str, Option<&str>)]) -> Result<Negotiated, HandshakeError> {
        let subprotocols = vec!["chat".to_owned(), "superchat".to_owned()];
        let handshake =
            ClientHandshake::new(*b"the sample nonce", subprotocols, vec![Offer::BROWSER]);
        assert_eq!(handshake.key, "dGhlIHNhbXBsZSBub25jZQ==");
        let mut headers = vec![
            ("upgrade", "WebSocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ];
        for (name, value) in changes {
            match value {
                Some(value) => headers.push((name, value)),
                None => headers.retain(|(it, _)| it != name),
            }
        }
        handshake.check(&headers)
    }

    #[test]
    fn a_valid_response_opens() {
        assert_eq!(checked(&[]), Ok(Negotiated::default()));
        let negotiated = checked(&[
            ("Sec-WebSocket-Protocol", Some("superchat")),
            ("Sec-WebSocket-Extensions", Some("permessage-deflate")),
        ]);
        let expected = Negotiated {
            subprotocol: Some("superchat".to_owned()),
            deflate: Some(Deflate::default()),
        };
        assert_eq!(negotiated, Ok(expected));
    }

    #[test]
    fn each_violation_has_its_error() {
        let accept = "sec-websocket-accept";
        for (changes, expected) in [
            (&[("upgrade", None)][..], HandshakeError::Upgrade),
            (&[("upgrade", None), ("upgrade", Some("h2c"))], HandshakeError::Upgrade),
            (&[("connection", None)], HandshakeError::Connection),
            (&[(accept, None)], HandshakeError::NoAcceptKey),
            (&[(accept, None), (accept, Some("AAAA"))], HandshakeError::AcceptKey),
            (&[(accept, Some("AAAA"))], HandshakeError::Repeated("Sec-WebSocket-Accept")),
            (
                &[("sec-websocket-protocol", Some("Chat"))],
                HandshakeError::Subprotocol("Chat".to_owned()),
            ),
            (
                &[
                    ("sec-websocket-protocol", Some("chat")),
                    ("sec-websocket-protocol", Some("chat")),
                ],
                HandshakeError::Repeated("Sec-WebSocket-Protocol"),
            ),
            (
                &[("sec-websocket-extensions", Some("x-other"))],
                ExtensionError::NotOffered("x-other".to_owned()).into(),
            ),
        ] {
            assert_eq!(checked(changes), Err(expected), "{changes:?}");
        }
    }

    #[test]
    fn only_what_there_is_to_offer_is_offered() {
        let names = |subprotocols: &[&str], offers: &[Offer]| {
            let subprotocols = subprotocols.iter().copied().map(str::to_owned).collect();
            let handshake = ClientHandshake::new([0; NONCE_LEN], subprotocols, offers.to_vec());
            handshake.headers().into_iter().skip(4).collect::<Vec<_>>()
        };
        assert_eq!(names(&[], &[]), []);
        let both = names(&["a", "b"], &[Offer::BROWSER, Offer::default()]);
        let offers = "permessage-deflate; client_max_window_bits, permessage-deflate".to_owned();
        let expected =
            [("Sec-WebSocket-Protocol", "a, b".to_owned()), ("Sec-WebSocket-Extensions", offers)];
        assert_eq!(both, expected);
    }
}
