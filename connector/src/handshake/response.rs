//! Responses: read in bounds, parsed, and the start of a refusal's body.

use std::{borrow::Cow, io, time::Duration};

use session::is_secret_name;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::{Instant, timeout_at},
};

use super::{HandshakeError, Head, excerpt};
use crate::secret::REDACTED;

/// Maximum size of the status line and headers of a response, in bytes.
pub(super) const MAX_HEAD: usize = 64 << 10;
/// Maximum number of headers in a response.
pub(super) const MAX_HEADERS: usize = 128;

/// Content type of a TLS alert (RFC 8446 section 5.1): the answer of a TLS server to plain HTTP.
const TLS_ALERT: u8 = 21;

/// Maximum size of a refusal's body, in bytes: it is shown to the user.
const MAX_BODY: usize = 4 << 10;
/// Time limit for a refusal's body: a server may keep the connection open without one.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);

/// HTTP response.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Status line and headers, as received: with credentials.
    pub head: Head,
    /// Start of the body of a refusal: at most 4 KiB, received within a second.
    pub body: Vec<u8>,
}

impl Response {
    /// Reason phrase, as text.
    #[must_use]
    pub fn reason(&self) -> Cow<'_, str> {
        let reason = self.head.start_line().splitn(3, |byte| *byte == b' ').nth(2);
        String::from_utf8_lossy(reason.unwrap_or_default())
    }

    /// Status code and reason phrase, escaped, for a sentence.
    #[must_use]
    pub fn status_line(&self) -> String {
        excerpt(format!("{} {}", self.status, self.reason()).trim_end())
    }

    /// Start of the body, if it is a text in UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match std::str::from_utf8(&self.body) {
            Ok(text) => Some(text),
            // It is cut within a character.
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&self.body[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        }
    }

    /// True for a status that redirects to the Location header.
    pub(crate) fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }

    /// True if the server says that it expects TLS at this port.
    pub(crate) fn expects_tls(&self) -> bool {
        // nginx, Apache and Go write "HTTPS port" or "HTTPS server".
        self.status == 400 && self.body.windows(5).any(|word| word == b"HTTPS")
    }

    /// True if the comma-separated list of a header contains `token`.
    fn has_token(&self, name: &str, token: &str) -> bool {
        let is_token = |item: &str| item.trim().eq_ignore_ascii_case(token);
        self.head.values(name).any(|value| value.split(',').any(is_token))
    }

    /// Reads the start of the body, until `deadline` at most.
    pub(crate) async fn read_body(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        deadline: Instant,
    ) {
        let is_chunked = self.has_token("transfer-encoding", "chunked");
        let length = self.head.values("content-length").next();
        let length = length.and_then(|length| length.parse().ok());
        let wanted = length.unwrap_or(MAX_BODY).min(MAX_BODY);
        let reading = async {
            while self.body.len() < wanted && !(is_chunked && dechunk(&self.body).1) {
                let mut piece = [0; 1 << 10];
                match stream.read(&mut piece).await {
                    Ok(count @ 1..) => self.body.extend_from_slice(&piece[..count]),
                    _ => break,
                }
            }
        };
        // A partial body is enough.
        let _ = timeout_at(deadline.min(Instant::now() + BODY_TIMEOUT), reading).await;
        if is_chunked {
            self.body = dechunk(&self.body).0;
        }
        self.body.truncate(wanted);
    }
}

/// Reads the head of the final response. The bytes read beyond it are in its body.
///
/// Interim responses are passed over (RFC 9110 section 15.2), except for 101, which ends HTTP. [`MAX_HEAD`] bounds
/// all heads together.
pub(crate) async fn read_response(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Response, HandshakeError> {
    let mut read = Vec::new();
    let (mut total, mut looked, mut parsed) = (0, 0, 0);
    loop {
        // Else only once it has doubled: a head that trickles in is not parsed from its start each time.
        if ends_head(&read[looked..]) || read.len() >= 2 * parsed {
            parsed = read.len();
            match parse(&read)? {
                Some(response) if matches!(response.status, 100 | 102..=199) => {
                    (read, looked, parsed) = (response.body, 0, 0);
                    continue;
                }
                Some(response) => return Ok(response),
                None => {}
            }
        }
        if total >= MAX_HEAD {
            return Err(HandshakeError::TooLong);
        }
        let mut chunk = [0; 4 << 10];
        let count = match stream.read(&mut chunk).await {
            // Of TLS without a closing alert.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            result => result?,
        };
        if count == 0 {
            let is_http = b"HTTP/".iter().zip(&read).all(|(one, other)| one == other);
            let not_http = || HandshakeError::NotHttp(first_line(&read));
            return Err(if is_http { HandshakeError::Closed } else { not_http() });
        }
        total += count;
        // An end may be cut: LF, CR.
        looked = read.len().saturating_sub(2);
        read.extend_from_slice(&chunk[..count]);
        // Empty lines before the status line are ignored (RFC 9112 section 2.2).
        let breaks = read.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        read.drain(..breaks);
        looked = looked.saturating_sub(breaks);
    }
}

/// True if an empty line is among the bytes, whether lines end with CR LF or with LF alone.
fn ends_head(bytes: &[u8]) -> bool {
    let has = |end: &[u8]| bytes.windows(end.len()).any(|it| it == end);
    has(b"\n\n") || has(b"\n\r\n")
}

/// Parses a response head; `None` while it is incomplete.
fn parse(read: &[u8]) -> Result<Option<Response>, HandshakeError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(read) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(end)) => Ok(Some(Response {
            status: response.code.unwrap_or_default(),
            head: Head::new(read[..end].to_vec()),
            body: read[end..].to_vec(),
        })),
        Err(httparse::Error::TooManyHeaders) => Err(HandshakeError::TooManyHeaders),
        Err(httparse::Error::HeaderName | httparse::Error::HeaderValue) => {
            Err(HandshakeError::InvalidHeader(invalid_header(read)))
        }
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

