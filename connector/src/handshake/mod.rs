//! Opening handshake (RFC 6455 section 4): request, response, and the checks on it.
//!
//! The headers that make it one are `protocol`'s; here are the others.

mod head;
mod response;

use std::io;

use protocol::{ClientHandshake, NONCE_LEN, Negotiated, Offer};
use session::visible_line;

pub(crate) use self::response::read_response;
use self::response::{MAX_HEAD, MAX_HEADERS};
pub use self::{head::Head, response::Response};
use crate::{
    header::{Header, basic_auth},
    server_url::ServerUrl,
};

/// Characters of the server's text in a sentence, at most.
const MAX_EXCERPT: usize = 200;

/// Handshake request, with the expectations on its response.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Request line and headers, as sent.
    pub(crate) head: Head,
    /// Key and offers, to check the response against.
    handshake: ClientHandshake,
}

/// Headers, subprotocols and compression chosen by the user.
#[derive(Clone, Debug, Default)]
pub struct RequestOptions {
    /// Headers beside the handshake's own.
    pub headers: Vec<Header>,
    /// Subprotocols, preferred first.
    pub subprotocols: Vec<String>,
    /// Offers of permessage-deflate, preferred first.
    pub offers: Vec<Offer>,
}

impl Request {
    /// Request for `url`, with a new random key.
    pub(crate) fn new(url: &ServerUrl, options: &RequestOptions) -> io::Result<Self> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(io::Error::from)?;
        let handshake =
            ClientHandshake::new(nonce, options.subprotocols.clone(), options.offers.clone());
        let given = |name: &str| {
            options.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
        };
        let mut head = format!("GET {} HTTP/1.1\r\n", url.resource());
        let mut line = |name: &str, value: &str| {
            for part in [name, ": ", value, "\r\n"] {
                head += part;
            }
        };
        if !given("Host") {
            line("Host", url.authority());
        }
        for (name, value) in handshake.headers() {
            line(name, &value);
        }
        if !given("User-Agent") {
            line("User-Agent", concat!("wsbench/", env!("CARGO_PKG_VERSION")));
        }
        if let Some(credentials) = url.credentials().filter(|_| !given("Authorization")) {
            line("Authorization", &basic_auth(&credentials));
        }
        for header in &options.headers {
            line(&header.name, &header.value);
        }
        head += "\r\n";
        Ok(Self { head: Head::new(head.into_bytes()), handshake })
    }

    /// Checks that `response` opens the WebSocket (RFC 6455 section 4.1). Returns the negotiated
    /// parameters.
    pub(crate) fn check(&self, response: &Response) -> Result<Negotiated, HandshakeError> {
        let headers = response.head.headers();
        let headers: Vec<_> =
            headers.map(|(name, value)| (name, String::from_utf8_lossy(value))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        let checked = self.handshake.check(&headers);
        checked.map_err(|error| HandshakeError::Invalid(excerpt(&error.to_string())))
    }
}

/// Handshake failure on an open stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    /// Error of the stream below.
    #[error("{}", io_error_kind(.0))]
    Io(#[from] io::Error),
    /// End of the stream before the end of the response.
    #[error("the connection was closed without a response")]
    Closed,
    /// TLS alert in place of a response.
    #[error("the server expects TLS")]
    ExpectsTls,
    /// Other bytes, with an excerpt of them.
    #[error("the response is not HTTP but {0}")]
    NotHttp(String),
    /// Response without an end within the bound.
    #[error("the response head is longer than {} KiB", MAX_HEAD >> 10)]
    TooLong,
    /// Response with more headers than are read.
    #[error("the response has more than {MAX_HEADERS} headers")]
    TooManyHeaders,
    /// Response with a malformed header (RFC 9110 section 5), with an excerpt of it.
    #[error("the response has an invalid header: {0}")]
    InvalidHeader(String),
    /// Response that RFC 6455 section 4.1 has a client refuse, with the reason.
    #[error("the response violates RFC 6455: {0}")]
    Invalid(String),
}

/// Text of an I/O error without the system's number: `connection refused`.
#[must_use]
pub fn io_error_kind(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(_) => text.split(" (os error").next().unwrap_or_default().to_lowercase(),
        None => text,
    }
}

/// Start of a text of the server, escaped, for a sentence.
pub(crate) fn excerpt(text: &str) -> String {
    visible_line(&session::excerpt(text, MAX_EXCERPT)).into_owned()
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use protocol::accept_key;

    use super::*;

    fn request() -> Request {
        let subprotocols = vec!["a".into(), "b".into()];
        let options = RequestOptions { subprotocols, ..RequestOptions::default() };
        Request::new(&"ws://localhost:1/x?y".parse().unwrap(), &options).unwrap()
    }

    fn response(request: &Request, more: &str) -> Response {
        let headers = request.handshake.headers();
        let key = headers.iter().find(|(name, _)| *name == "Sec-WebSocket-Key").unwrap();
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\
             Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {}\r\n{more}\r\n\r\nrest",
            accept_key(key.1.as_bytes())
        );
        let head = head.replace("\r\n\r\n\r\n", "\r\n\r\n");
        read_response(&mut head.as_bytes()).now_or_never().expect("it never waits").unwrap()
    }

    #[test]
    fn a_valid_response_opens_and_keeps_the_bytes_after_it() {
        let request = request();
        let good = response(&request, "Sec-WebSocket-Protocol: b");
        assert_eq!(request.check(&good).unwrap().subprotocol.as_deref(), Some("b"));
        assert_eq!(good.body, b"rest");
        assert_eq!(request.check(&response(&request, "")).unwrap(), Negotiated::default());
    }

    #[test]
    fn each_violation_is_named() {
        let request = request();
        let error = |response: Response| request.check(&response).unwrap_err().to_string();
        let without = |name: &str| {
            let mut response = response(&request, "");
            let head = String::from_utf8(response.head.as_bytes().to_vec()).unwrap();
            response.head = Head::new(head.replace(&format!("\n{name}"), "\nOther").into());
            response
        };
        assert!(error(without("Upgrade")).contains("header Upgrade: websocket is missing"));
        assert!(error(without("Connection")).contains("header Connection: Upgrade is missing"));
        assert!(
            error(without("Sec-WebSocket-Accept"))
                .contains("header Sec-WebSocket-Accept is missing")
        );
        let protocol = response(&request, "Sec-WebSocket-Protocol: c");
        assert!(error(protocol).contains("subprotocol c"));
        let extension = response(&request, "Sec-WebSocket-Extensions: permessage-deflate");
        assert!(error(extension).contains("extension permessage-deflate"));
        let long = response(&request, &format!("Sec-WebSocket-Protocol: {}", "c".repeat(60_000)));
        assert!(error(long).len() < 400);
        let other =
            Request::new(&"ws://localhost".parse().unwrap(), &RequestOptions::default()).unwrap();
        let error = other.check(&response(&request, "")).unwrap_err();
        assert!(error.to_string().contains("does not match"));
    }
}
