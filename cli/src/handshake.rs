//! The opening handshake (RFC 6455 section 4): the request, and what its answer must be.
//!
//! The engine could make it too, but shows neither what was sent nor all of an answer that refuses.

use std::{
    fmt::{self, Write},
    io,
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::{Instant, timeout_at},
};
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

use crate::target::{Address, Header, basic};

/// Bytes and lines in the head of an answer, at most.
const HEAD: usize = 64 << 10;
const HEADERS: usize = 128;

/// How much of the body of an answer that refuses is shown, and how long it is waited for.
const BODY: usize = 1 << 10;
const BODY_TIME: Duration = Duration::from_secs(1);

/// The request, and what its answer has to match.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    accept: String,
    subprotocols: Vec<String>,
}

/// What of a request the person chooses.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestOptions {
    pub(crate) headers: Vec<Header>,
    pub(crate) subprotocols: Vec<String>,
}

impl Request {
    /// A request for `address`, with a new key.
    pub(crate) fn new(address: &Address, options: &RequestOptions) -> Self {
        let key = generate_key();
        let given = |name: &str| {
            options.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
        };
        let mut head = format!("GET {} HTTP/1.1\r\n", address.resource());
        let mut line = |name: &str, value: &str| {
            for part in [name, ": ", value, "\r\n"] {
                head += part;
            }
        };
        if !given("Host") {
            line("Host", address.authority());
        }
        line("Connection", "Upgrade");
        line("Upgrade", "websocket");
        line("Sec-WebSocket-Version", "13");
        line("Sec-WebSocket-Key", &key);
        if !options.subprotocols.is_empty() {
            line("Sec-WebSocket-Protocol", &options.subprotocols.join(", "));
        }
        if !given("User-Agent") {
            line("User-Agent", concat!("wsbench/", env!("CARGO_PKG_VERSION")));
        }
        if let Some(user) = address.user().filter(|_| !given("Authorization")) {
            line("Authorization", &basic(&user));
        }
        for header in &options.headers {
            line(&header.name, &header.value);
        }
        head += "\r\n";
        let accept = derive_accept_key(key.as_bytes());
        Self { head, accept, subprotocols: options.subprotocols.clone() }
    }

    /// Whether `answer` opens the WebSocket; gives the subprotocol that was chosen.
    pub(crate) fn check(&self, answer: &Answer) -> Result<Option<String>, HandshakeError> {
        let flaw = |flaw: &str| Err(HandshakeError::Flaw(flaw.to_owned()));
        if !answer.names("upgrade", "websocket") {
            return flaw("it has no header Upgrade: websocket");
        }
        if !answer.names("connection", "upgrade") {
            return flaw("it has no header Connection: Upgrade");
        }
        match answer.header("sec-websocket-accept") {
            Some(accept) if accept == self.accept => {}
            Some(_) => return flaw("its Sec-WebSocket-Accept does not fit the request's key"),
            None => return flaw("it has no header Sec-WebSocket-Accept"),
        }
        if let Some(extension) = answer.header("sec-websocket-extensions") {
            let flaw = format!("it chose the extension {extension}, which was not offered");
            return Err(HandshakeError::Flaw(flaw));
        }
        match answer.header("sec-websocket-protocol") {
            Some(chosen) if !self.subprotocols.iter().any(|offered| offered == chosen) => {
                let flaw = format!("it chose the subprotocol {chosen}, which was not offered");
                Err(HandshakeError::Flaw(flaw))
            }
            chosen => Ok(chosen.map(str::to_owned)),
        }
    }
}

/// Why there is no WebSocket though something answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it ended the connection without an answer")]
    Ended,
    #[error("it does not answer in HTTP but with {0}")]
    NotHttp(String),
    #[error("the head of its answer is longer than {} KiB", HEAD >> 10)]
    TooLong,
    #[error("it answered with HTTP status {}", .0.status_line())]
    Refused(Box<Answer>),
    #[error("its answer breaks RFC 6455: {0}")]
    Flaw(String),
}

/// An HTTP answer: its head, and what was read beyond it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    reason: String,
    headers: Vec<(String, String)>,
    pub(crate) rest: Vec<u8>,
}

impl Answer {
    pub(crate) fn status_line(&self) -> String {
        format!("{} {}", self.status, self.reason).trim_end().to_owned()
    }