/// First line received, quoted and escaped.
fn first_line(read: &[u8]) -> String {
    quoted(lines(read).next().unwrap_or_default())
}

/// First malformed header, quoted and escaped; a secret value is masked.
fn invalid_header(read: &[u8]) -> String {
    let is_invalid = |line: &&[u8]| {
        let header = [line, &b"\r\n\r\n"[..]].concat();
        httparse::parse_headers(&header, &mut [httparse::EMPTY_HEADER; 1]).is_err()
    };
    let lines = lines(read).filter(|line| !line.is_empty());
    let line = lines.skip(1).find(is_invalid).unwrap_or_default();
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    if name.len() < line.len() && is_secret_name(&String::from_utf8_lossy(name)) {
        return quoted(&[name, b": ", REDACTED.as_bytes()].concat());
    }
    quoted(line)
}

fn lines(read: &[u8]) -> impl Iterator<Item = &[u8]> {
    read.split(|byte| matches!(byte, b'\r' | b'\n'))
}

/// Start of a line, quoted and escaped.
fn quoted(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(60)]);
    format!("'{}'", session::visible_line(&text.escape_debug().to_string()))
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        pin::Pin,
        task::{Context, Poll},
    };

    use futures::FutureExt;
    use tokio::io::ReadBuf;

    use super::*;

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

    fn read(mut stream: impl AsyncRead + Unpin) -> Result<Response, HandshakeError> {
        read_response(&mut stream).now_or_never().expect("it never waits")
    }

    fn trickled(head: &str) -> Result<Response, HandshakeError> {
        read(Trickle(head.as_bytes().to_vec(), 0))
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
        assert_eq!(
            (response.status, response.head.values("a").next().as_deref()),
            (200, Some("b"))
        );
        assert!(matches!(trickled("220 ready\r\n"), Err(HandshakeError::NotHttp(_))));
    }

    #[test]
    fn interim_responses_are_passed_over() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n";
        let answer = format!("{interim}HTTP/1.1 101 x\r\nA: b\r\n\r\nrest");
        for response in [trickled(&answer[..answer.len() - 4]), read(answer.as_bytes())] {
            let response = response.unwrap();
            assert_eq!((response.status, response.head.headers().count()), (101, 1));
        }
        assert_eq!(read(answer.as_bytes()).unwrap().body, b"rest");
        let endless = interim.repeat(MAX_HEAD / interim.len() + 1);
        assert!(matches!(read(endless.as_bytes()), Err(HandshakeError::TooLong)));
    }

    #[test]
    fn an_end_within_the_head_is_told_from_another_protocol() {
        for cut in ["", "HT", "HTTP/1.1 101 Swi", "HTTP/1.1 100 x\r\n\r\n"] {
            assert!(matches!(trickled(cut), Err(HandshakeError::Closed)), "{cut}");
        }
        assert!(matches!(trickled("SSH-2.0"), Err(HandshakeError::NotHttp(_))));
    }

    #[test]
    fn what_is_wrong_with_a_head_is_said() {
        let said = |headers: &str| {
            let error = trickled(&format!("HTTP/1.1 101 x\r\n{headers}\r\n")).unwrap_err();
            error.to_string()
        };
        let many = "a: b\r\n".repeat(MAX_HEADERS + 1);
        assert_eq!(said(&many), "the response has more than 128 headers");
        for line in ["X-Color: a\u{1b}[1m", "X Y: b"] {
            let headers = format!("Upgrade: websocket\r\n{line}\r\nConnection: upgrade\r\n");
            let expected = format!("the response has an invalid header: '{}'", line.escape_debug());
            assert_eq!(said(&headers), expected);
        }
        let secret = said("Set-Cookie: sid=s3cret\u{1b}\r\n");
        assert_eq!(secret, "the response has an invalid header: 'Set-Cookie: [redacted]'");
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
}
