//! Matchers: conditions on a message.

use serde_json_path::JsonPath;

use super::{
    cursor::Cursor,
    diagnostic::{Diagnostic, Span},
    payload::hex,
    text::{Json, Regex, Text},
};

/// Words that begin a matcher. The words of a misspelled one are compared with them.
const WORDS: [&str; 9] =
    ["any", "text", "binary", "contains", "matches", "json", "hex", "size", "base64"];

/// Words that begin an event other than a message.
const EVENTS: [&str; 6] = ["ping", "pong", "closed", "dropped", "opened", "refused"];

/// Maximum number of texts that a message begins with, one after the other. Each has a matcher of
/// its rest, so that it bounds the recursion.
const BEGINNINGS: usize = 8;

/// Condition on a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Matcher {
    /// Any message.
    Any,
    /// Any text message.
    Text,
    /// Any binary message.
    Binary,
    /// Text message that equals this.
    Equals(Text),
    /// Text message that contains this.
    Contains(Text),
    /// Message with a match of this. On the payload, of text and binary messages.
    Matches(Regex),
    /// JSON that has at least these members. Lists have exactly these items.
    Json(Json),
    /// JSON with a value at a path that passes the test.
    Path(JsonPath, Test),
    /// Binary message that equals this.
    Bytes(Vec<u8>),
    /// Payload length in bytes.
    Size(Operator, u64),
    /// Text message that begins with this, and whose rest meets the matcher.
    After(Text, Box<Matcher>),
    /// All of these.
    All(Vec<Matcher>),
}

/// Test of a value in JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// At least one value.
    Exists,
    /// No value.
    Missing,
    /// A value of this type.
    Is(Type),
    /// Value that compares so with this JSON.
    Compares(Operator, Text),
    /// String with a match.
    Matches(Regex),
}

/// Type of a JSON value (RFC 8259 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Object,
    Array,
    String,
    /// Integer or fraction, of any size.
    Number,
    /// `true` or `false`.
    Boolean,
    Null,
}

impl Type {
    /// Names in a file, with their types.
    pub(crate) const NAMES: [(&str, Self); 6] = [
        ("object", Self::Object),
        ("array", Self::Array),
        ("string", Self::String),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("null", Self::Null),
    ];
}

/// Comparison. Values of different types are unequal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Operator {
    /// Signs in a file, with their comparisons.
    const SIGNS: [(&str, Self); 6] = [
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<", Self::Less),
        ("<=", Self::LessOrEqual),
        (">", Self::Greater),
        (">=", Self::GreaterOrEqual),
    ];

    /// Parses a comparison, as in `size >= 16`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let (word, span) = cursor.expect("A comparison")?;
        let sign = Self::SIGNS.into_iter().find(|(sign, _)| *sign == word);
        sign.map(|(_, operator)| operator).ok_or_else(|| {
            Diagnostic::is_not(word, span, "a comparison.")
                .with_help("Use == != < <= > or >=, with a space on each side.")
        })
    }

    /// Comparison as it is written.
    pub(super) fn sign(self) -> &'static str {
        Self::SIGNS.into_iter().find(|(_, operator)| *operator == self).map_or("", |(sign, _)| sign)
    }

    /// True if two values in this order compare so.
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Matcher {
    /// Parses matchers joined by `and`, such as `text and contains "error"`. All have to match.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let first = Self::one(cursor, 0)?;
        if cursor.peek() != "and" {
            return Ok(first);
        }
        let mut all = vec![first];
        while cursor.takes("and") {
            all.push(Self::one(cursor, 0)?);
        }
        Ok(Self::All(all))
    }

    /// True if a matcher is next: by its word, a quote or a bracket.
    pub(super) fn begins(cursor: &Cursor<'_>) -> bool {
        matches!(cursor.next(), Some('"' | '{' | '[')) || WORDS.contains(&cursor.peek())
    }

    /// Parses one matcher; `beginnings` is the number of texts before it, of which it is the rest.
    fn one(cursor: &mut Cursor<'_>, beginnings: usize) -> Result<Self, Diagnostic> {
        if let Some((text, span)) = cursor.quoted()? {
            let text = Text::new(&text, span.clone())?;
            if !Self::begins(cursor) {
                return Ok(Self::Equals(text));
            }
            if beginnings == BEGINNINGS {
                let message = format!("A text can have at most {BEGINNINGS} prefixes.");
                return Err(Diagnostic::new(span, message));
            }
            return Ok(Self::After(text, Box::new(Self::one(cursor, beginnings + 1)?)));
        }
        if matches!(cursor.next(), Some('{' | '[')) {
            return Self::json(cursor);
        }
        let (word, span) = cursor.expect("A message")?;
        match word {
            "any" => Ok(Self::Any),
            "text" => Ok(Self::Text),
            "binary" => Ok(Self::Binary),
            "contains" => {
                let (text, span) = cursor.expect_quoted("A text")?;
                Ok(Self::Contains(Text::new(&text, span)?))
            }
            "matches" => regex(cursor).map(Self::Matches),
            "json" => Self::json(cursor),
            "hex" => hex(cursor).map(Self::Bytes),
            "size" => {
                let operator = Operator::parse(cursor)?;
                let (word, span) = cursor.expect("A number of bytes")?;
                let bytes = word
                    .parse()
                    .map_err(|_| Diagnostic::is_not(word, span, "a number of bytes."))?;
                Ok(Self::Size(operator, bytes))
            }
            _ => Err(no_event(word, span)),
        }
    }

    /// Parses JSON after the word `json`: members, or a path and its test.
    fn json(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        if let Some((json, span)) = cursor.brackets()? {
            return Ok(Self::Json(Json::new(json, span)?));
        }
        let here = cursor.here();
        let Some((path, span)) = cursor.path() else {
            return Err(Diagnostic::new(here, "JSON or a path is missing here.").with_help(
                "Write members that it has, like {\"type\":\"hello\"}, or a path, like $.id.",
            ));
        };
        Ok(Self::Path(json_path(path, span)?, Test::parse(cursor)?))
    }
}

