//! The outline of a JSON text (RFC 8259): a flat list of what stands on each line when it is laid
//! out, so that folding is skipping.
//!
//! It says what is there, verbatim: numbers of any length, keys that occur twice, the order. A text
//! that goes wrong, or that is cut, has an outline up to there.

use std::{fmt, ops::Range};

/// Nodes of an outline, at most. More than anyone unfolds; a part full of brackets has more.
pub const MAX_NODES: usize = 100_000;
/// Objects and arrays around a node, at most.
pub const MAX_DEPTH: usize = 1_000;

/// What a node is.
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
    /// A string, quoted and escaped as it stands.
    String,
    /// A number, as it stands.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

impl Kind {
    /// Whether nodes below it follow.
    #[must_use]
    pub fn is_opening(self) -> bool {
        matches!(self, Self::Object | Self::Array)
    }

    /// Whether it ends an object or an array.
    #[must_use]
    pub fn is_closing(self) -> bool {
        matches!(self, Self::ObjectEnd | Self::ArrayEnd)
    }
}

/// One line of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Objects and arrays around it; a closing bracket has the depth of the opening one.
    pub depth: usize,
    /// Its key with the quotes, if it is a member of an object: a place in the text.
    pub key: Option<Range<usize>>,
    /// What it is.
    pub kind: Kind,
    /// Its own text, of an object or array the bracket: a place in the text.
    pub text: Range<usize>,
    /// Of an object or array: members or elements, as far as there are nodes of them.
    pub items: usize,
    /// Where the next node is that is not below this one, its closing bracket skipped too.
    pub end: usize,
    /// Whether the text was cut in the middle of it.
    pub is_cut: bool,
}

/// Why an outline ends where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All is there.
    Whole,
    /// The text was cut, and is JSON so far.
    Cut,
    /// It has [`MAX_NODES`].
    Full,
    /// More than [`MAX_DEPTH`] brackets are open.
    Deep,
    /// The text is not JSON.
    Wrong(Mistake),
}

/// Where a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted in characters from 1.
    pub column: usize,
    /// What could stand there.
    pub expected: Expected,
    /// What stands there; nothing if the text ends.
    pub found: Option<char>,
}

/// What could stand where a text is not JSON.
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
    /// Nothing: the value is complete.
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
            Self::Nothing => "nothing after the value",
        })
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, expected, found } = self;
        write!(f, "line {line}, column {column}: expected {expected}, ")?;
        match found {
            None => f.write_str("but the text ends"),
            Some(found) if found.is_control() => write!(f, "found {}", found.escape_unicode()),
            Some(found) => write!(f, "found {found}"),
        }
    }
}

/// A JSON text and its nodes, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    text: String,
    nodes: Vec<Node>,
    end: End,
}

