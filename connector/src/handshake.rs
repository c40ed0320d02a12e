//! Opening handshake (RFC 6455 section 4): request, response, and the checks on it.
//!
//! The headers that make it one are `protocol`'s; here are the others, and a refusal as a person sees it.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    io,
    mem::take,
    time::Duration,
};

use protocol::{ClientHandshake, NONCE_LEN, Negotiated, Offer};
use session::visible_line;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::{Instant, timeout_at},
};

use crate::{
    header::{Header, basic_auth},
    secret::{redact, redact_line},
    server_url::ServerUrl,
};

/// Maximum size of a response head, in bytes and in headers.
const MAX_HEAD: usize = 64 << 10;
const MAX_HEADERS: usize = 128;

/// Content type of a TLS alert (RFC 8446 section 5.1): the answer of a TLS server to plain HTTP.
const TLS_ALERT: u8 = 21;

/// Maximum size and time of the body of a refusal: it is shown to a person.
const MAX_BODY: usize = 1 << 10;
const BODY_TIMEOUT: Duration = Duration::from_secs(1);

/// Characters of the server's text in a sentence, at most.
const MAX_EXCERPT: usize = 200;

/// Handshake request, and what its response must match.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Request line and headers, as sent.
    pub(crate) head: String,
    handshake: ClientHandshake,
}

/// Headers, subprotocols and compression chosen by the user.
#[derive(Clone, Debug, Default)]
pub struct RequestOptions {
    /// Headers beside those of the handshake.
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
        Ok(Self { head, handshake })
    }

    /// Lines of the request for display.
    pub(crate) fn lines(&self, shows_secrets: bool) -> impl Iterator<Item = Cow<'_, str>> {
        let lines = self.head.trim_end().lines();
        lines.map(move |line| if shows_secrets { line.into() } else { redact_line(line) })
    }

    /// Checks that `response` opens the WebSocket (RFC 6455 section 4.1). Returns what was agreed on.
    pub(crate) fn check(&self, response: &Response) -> Result<Negotiated, HandshakeError> {
        let headers = response.headers().collect::<Vec<_>>();
        self.handshake
            .check(&headers)
            .map_err(|error| HandshakeError::Invalid(excerpt(&error.to_string())))
    }
}

/// Handshake failure on an open stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the connection was closed without a response")]
    Closed,
    #[error("the server expects TLS")]
    ExpectsTls,
    #[error("the response is not HTTP but {0}")]
    NotHttp(String),
    #[error("the response head is longer than {} KiB", MAX_HEAD >> 10)]
    TooLong,
    #[error("HTTP status {}", .0.status_line())]
    Refused(Box<Response>),
    #[error("the response violates RFC 6455: {0}")]
    Invalid(String),
}

/// HTTP response: its head, and the bytes read beyond it.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// Names and values of the headers, as received: with credentials.
    pub headers: Vec<(String, String)>,
    pub(crate) rest: Vec<u8>,
    /// Show credentials in headers.
    pub(crate) shows_secrets: bool,
}

