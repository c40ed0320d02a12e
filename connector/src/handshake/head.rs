//! Heads of requests and responses, as they are on the wire.

use std::borrow::Cow;

/// Head of a request or a response: start line and headers, byte for byte. Values need not be UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head(Vec<u8>);

impl Head {
    /// Head that was sent, or that `httparse` has parsed.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// All bytes, with the empty line at the end.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Request line or status line.
    #[must_use]
    pub fn start_line(&self) -> &[u8] {
        self.lines().next().unwrap_or_default()
    }

    /// Names and values of the headers, in their order. Values are without the white space around them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.lines().skip(1).filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = std::str::from_utf8(&line[..colon]).ok()?;
            Some((name, line[colon + 1..].trim_ascii()))
        })
    }

    /// Values of a header, by case-insensitive name, as text: invalid UTF-8 is replaced by U+FFFD.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        let headers = self.headers().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        headers.map(|(_, value)| String::from_utf8_lossy(value))
    }

    /// Names and values of the headers as text: invalid UTF-8 is replaced by U+FFFD.
    #[must_use]
    pub fn to_text(&self) -> Vec<(String, String)> {
        let text = |(name, value): (&str, _)| (name.into(), String::from_utf8_lossy(value).into());
        self.headers().map(text).collect()
    }

    /// Lines that are not empty: some may come before the start line (RFC 9112 section 2.2).
    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let lines = self.0.split(|byte| *byte == b'\n');
        lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).filter(|line| !line.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_byte_for_byte() {
        let head = Head::new(b"\r\nHTTP/1.1 200 \xff\r\nA:\tb: c \nB:\xe9\r\nb:\r\n\r\n".to_vec());
        assert_eq!(head.start_line(), b"HTTP/1.1 200 \xff");
        let headers: Vec<_> = head.headers().collect();
        assert_eq!(headers, [("A", &b"b: c"[..]), ("B", b"\xe9"), ("b", b"")]);
        assert_eq!(head.values("b").collect::<Vec<_>>(), ["\u{fffd}", ""]);
    }
}