impl Outline {
    /// The outline of `text`. If that is not whole, it may end anywhere.
    #[must_use]
    pub fn new(text: String, is_whole: bool) -> Self {
        let mut scanner = Scanner::new(&text, is_whole);
        let stop = scanner.document().err();
        let (mut nodes, open) = (scanner.nodes, scanner.open);
        let end = match stop {
            None => End::Whole,
            Some(Stop::Full) => End::Full,
            Some(Stop::Deep) => End::Deep,
            Some(Stop::Wrong(at, _)) if at == text.len() && !is_whole => End::Cut,
            Some(Stop::Wrong(at, expected)) => End::Wrong(mistake(&text, at, expected)),
        };
        let count = nodes.len();
        for index in open {
            nodes[index].end = count;
        }
        Self { text, nodes, end }
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Why there are no more nodes.
    #[must_use]
    pub fn end(&self) -> &End {
        &self.end
    }

    /// What stands at a place that a node names.
    #[must_use]
    pub fn text(&self, place: &Range<usize>) -> &str {
        self.text.get(place.clone()).unwrap_or_default()
    }

    /// Whether this is an object or an array, and no mistake in it: worth an outline. A lone number
    /// or string is JSON too, but reads as well without.
    #[must_use]
    pub fn is_structured(&self) -> bool {
        let root = self.nodes.first();
        root.is_some_and(|root| root.kind.is_opening()) && !matches!(self.end, End::Wrong(_))
    }

    /// The closing bracket of the object or array at `index`, if it has come.
    #[must_use]
    pub fn closing(&self, index: usize) -> Option<&str> {
        let node = self.nodes.get(index)?;
        let last = self.nodes.get(node.end - 1)?;
        let is_closed = last.kind.is_closing() && last.depth == node.depth;
        (node.kind.is_opening() && is_closed).then(|| self.text(&last.text))
    }

    /// The same, if there is nothing between the brackets: one line shows both.
    #[must_use]
    pub fn closing_of_empty(&self, index: usize) -> Option<&str> {
        self.closing(index).filter(|_| self.nodes[index].items == 0)
    }

    /// The nodes that have a line of their own while those for which `is_folded` holds are folded.
    #[must_use]
    pub fn lines(&self, is_folded: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut lines = Vec::new();
        let mut index = 0;
        while let Some(node) = self.nodes.get(index) {
            lines.push(index);
            let is_skipped = node.kind.is_opening() && is_folded(index);
            index = if is_skipped || self.closing_of_empty(index).is_some() {
                node.end
            } else {
                index + 1
            };
        }
        lines
    }
}

/// Where `at` is in words that a person can follow in an editor.
fn mistake(text: &str, at: usize, expected: Expected) -> Mistake {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Mistake {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        expected,
        found: text[at..].chars().next(),
    }
}

/// Why a scan ends before its end.
enum Stop {
    /// At this byte, which starts a character or is the end, this was expected.
    Wrong(usize, Expected),
    Full,
    Deep,
}

type Scanned = Result<(), Stop>;

struct Scanner<'a> {
    bytes: &'a [u8],
    is_whole: bool,
    at: usize,
    nodes: Vec<Node>,
    /// The nodes whose closing bracket has not come yet. A list, so that no nesting is too deep for
    /// the stack.
    open: Vec<usize>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, is_whole: bool) -> Self {
        Self { bytes: text.as_bytes(), is_whole, at: 0, nodes: Vec::new(), open: Vec::new() }
    }

    fn document(&mut self) -> Scanned {
        self.value(None)?;
        while let Some(opening) = self.open.last().copied() {
            self.go_on(opening)?;
        }
        self.skip_blanks();
        if self.at < self.bytes.len() { self.wrong(Expected::Nothing) } else { Ok(()) }
    }

    /// Takes what follows in the object or array that `opening` opens: an item, or its end.
    fn go_on(&mut self, opening: usize) -> Scanned {
        let is_object = self.nodes[opening].kind == Kind::Object;
        let is_first = self.nodes.len() == opening + 1;
        self.skip_blanks();
        match self.bytes.get(self.at) {
            Some(b'}') if is_object => return self.close(opening, Kind::ObjectEnd),
            Some(b']') if !is_object => return self.close(opening, Kind::ArrayEnd),
            Some(b',') if !is_first => {
                self.at += 1;
                self.skip_blanks();
            }
            _ if is_first => {}
            _ if is_object => return self.wrong(Expected::CommaOrBrace),
            _ => return self.wrong(Expected::CommaOrBracket),
        }
        if !is_object {
            self.value(None)?;
        } else if self.bytes.get(self.at) == Some(&b'"') {
            let start = self.at;
            self.string()?;
            let key = start..self.at;
            self.skip_blanks();
            self.take(b':', Expected::Colon)?;
            self.value(Some(key))?;
        } else {
            return self.wrong(if is_first { Expected::KeyOrEnd } else { Expected::Key });
        }
        Ok(())
    }

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
        if kind.is_opening() && self.open.len() >= MAX_DEPTH {
            return Err(Stop::Deep);
        }
        let index = self.nodes.len();
        let start = self.at;
        self.push(Node {
            depth: self.open.len(),
            key,
            kind,
            text: start..start,
            items: 0,
            end: index + 1,
            is_cut: false,
        })?;
        if let Some(parent) = self.open.last() {
            self.nodes[*parent].items += 1;
        }
        let taken = match kind {
            Kind::String => self.string(),
            Kind::Number => self.number(),
            Kind::Word => self.word(),
            _ => {
                self.at += 1;
                self.open.push(index);
                Ok(())
            }
        };
        // What there is of it is shown, also where it goes wrong.
        let node = &mut self.nodes[index];
        node.text = start..self.at;
        let runs_up_to_end = self.at == self.bytes.len();
        // A number does not say where it ends.
        node.is_cut = !self.is_whole && runs_up_to_end && (taken.is_err() || kind == Kind::Number);
        taken
    }

    fn close(&mut self, opening: usize, kind: Kind) -> Scanned {
        let end = self.nodes.len() + 1;
        let text = self.at..self.at + 1;
        let depth = self.nodes[opening].depth;
        self.push(Node { depth, key: None, kind, text, items: 0, end, is_cut: false })?;
        self.at += 1;
        self.nodes[opening].end = end;
        self.open.pop();
        Ok(())
    }

    fn push(&mut self, node: Node) -> Scanned {
        if self.nodes.len() >= MAX_NODES {
            return Err(Stop::Full);
        }
        self.nodes.push(node);
        Ok(())
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

    fn digits(&mut self) -> Scanned {
        if !self.skip(b"0123456789") {
            return self.wrong(Expected::Digit);
        }
        while self.skip(b"0123456789") {}
        Ok(())
    }

    fn word(&mut self) -> Scanned {
        let word = match self.bytes[self.at] {
            b't' => "true",
            b'f' => "false",
            _ => "null",
        };
        word.bytes().try_for_each(|byte| self.take(byte, Expected::Word(word)))
    }

    fn take(&mut self, byte: u8, expected: Expected) -> Scanned {
        if self.skip(&[byte]) { Ok(()) } else { self.wrong(expected) }
    }

    fn skip(&mut self, any_of: &[u8]) -> bool {
        let is_there = self.bytes.get(self.at).is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(is_there);
        is_there
    }

    fn skip_blanks(&mut self) {
        while self.skip(b" \t\n\r") {}
    }

    fn wrong(&self, expected: Expected) -> Scanned {
        Err(Stop::Wrong(self.at, expected))
    }
}