impl Response {
    /// True for a status that redirects to the Location header.
    pub(crate) fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }

    /// True if the server says that it expects TLS at this port.
    pub(crate) fn expects_tls(&self) -> bool {
        // nginx, Apache and Go write "HTTPS port" or "HTTPS server".
        self.status == 400 && self.rest.windows(5).any(|word| word == b"HTTPS")
    }

    /// Status code and reason phrase.
    pub(crate) fn status_line(&self) -> String {
        excerpt(format!("{} {}", self.status, self.reason).trim_end())
    }

    /// Header lines for display.
    fn header_lines(&self) -> impl Iterator<Item = String> {
        self.headers().map(|(name, value)| {
            let value = if self.shows_secrets { value.into() } else { redact(name, value) };
            format!("{name}: {}", visible_line(&value))
        })
    }

    /// Names and values, as received.
    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Value of a header, by case-insensitive name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// True if the comma-separated list of a header contains `token`.
    fn has_token(&self, name: &str, token: &str) -> bool {
        self.headers()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split(','))
            .any(|item| item.trim().eq_ignore_ascii_case(token))
    }

    /// Reads the start of the body, until `deadline` at most.
    pub(crate) async fn read_body(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        deadline: Instant,
    ) {
        let is_chunked = self.has_token("transfer-encoding", "chunked");
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        let wanted = length.unwrap_or(MAX_BODY).min(MAX_BODY);
        let reading = async {
            while self.rest.len() < wanted && !(is_chunked && dechunk(&self.rest).1) {
                let mut piece = [0; MAX_BODY];
                match stream.read(&mut piece).await {
                    Ok(count @ 1..) => self.rest.extend_from_slice(&piece[..count]),
                    _ => break,
                }
            }
        };
        // A partial body is enough.
        let _ = timeout_at(deadline.min(Instant::now() + BODY_TIMEOUT), reading).await;
        if is_chunked {
            self.rest = dechunk(&self.rest).0;
        }
        self.rest.truncate(wanted);
    }

    /// Headers and the start of the body, indented, for display below an error.
    pub(crate) fn details(&self) -> String {
        let mut details = String::new();
        for line in self.header_lines() {
            // Writing to a String cannot fail.
            let _ = write!(details, "\n  {line}");
        }
        let body = String::from_utf8_lossy(&self.rest);
        if !body.trim().is_empty() {
            details += "\n";
            for line in body.trim_end().lines() {
                let _ = write!(details, "\n  {}", visible_line(line));
            }
        }
        details
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "< HTTP/1.1 {}", self.status_line())?;
        for line in self.header_lines() {
            write!(f, "\n< {line}")?;
        }
        Ok(())
    }
}

/// Reads the head of a response.
pub(crate) async fn read_response(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Response, HandshakeError> {
    let mut read = Vec::new();
    let mut head = HeadEnd::default();
    let mut parsed = 0;
    loop {
        // Else only once it has doubled: a head that trickles in is not parsed from its start each time.
        if take(&mut head.is_complete) || read.len() >= 2 * parsed {
            parsed = read.len();
            if let Some(response) = parse(&read)? {
                return Ok(response);
            }
        }
        if read.len() >= MAX_HEAD {
            return Err(HandshakeError::TooLong);
        }
        let mut chunk = [0; 4 << 10];
        match stream.read(&mut chunk).await? {
            0 if read.is_empty() => return Err(HandshakeError::Closed),
            0 => return Err(HandshakeError::NotHttp(first_line(&read))),
            count => {
                head.look(&chunk[..count]);
                read.extend_from_slice(&chunk[..count]);
            }
        }
    }
}

/// Search for the empty line that ends a head, in one piece after the other.
#[derive(Default)]
struct HeadEnd {
    /// True after the first byte of the status line: empty lines before it are ignored.
    has_begun: bool,
    is_line_empty: bool,
    is_complete: bool,
}

impl HeadEnd {
    fn look(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\r' => {}
                b'\n' => {
                    self.is_complete |= self.has_begun && self.is_line_empty;
                    self.is_line_empty = true;
                }
                _ => (self.has_begun, self.is_line_empty) = (true, false),
            }
        }
    }
}

/// Parses a response head; `None` while it is incomplete.
fn parse(read: &[u8]) -> Result<Option<Response>, HandshakeError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(read) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(end)) => Ok(Some(Response {
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_owned(),
            headers: response
                .headers
                .iter()
                .map(|header| {
                    let value = String::from_utf8_lossy(header.value).into_owned();
                    (header.name.to_owned(), value)
                })
                .collect(),
            rest: read[end..].to_vec(),
            shows_secrets: false,
        })),
        Err(httparse::Error::TooManyHeaders) => Err(HandshakeError::TooLong),
        Err(_) if read.first() == Some(&TLS_ALERT) => Err(HandshakeError::ExpectsTls),
        Err(_) => Err(HandshakeError::NotHttp(first_line(read))),
    }
}