/// Mistake of a word that begins no event, with the most likely help.
fn no_event(word: &str, span: Span) -> Diagnostic {
    let mistake = Diagnostic::is_not(word, span, "a matcher.");
    let help = match word {
        "silent" | "silence" | "nothing" => "silent is a step of its own, without <: silent 1s",
        "not" => "never is a step of its own, without <: never \"b\"",
        "header" | "subprotocol" => "It is part of the opening handshake: < opened header X-Id",
        _ if word.starts_with(['\u{201c}', '\u{201d}', '\u{201e}', '\'']) => {
            "Use straight double quotes: \"hi\"."
        }
        _ if word.starts_with('$') => "Put json before a path: < json $.op == \"event\"",
        _ if word.starts_with('/') => {
            "Put matches before a regular expression: < matches /^id=[0-9]+$/"
        }
        // Too short to be a misspelling.
        _ if word.len() < 3 => {
            return mistake.with_help(format!("Put the text in quotes: < \"{word}\""));
        }
        _ => {
            return mistake.suggest(word, &[&WORDS[..], &EVENTS[..]].concat()).or_help(
                "Write the text in quotes, JSON, or one of: any, text, binary, contains, matches, json, hex, size.",
            );
        }
    };
    mistake.with_help(help)
}

/// Parses a JSON path (RFC 9535). The mistake is at the whole of it.
pub(super) fn json_path(path: &str, span: Span) -> Result<JsonPath, Diagnostic> {
    JsonPath::parse(path).map_err(|error| Diagnostic::new(span, format!("Invalid path: {error}.")))
}

/// Takes a regular expression between slashes.
fn regex(cursor: &mut Cursor<'_>) -> Result<Regex, Diagnostic> {
    let here = cursor.here();
    let Some((expression, span)) = cursor.between_slashes()? else {
        return Err(Diagnostic::new(here, "A regular expression is missing here.")
            .with_help("Write it between slashes, like /^id=[0-9]+$/."));
    };
    Regex::new(&expression, span)
}

impl Test {
    /// Parses the test of a path or header; without one, a value has to exist.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        if cursor.takes("exists") {
            return Ok(Self::Exists);
        }
        if cursor.takes("missing") {
            return Ok(Self::Missing);
        }
        if cursor.takes("matches") {
            return regex(cursor).map(Self::Matches);
        }
        if cursor.takes("is") {
            let (word, span) = cursor.expect("A type")?;
            let named = Type::NAMES.into_iter().find(|(name, _)| *name == word);
            return named.map(|(_, kind)| Self::Is(kind)).ok_or_else(|| {
                Diagnostic::is_not(word, span, "a JSON type.")
                    .suggest(word, &Type::NAMES.map(|(name, _)| name))
            });
        }
        // Another clause, an answer, the end of the line, or its comment.
        let is_clause = ["and", "capture", "within"].contains(&cursor.peek());
        if is_clause || cursor.is_at_answer() || cursor.is_done() {
            return Ok(Self::Exists);
        }
        let operator = Operator::parse(cursor)?;
        let here = cursor.here();
        let (value, span) = match cursor.brackets()? {
            Some(value) => value,
            None => {
                cursor.value()?.ok_or_else(|| Diagnostic::new(here, "A value is missing here."))?
            }
        };
        let text = Text::new(value, span.clone())?;
        if !value.contains("{{") && serde_json::from_str::<serde_json::Value>(value).is_err() {
            return Err(Diagnostic::is_not(value, span, "JSON.")
                .with_help("Put strings in quotes: == \"ok\"."));
        }
        Ok(Self::Compares(operator, text))
    }
}