    /// Names and values, as they came.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (&**name, &**value))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether `token` is in the list that the header holds.
    fn names(&self, name: &str, token: &str) -> bool {
        self.headers()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split(','))
            .any(|item| item.trim().eq_ignore_ascii_case(token))
    }

    /// Reads on in an answer that refuses, as far as it is shown, and comes before `until`.
    pub(crate) async fn read_body(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        until: Instant,
    ) {
        let is_chunked = self.names("transfer-encoding", "chunked");
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        let wanted = length.unwrap_or(BODY).min(BODY);
        let reading = async {
            while self.rest.len() < wanted && !(is_chunked && dechunk(&self.rest).1) {
                let mut piece = [0; BODY];
                match stream.read(&mut piece).await {
                    Ok(count @ 1..) => self.rest.extend_from_slice(&piece[..count]),
                    _ => break,
                }
            }
        };
        // What has come until then is enough.
        let _ = timeout_at(until.min(Instant::now() + BODY_TIME), reading).await;
        if is_chunked {
            self.rest = dechunk(&self.rest).0;
        }
        self.rest.truncate(wanted);
    }

    /// Headers and the start of the body, as they are shown beneath a sentence.
    pub(crate) fn details(&self) -> String {
        let mut details = String::new();
        for (name, value) in self.headers() {
            // Writing to a String cannot fail.
            let _ = write!(details, "\n  {name}: {value}");
        }
        let body = String::from_utf8_lossy(&self.rest);
        if !body.trim().is_empty() {
            details += "\n";
            for line in body.trim_end().lines() {
                let _ = write!(details, "\n  {line}");
            }
        }
        details
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "< HTTP/1.1 {}", self.status_line())?;
        for (name, value) in self.headers() {
            write!(f, "\n< {name}: {value}")?;
        }
        Ok(())
    }
}

/// Reads the head of an answer.
pub(crate) async fn read_answer(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Answer, HandshakeError> {
    let mut read = Vec::new();
    loop {
        if let Some(answer) = parse(&read)? {
            return Ok(answer);
        }
        if read.len() >= HEAD {
            return Err(HandshakeError::TooLong);
        }
        let mut chunk = [0; 4 << 10];
        match stream.read(&mut chunk).await? {
            0 if read.is_empty() => return Err(HandshakeError::Ended),
            0 => return Err(HandshakeError::NotHttp(start_of(&read))),
            count => read.extend_from_slice(&chunk[..count]),
        }
    }
}

fn parse(read: &[u8]) -> Result<Option<Answer>, HandshakeError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(read) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(end)) => Ok(Some(Answer {
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
        })),
        Err(httparse::Error::TooManyHeaders) => Err(HandshakeError::TooLong),
        Err(_) => Err(HandshakeError::NotHttp(start_of(read))),
    }
}

/// The data in chunks (RFC 9112 section 7.1), as far as they came; whether that is all.
fn dechunk(mut chunked: &[u8]) -> (Vec<u8>, bool) {
    let mut data = Vec::new();
    loop {
        match httparse::parse_chunk_size(chunked) {
            Ok(httparse::Status::Complete((start, size))) if size > 0 => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                let chunk = &chunked[start..];
                data.extend_from_slice(&chunk[..size.min(chunk.len())]);
                // A line break follows.
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

/// The first line of what came, quoted.
fn start_of(read: &[u8]) -> String {
    let line = read.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let text = String::from_utf8_lossy(&line[..line.len().min(60)]);
    format!("'{}'", text.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let options =
            RequestOptions { headers: Vec::new(), subprotocols: vec!["a".into(), "b".into()] };
        Request::new(&"ws://localhost:1/x?y".parse().unwrap(), &options)
    }

    fn answer(request: &Request, more: &str) -> Answer {
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\
             Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {}\r\n{more}\r\n\r\nrest",
            request.accept
        );
        parse(head.replace("\r\n\r\n\r\n", "\r\n\r\n").as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_good_answer_opens_and_keeps_what_follows() {
        let request = request();
        let good = answer(&request, "Sec-WebSocket-Protocol: b");
        assert_eq!(request.check(&good).unwrap().as_deref(), Some("b"));
        assert_eq!(good.rest, b"rest");
        assert_eq!(request.check(&answer(&request, "")).unwrap(), None);
    }

    #[test]
    fn chunks_are_put_together() {
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
    fn each_flaw_is_named() {
        let request = request();
        let flaw = |answer: Answer| request.check(&answer).unwrap_err().to_string();
        let without = |name: &str| {
            let mut answer = answer(&request, "");
            answer.headers.retain(|(other, _)| other != name);
            answer
        };
        assert!(flaw(without("Upgrade")).contains("no header Upgrade"));
        assert!(flaw(without("Connection")).contains("no header Connection"));
        assert!(flaw(without("Sec-WebSocket-Accept")).contains("no header Sec-WebSocket-Accept"));
        let protocol = answer(&request, "Sec-WebSocket-Protocol: c");
        assert!(flaw(protocol).contains("subprotocol c"));
        let extension = answer(&request, "Sec-WebSocket-Extensions: permessage-deflate");
        assert!(flaw(extension).contains("extension permessage-deflate"));
        let other = Request::new(&"ws://localhost".parse().unwrap(), &RequestOptions::default());
        let error = other.check(&answer(&request, "")).unwrap_err();
        assert!(error.to_string().contains("does not fit"));
    }
}