/// Decodes a chunked body (RFC 9112 section 7.1) as far as received. True if it is complete.
fn dechunk(mut chunked: &[u8]) -> (Vec<u8>, bool) {
    let mut data = Vec::new();
    loop {
        match httparse::parse_chunk_size(chunked) {
            Ok(httparse::Status::Complete((start, size))) if size > 0 => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                let chunk = &chunked[start..];
                data.extend_from_slice(&chunk[..size.min(chunk.len())]);
                // CRLF follows the chunk.
                let next = size.saturating_add(2);
                if next >= chunk.len() {
                    return (data, false);
                }
                chunked = &chunk[next..];
            }
            Ok(httparse::Status::Partial) => return (data, false),
            _ => return (data, true),
        }
    }
}

/// Start of a text of the server, escaped, for a sentence.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_EXCERPT) {
        Some((end, _)) => format!("{}…", visible_line(&text[..end])),
        None => visible_line(text).into_owned(),
    }
}

/// First line received, quoted and escaped.
fn first_line(read: &[u8]) -> String {
    let line = read.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let text = String::from_utf8_lossy(&line[..line.len().min(60)]);
    format!("'{}'", visible_line(&text.escape_debug().to_string()))
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    use futures::FutureExt;
    use protocol::accept_key;
    use tokio::io::ReadBuf;

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
        parse(head.replace("\r\n\r\n\r\n", "\r\n\r\n").as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_valid_response_opens_and_keeps_the_bytes_after_it() {
        let request = request();
        let good = response(&request, "Sec-WebSocket-Protocol: b");
        assert_eq!(request.check(&good).unwrap().subprotocol.as_deref(), Some("b"));
        assert_eq!(good.rest, b"rest");
        assert_eq!(request.check(&response(&request, "")).unwrap(), Negotiated::default());
    }

    /// Stream of which each read gives one byte.
    struct Trickle(Vec<u8>, usize);

    impl AsyncRead for Trickle {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            buffer.put_slice(self.0.get(self.1..=self.1).unwrap_or_default());
            self.1 += 1;
            Poll::Ready(Ok(()))
        }
    }

    fn trickled(head: &str) -> Result<Response, HandshakeError> {
        let mut stream = Trickle(head.as_bytes().to_vec(), 0);
        read_response(&mut stream).now_or_never().expect("it never waits")
    }

    #[test]
    fn a_head_that_trickles_in_is_read_in_linear_time() {
        for (before, within) in [("", "a"), ("\r\n", "")] {
            growth::assert_linear(
                MAX_HEAD / 2 - 64,
                |size| {
                    let (before, within) = (before.repeat(size), within.repeat(size));
                    format!("{before}HTTP/1.1 101 x\r\na: b{within}\r\n\r\n")
                },
                |head| drop(trickled(&head).unwrap()),
            );
        }
        let response = trickled("\r\n\nHTTP/1.1 200 OK\nA: b\n\n").unwrap();
        assert_eq!((response.status, response.header("a")), (200, Some("b")));
        assert!(matches!(trickled("220 ready\r\n"), Err(HandshakeError::NotHttp(_))));
    }

    #[test]
    fn chunked_bodies_are_decoded() {
        let dechunked = |text: &str| {
            let (data, is_whole) = dechunk(text.as_bytes());
            (String::from_utf8(data).unwrap(), is_whole)
        };
        assert_eq!(dechunked("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), ("abcde".into(), true));
        assert_eq!(dechunked("3\r\nabc\r\n5\r\nde"), ("abcde".into(), false));
        assert_eq!(dechunked("ffffffffffffffff\r\nab"), ("ab".into(), false));
        assert_eq!(dechunked(""), (String::new(), false));
    }

    #[test]
    fn each_violation_is_named() {
        let request = request();
        let error = |response: Response| request.check(&response).unwrap_err().to_string();
        let without = |name: &str| {
            let mut response = response(&request, "");
            response.headers.retain(|(other, _)| other != name);
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
