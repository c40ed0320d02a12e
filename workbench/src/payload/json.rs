//! JSON scanner (RFC 8259) that keeps everything verbatim: long numbers, duplicate keys, order.

use std::{fmt, ops::Range};

use crate::payload::LineColumn;

/// Kind of a JSON token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `}`
    ObjectEnd,
    /// `]`
    ArrayEnd,
    /// String, verbatim.
    String,
    /// Number, verbatim.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

impl Kind {
    /// True if child nodes follow.
    #[must_use]
    pub fn is_opening(self) -> bool {
        matches!(self, Self::Object | Self::Array)
    }

    /// True if it ends an object or an array.
    #[must_use]
    pub fn is_closing(self) -> bool {
        matches!(self, Self::ObjectEnd | Self::ArrayEnd)
    }
}

/// JSON syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Position of the error.
    pub place: LineColumn,
    /// Expected token.
    pub expected: Expected,
    /// Character found; `None` at the end of the text.
    pub found: Option<char>,
}

/// Expected token at a syntax error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A value.
    Value,
    /// A key, or the end of the object.
    KeyOrEnd,
    /// A key.
    Key,
    /// The colon after a key.
    Colon,
    /// A comma, or the end of the object.
    CommaOrBrace,
    /// A comma, or the end of the array.
    CommaOrBracket,
    /// The quotation mark that ends a string.
    Quote,
    /// One of the characters that follow a backslash, or four hexadecimal digits after `\u`.
    Escape,
    /// A digit of a number.
    Digit,
    /// The rest of `true`, `false` or `null`.
    Word(&'static str),
    /// End of the text.
    Nothing,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "a value",
            Self::KeyOrEnd => "a key in quotation marks, or }",
            Self::Key => "a key in quotation marks",
            Self::Colon => "a colon",
            Self::CommaOrBrace => "a comma or }",
            Self::CommaOrBracket => "a comma or ]",
            Self::Quote => "the quotation mark that ends the string",
            Self::Escape => "an escape such as \\n or \\u00e9",
            Self::Digit => "a digit",
            Self::Word(word) => return write!(f, "the word {word}"),
            Self::Nothing => "the end of the text",
        })
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, expected, found } = self;
        write!(f, "{place}: expected {expected}, ")?;
        match found {
            None => f.write_str("but the text ends"),
            Some(found) if found.is_control() => write!(f, "found {}", found.escape_unicode()),
            Some(found) => write!(f, "found \"{found}\""),
        }
    }
}

/// Token: a scalar, or an opening or closing bracket. Commas, colons and white space lie between
/// tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Nesting depth; a closing bracket has that of its opening one.
    pub(crate) depth: usize,
    /// Range of the quoted key, for members of an object.
    pub(crate) key: Option<Range<usize>>,
    /// Kind.
    pub(crate) kind: Kind,
    /// Range of the token.
    pub(crate) text: Range<usize>,
}

/// Checks that `text` is JSON, of any size and depth.
pub(crate) fn check(text: &str) -> Result<(), JsonError> {
    let mut scanner = Scanner::new(text);
    scanner.by_ref().for_each(drop);
    scanner.error().map_or(Ok(()), Err)
}

/// Bytes before JSON, at most.
const MAX_PREFIX: usize = 128;
/// Brackets tried as the start of JSON, at most.
const MAX_STARTS: usize = 4;

/// Length in bytes of a prefix such as `Echo: ` or `42`, behind which `text` is an object or an
/// array; 0 if there is none. Text that begins as JSON has none. Unless whole, `text` may end early.
pub(crate) fn prefix(text: &str, is_whole: bool) -> usize {
    if text.trim_start().starts_with(['{', '[', '"']) {
        return 0;
    }
    let near = &text[..text.floor_char_boundary(MAX_PREFIX)];
    let mut starts = near.match_indices(['{', '[']).map(|(at, _)| at).take(MAX_STARTS);
    starts.find(|start| is_json_so_far(&text[*start..], is_whole)).unwrap_or(0)
}

/// True for JSON, or for the beginning of it if the text is not whole.
fn is_json_so_far(text: &str, is_whole: bool) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.by_ref().for_each(drop);
    scanner.error_offset().is_none_or(|at| !is_whole && at == text.len())
}

/// Error at this byte, a character boundary, with the expected token.
type Wrong = (usize, Expected);
/// Success, or the place and the expected token.
type Scanned = Result<(), Wrong>;

/// Iterator over the tokens up to the first error; an incomplete value is a token. Stores only the
/// open brackets, on the heap, so that no nesting overflows the stack.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Offset of the next byte.
    at: usize,
    /// Objects and arrays around it.
    open: Vec<Open>,
    stage: Stage,
    /// Token that was scanned last.
    token: Option<Token>,
}

/// Open bracket.
struct Open {
    /// False for an array.
    is_object: bool,
    /// True once it has a member or element: a comma must come before the next.
    has_items: bool,
}

enum Stage {
    /// Before the value.
    Start,
    /// Within it.
    Inside,
    /// After it, or at the first error.
    Over(Option<Wrong>),
}

impl Iterator for Scanner<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if let Err(wrong) = self.advance() {
            self.stage = Stage::Over(Some(wrong));
        }
        self.token.take()
    }
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        Self { text, bytes, at: 0, open: Vec::new(), stage: Stage::Start, token: None }
    }

    /// Offset of the syntax error, among the tokens scanned so far.
    pub(crate) fn error_offset(&self) -> Option<usize> {
        match self.stage {
            Stage::Over(wrong) => wrong.map(|(at, _)| at),
            _ => None,
        }
    }

    /// Syntax error, among the tokens scanned so far.
    pub(crate) fn error(&self) -> Option<JsonError> {
        let Stage::Over(Some((at, expected))) = self.stage else { return None };
        let place = LineColumn::of(self.text, at);
        Some(JsonError { place, expected, found: self.text[at..].chars().next() })
    }

    /// Scans the next token: a scalar, a bracket, or the end.
    fn advance(&mut self) -> Scanned {
        match (&self.stage, self.open.last()) {
            (Stage::Over(_), _) => Ok(()),
            (Stage::Start, _) => {
                self.stage = Stage::Inside;
                self.value(None)
            }
            (Stage::Inside, Some(Open { is_object, has_items })) => {
                self.go_on(*is_object, !has_items)
            }
            (Stage::Inside, None) => {
                self.skip_blanks();
                self.stage = Stage::Over(None);
                if self.at < self.bytes.len() { self.wrong(Expected::Nothing) } else { Ok(()) }
            }
        }
    }

    /// Scans the next item or the end of the innermost object or array.
    fn go_on(&mut self, is_object: bool, is_first: bool) -> Scanned {
        let end = if is_object { b'}' } else { b']' };
        self.skip_blanks();
        match self.bytes.get(self.at) {
            Some(byte) if *byte == end => {
                self.close(if is_object { Kind::ObjectEnd } else { Kind::ArrayEnd });
                return Ok(());
            }
            Some(b',') if !is_first => {
                self.at += 1;
                self.skip_blanks();
            }
            _ if is_first => {}
            _ if is_object => return self.wrong(Expected::CommaOrBrace),
            _ => return self.wrong(Expected::CommaOrBracket),
        }
        if !is_object {
            self.value(None)
        } else if self.bytes.get(self.at) == Some(&b'"') {
            let start = self.at;
            self.string()?;
            let key = start..self.at;
            self.skip_blanks();
            self.expect(b':', Expected::Colon)?;
            self.value(Some(key))
        } else {
            self.wrong(if is_first { Expected::KeyOrEnd } else { Expected::Key })
        }
    }

    /// Scans a scalar or an opening bracket.
    fn value(&mut self, key: Option<Range<usize>>) -> Scanned {
        self.skip_blanks();
        let kind = match self.bytes.get(self.at) {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b't' | b'f' | b'n') => Kind::Word,
            _ => return self.wrong(Expected::Value),
        };
        if let Some(parent) = self.open.last_mut() {
            parent.has_items = true;
        }
        let (start, depth) = (self.at, self.open.len());
        let taken = match kind {
            Kind::String => self.string(),
            Kind::Number => self.number(),
            Kind::Word => self.word(),
            _ => {
                self.at += 1;
                self.open.push(Open { is_object: kind == Kind::Object, has_items: false });
                Ok(())
            }
        };
        self.token = Some(Token { depth, key, kind, text: start..self.at });
        taken
    }

    /// Scans a closing bracket.
    fn close(&mut self, kind: Kind) {
        self.open.pop();
        let text = self.at..self.at + 1;
        self.at += 1;
        self.token = Some(Token { depth: self.open.len(), key: None, kind, text });
    }

    /// RFC 8259 section 7.
    fn string(&mut self) -> Scanned {
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                // Control characters must be escaped.
                None | Some(..b' ') => return self.wrong(Expected::Quote),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Scans the rest of an escape sequence (RFC 8259 section 7).
    fn escape(&mut self) -> Scanned {
        match self.bytes.get(self.at) {
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    match self.bytes.get(self.at) {
                        Some(digit) if digit.is_ascii_hexdigit() => self.at += 1,
                        _ => return self.wrong(Expected::Escape),
                    }
                }
                Ok(())
            }
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            _ => self.wrong(Expected::Escape),
        }
    }

    /// RFC 8259 section 6.
    fn number(&mut self) -> Scanned {
        self.skip(b"-");
        if !self.skip(b"0") {
            self.digits()?;
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        Ok(())
    }

    /// Scans one digit or more.
    fn digits(&mut self) -> Scanned {
        if !self.skip(b"0123456789") {
            return self.wrong(Expected::Digit);
        }
        while self.skip(b"0123456789") {}
        Ok(())
    }

    /// Scans `true`, `false` or `null`.
    fn word(&mut self) -> Scanned {
        let word = match self.bytes[self.at] {
            b't' => "true",
            b'f' => "false",
            _ => "null",
        };
        word.bytes().try_for_each(|byte| self.expect(byte, Expected::Word(word)))
    }

    /// Scans one byte, or fails.
    fn expect(&mut self, byte: u8, expected: Expected) -> Scanned {
        if self.skip(&[byte]) { Ok(()) } else { self.wrong(expected) }
    }

    /// Skips one byte of a set. True if it was there.
    fn skip(&mut self, any_of: &[u8]) -> bool {
        let is_there = self.bytes.get(self.at).is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(is_there);
        is_there
    }

    /// Skips JSON's white space.
    fn skip_blanks(&mut self) {
        while self.skip(b" \t\n\r") {}
    }

    /// Error at the present place.
    fn wrong(&self, expected: Expected) -> Scanned {
        Err((self.at, expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_found_behind_a_prefix() {
        for (text, expected) in [
            (r#"Echo: {"a": 1}"#, 6),
            (r#"42["event", {}]"#, 2),
            (r#"Echo: [info] {"a": 1} "#, 13),
            ("data: []\n", 6),
            // JSON of its own, or none.
            (r#"{"a": 1}"#, 0),
            (r#" [1, x, {"a": 1}"#, 0),
            (r#""Echo: {}""#, 0),
            ("42", 0),
            ("Echo: {} and more", 0),
            ("Echo: {a: 1}", 0),
            ("f(((a[b{c{d{{}", 0),
        ] {
            assert_eq!(prefix(text, true), expected, "{text}");
        }
        assert_eq!(prefix(r#"Echo: {"a": "b"#, true), 0);
        assert_eq!(prefix(r#"Echo: {"a": "b"#, false), 6, "it may go on");
        let far = "x".repeat(MAX_PREFIX) + "{}";
        assert_eq!((prefix(&far, true), prefix(&far[1..], true)), (0, MAX_PREFIX - 1));
    }

    #[test]
    fn finding_a_prefix_takes_linear_time() {
        for part in ["[", "{\"a\":", "x", "[],"] {
            let text = |size| format!("Echo: [[{}", part.repeat(size));
            growth::assert_linear(1 << 13, text, |text: String| {
                let _ = prefix(&text, false);
            });
        }
    }
}
