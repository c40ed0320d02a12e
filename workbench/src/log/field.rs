//! Condition on a field of JSON messages: `type = "trade"`, `data.price > 10`, `$.items[*].id`.

use std::{borrow::Cow, cmp::Ordering, str};

use serde::{Deserialize, Serialize};
use session::Payload;
use thiserror::Error;

use super::{needle::Words, query::Query};
use crate::payload::{Kind, json};

/// Maximum length of a condition in bytes.
pub const MAX_FIELD_BYTES: usize = 1 << 10;

/// Searched bytes of a message.
const MAX_SEARCHED_BYTES: usize = 1 << 20;

/// Comparisons, longer signs first.
const COMPARISONS: [(&str, Comparison); 8] = [
    ("!=", Comparison::Differs),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equals),
    ("=", Comparison::Equals),
    ("<", Comparison::Less),
    (">", Comparison::More),
    (":", Comparison::Contains),
];

/// Invalid condition on a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum FieldError {
    /// No path, or a malformed one.
    #[error("Invalid field path. Examples: data.price, items[0].id, items[*].id.")]
    Path,
    /// Bracket without its end, a number, `*` or a quoted name.
    #[error("Invalid bracket. Use [0], [*] or [\"a name\"].")]
    Bracket,
    /// Something else than a comparison follows the path.
    #[error("Write =, !=, <, <=, >, >= or : after the field, or nothing.")]
    Comparison,
    /// Comparison without a value.
    #[error("Write a value after the comparison, such as price > 10.")]
    Value,
    /// String without its end, or with an invalid escape.
    #[error("Unterminated string. Add a quotation mark at its end.")]
    Quote,
    /// Order of something else than numbers.
    #[error("<, <=, > and >= need a number, such as price > 10.")]
    Number,
    /// More than [`MAX_FIELD_BYTES`].
    #[error("The condition is too long: the limit is {MAX_FIELD_BYTES} bytes.")]
    TooLong,
}

/// Compiled condition.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Segments from the root of the JSON.
    path: Vec<PathSegment>,
    /// Condition on the value there.
    test: Test,
}

/// Segment of a path, from a value to one inside it.
#[derive(Clone, Debug, PartialEq)]
enum PathSegment {
    /// Member of an object.
    Key(String),
    /// Element of an array, from 0.
    Index(usize),
    /// Any member or element.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equals,
    Differs,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
}

#[derive(Clone, Debug)]
enum Test {
    /// Any value.
    Exists,
    /// Text that contains the words.
    Contains(Words),
    /// Equal to a quoted text.
    String(Comparison, String),
    /// Equal to a text without quotation marks: a string, or `true`, `false` or `null`.
    Bare(Comparison, String),
    /// Number, compared exactly.
    Number(Comparison, Decimal),
}

impl Field {
    /// Parses a condition; `None` if it is blank.
    pub(super) fn parse(condition: &str) -> Result<Option<Self>, FieldError> {
        if condition.len() > MAX_FIELD_BYTES {
            return Err(FieldError::TooLong);
        }
        let condition = condition.trim();
        if condition.is_empty() {
            return Ok(None);
        }
        let (path, rest) = path(condition)?;
        let rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(Some(Self { path, test: Test::Exists }));
        }
        let sign = COMPARISONS.iter().find(|(sign, _)| rest.starts_with(sign));
        let (sign, comparison) = sign.ok_or(FieldError::Comparison)?;
        let test = test(*comparison, rest[sign.len()..].trim())?;
        Ok(Some(Self { path, test }))
    }

    /// True if it is more than the presence of the field.
    pub(super) fn compares(&self) -> bool {
        !matches!(self.test, Test::Exists)
    }

    /// True if the message is JSON, perhaps behind a prefix such as `Echo: `, text or UTF-8 bytes, and
    /// one of its fields is as it should be.
    /// Linear in the size of the message, of which 1 MiB is read.
    pub(super) fn is_in(&self, payload: Payload<'_>) -> bool {
        let bytes = payload.as_bytes();
        let is_cut = bytes.len() > MAX_SEARCHED_BYTES;
        let bytes = &bytes[..bytes.len().min(MAX_SEARCHED_BYTES)];
        let text = match str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if is_cut && error.error_len().is_none() => {
                str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return false,
        };
        let text = &text[json::prefix(text, !is_cut)..];
        let mut scanner = json::Scanner::new(text);
        let has_field = self.is_among(text, is_cut, &mut scanner);
        scanner.by_ref().for_each(drop);
        let is_json = match scanner.error_offset() {
            None => true,
            Some(at) => is_cut && at == text.len(),
        };
        has_field && is_json
    }

    /// Follows the path through the tokens of a text: the brackets that are open and on it are those
    /// of the first `depth` levels.
    fn is_among(&self, text: &str, is_cut: bool, scanner: &mut json::Scanner<'_>) -> bool {
        let (mut depth, mut indices) = (0, vec![0; self.path.len() + 1]);
        for token in scanner.by_ref() {
            if token.kind.is_closing() {
                depth = depth.min(token.depth);
                continue;
            }
            if token.depth != depth {
                continue;
            }
            let key = token.key.map(|key| content(&text[key]));
            let is_on_path = match depth.checked_sub(1).map(|level| &self.path[level]) {
                None | Some(PathSegment::Any) => true,
                Some(PathSegment::Key(name)) => key.as_deref() == Some(name),
                Some(PathSegment::Index(index)) => key.is_none() && indices[depth] == *index,
            };
            indices[depth] += usize::from(key.is_none());
            if !is_on_path {
                continue;
            }
            // The last token of a text that was cut may go on.
            let is_whole = !is_cut || token.text.end < text.len();
            if depth == self.path.len() {
                if is_whole && self.test.holds(token.kind, &text[token.text]) {
                    return true;
                }
            } else if token.kind.is_opening() {
                depth += 1;
                indices[depth] = 0;
            }
        }
        false
    }
}

impl Test {
    /// True if a scalar meets the condition; `token` is its JSON text.
    fn holds(&self, kind: Kind, token: &str) -> bool {
        let is_string = kind == Kind::String;
        let value = if is_string { content(token) } else { token.into() };
        let is =
            |comparison: Comparison, is_equal: bool| is_equal == (comparison == Comparison::Equals);
        match self {
            Self::Exists => true,
            Self::Contains(words) => !kind.is_opening() && words.ranges(&value).next().is_some(),
            Self::String(comparison, text) => is(*comparison, is_string && value == *text),
            Self::Bare(comparison, text) => is(*comparison, !kind.is_opening() && value == *text),
            Self::Number(comparison, number) => {
                let order = Decimal::parse(&value).map(|value| value.order(number));
                match comparison {
                    Comparison::Equals => order == Some(Ordering::Equal),
                    Comparison::Differs => order != Some(Ordering::Equal),
                    Comparison::Less => order == Some(Ordering::Less),
                    Comparison::More => order == Some(Ordering::Greater),
                    Comparison::AtMost => order.is_some_and(Ordering::is_le),
                    Comparison::AtLeast => order.is_some_and(Ordering::is_ge),
                    Comparison::Contains => false,
                }
            }
        }
    }
}

/// Decimal number as it is written, of any length: comparisons are exact.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decimal {
    /// Sign; zero has none.
    is_negative: bool,
    /// Power of ten of the point before the first digit; the lowest for zero.
    exponent: i64,
    /// Digits without zeros at either end.
    digits: String,
}

impl Decimal {
    /// Parses digits, perhaps with a sign, a point and an exponent.
    fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = i64::from(exponent.parse::<i32>().ok()?);
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        let is_zero = significant.is_empty();
        let zeros = digits.len() - significant.len();
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
        Some(Self {
            is_negative: text.starts_with('-') && !is_zero,
            exponent: if is_zero { i64::MIN } else { point + exponent },
            digits: significant.trim_end_matches('0').to_owned(),
        })
    }

    /// Numeric order, without rounding.
    fn order(&self, other: &Self) -> Ordering {
        let sizes = (self.exponent, &self.digits).cmp(&(other.exponent, &other.digits));
        match (self.is_negative, other.is_negative) {
            (false, false) => sizes,
            (true, true) => sizes.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// Characters of a string with its quotation marks. Escapes that are no character stay.
fn content(string: &str) -> Cow<'_, str> {
    let inside = string.get(1..string.len().saturating_sub(1)).unwrap_or_default();
    if !inside.contains('\\') {
        return inside.into();
    }
    serde_json::from_str(string).map_or(inside.into(), Cow::Owned)
}

/// Path at the start of a text, and the rest.
fn path(text: &str) -> Result<(Vec<PathSegment>, &str), FieldError> {
    let mut segments = Vec::new();
    // A name first is a segment without its point.
    let (mut rest, mut is_name_next) = match text.strip_prefix('$') {
        Some(rest) if !rest.starts_with(is_of_name) => after_point(rest),
        _ => (text, !text.starts_with('[')),
    };
    loop {
        if is_name_next {
            let end = rest.find(|it| !is_of_name(it)).unwrap_or(rest.len());
            let name = &rest[..end];
            segments.push(match name {
                "" => return Err(FieldError::Path),
                "*" => PathSegment::Any,
                name => PathSegment::Key(name.to_owned()),
            });
            rest = &rest[end..];
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (segment, after) = in_brackets(inside).ok_or(FieldError::Bracket)?;
            segments.push(segment);
            rest = after;
        } else {
            return Ok((segments, rest));
        }
        (rest, is_name_next) = after_point(rest);
    }
}

/// Text after a point, and `true` if there is one.
fn after_point(text: &str) -> (&str, bool) {
    text.strip_prefix('.').map_or((text, false), |rest| (rest, true))
}

/// True for a character of a key that needs no quotes.
fn is_of_name(character: char) -> bool {
    !character.is_whitespace() && !".[]=!<>:\"'".contains(character)
}

/// Segment in brackets, after the opening one, and the rest.
fn in_brackets(inside: &str) -> Option<(PathSegment, &str)> {
    let quote = inside.chars().next()?;
    if quote == '"' || quote == '\'' {
        let (name, rest) = inside[1..].split_once(quote)?;
        return Some((PathSegment::Key(name.to_owned()), rest.strip_prefix(']')?));
    }
    let (index, rest) = inside.split_once(']')?;
    let segment =
        if index == "*" { PathSegment::Any } else { PathSegment::Index(index.parse().ok()?) };
    Some((segment, rest))
}

/// Condition by its comparison and typed value. An order needs a number; quotes make a value text.
fn test(comparison: Comparison, value: &str) -> Result<Test, FieldError> {
    let is_order =
        !matches!(comparison, Comparison::Equals | Comparison::Differs | Comparison::Contains);
    let (text, is_quoted) = match value.chars().next() {
        None => return Err(FieldError::Value),
        Some('"') => (serde_json::from_str(value).map_err(|_| FieldError::Quote)?, true),
        Some('\'') => {
            let text = value[1..].strip_suffix('\'').ok_or(FieldError::Quote)?;
            (text.to_owned(), true)
        }
        Some(_) => (value.to_owned(), false),
    };
    match comparison {
        Comparison::Contains if text.is_empty() => Err(FieldError::Value),
        Comparison::Contains => Ok(Test::Contains(Words::new(text.as_bytes(), false))),
        _ if is_quoted && is_order => Err(FieldError::Number),
        _ if is_quoted => Ok(Test::String(comparison, text)),
        _ => match Decimal::parse(&text) {
            Some(number) => Ok(Test::Number(comparison, number)),
            None if is_order => Err(FieldError::Number),
            None => Ok(Test::Bare(comparison, text)),
        },
    }
}

impl Query {
    /// The same query by a field of JSON messages, if its words are a comparison of one, and neither a URL nor the
    /// rest of one.
    #[must_use]
    pub fn by_field(&self) -> Option<Self> {
        let is_free = !self.is_expression && self.field.trim().is_empty();
        let compares = Field::parse(&self.text).ok()??.compares();
        let is_name = |first: char| first.is_alphabetic() || "_$[".contains(first);
        let is_url = |(scheme, _): (&str, &str)| scheme.chars().all(char::is_alphanumeric);
        let is_path = self.text.trim_start().starts_with(is_name)
            && !self.text.split_once("://").is_some_and(is_url);
        (is_free && compares && is_path).then(|| Self {
            field: self.text.clone(),
            text: String::new(),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRADE: &str = r#"{"type":"trade","data":{"price":10.5,"size":"12","ids":[7,"x",{"id":9007199254740993}]},"a.b":null,"ok":true,"n\u0061me":"J\u00f6rg"}"#;

    fn is_in(condition: &str, message: &str) -> bool {
        Field::parse(condition).unwrap().expect("it is not blank").is_in(Payload::Text(message))
    }

    #[test]
    fn words_that_compare_a_field_can_be_its_condition() {
        let words = |text: &str| Query { text: text.into(), ..Query::default() };
        let by_field = words("data.price > 10").by_field().expect("a condition");
        assert_eq!((&*by_field.field, &*by_field.text), ("data.price > 10", ""));
        for text in [
            "price", "data.price >", "two words", "", "/127.0.0.1:8080/ws", "127.0.0.1:8080/ws",
            "ws://127.0.0.1/ws",
        ] {
            assert_eq!(words(text).by_field(), None, "{text}");
        }
        let expression = Query { is_expression: true, ..words("price = 1") };
        assert_eq!(expression.by_field(), None);
    }

    #[test]
    fn conditions_hold_or_do_not() {
        for (condition, holds) in [
            ("type:trade", true),
            ("type:TRAD", true),
            ("type = trade", true),
            ("$.type = \"trade\"", true),
            ("type == trad", false),
            ("type = 'trade'", true),
            ("type:'rad'", true),
            ("type = 'trad\"e'", false),
            ("type != \"trade\"", false),
            ("type != \"quote\"", true),
            ("missing != 1", false),
            ("data.price > 10", true),
            ("data.price>10.5", false),
            ("data.price >= 1.05e1", true),
            ("data.price = 10.50", true),
            // A number in quotation marks counts as one, unless a string is asked for.
            ("data.size > 11", true),
            ("data.size = \"12\"", true),
            ("data.price = \"10.5\"", false),
            ("$.data.ids[0] = 7", true),
            ("data.ids[1] = 7", false),
            ("data.ids[*] = x", true),
            ("data.ids[*].id = 9007199254740993", true),
            ("data.ids[*].id = 9007199254740992", false),
            ("*.price < 11", true),
            ("data.ids[0].id", false),
            ("[\"a.b\"] = null", true),
            ("$['a.b']", true),
            ("ok = true", true),
            ("ok != true", false),
            ("data = 1", false),
            ("data", true),
            ("name:jÖ", false),
            ("name = Jörg", true),
            ("$", true),
            ("price > 1", false),
        ] {
            assert_eq!(is_in(condition, TRADE), holds, "{condition}");
        }
    }

    #[test]
    fn only_json_has_fields() {
        for message in ["type", "", "{\"type\":1", "{\"type\":1} x"] {
            assert!(!is_in("type", message), "{message}");
        }
        assert!(
            is_in("type = 1", "Echo: {\"type\":1}"),
            "JSON behind a prefix, as the list has it"
        );
        let field = Field::parse("type = 1").unwrap().unwrap();
        assert!(field.is_in(Payload::Binary(br#"{"type":1}"#)));
        assert!(!field.is_in(Payload::Binary(b"{\"type\":1,\"\xff\":1}")));
        // Of a message that is longer, the first part counts, without the token that was cut.
        let long = |first: &str| {
            format!("{{\"type\":{first},\"x\":\"{}가\"}}", "a".repeat(MAX_SEARCHED_BYTES))
        };
        assert!(is_in("type = 1", &long("1")));
        assert!(!is_in("x", &long("1")));
    }

    #[test]
    fn invalid_conditions_are_explained() {
        for (condition, error) in [
            ("= 1", FieldError::Path),
            ("a..b", FieldError::Path),
            ("$.", FieldError::Path),
            ("a[", FieldError::Bracket),
            ("a[x]", FieldError::Bracket),
            ("a[\"x]", FieldError::Bracket),
            ("type trade", FieldError::Comparison),
            ("price >", FieldError::Value),
            ("type:\"\"", FieldError::Value),
            ("type = \"a", FieldError::Quote),
            ("type = 'a", FieldError::Quote),
            ("type = '", FieldError::Quote),
            ("price > high", FieldError::Number),
            ("price > \"1\"", FieldError::Number),
        ] {
            assert_eq!(Field::parse(condition).unwrap_err(), error, "{condition}");
        }
        assert_eq!(
            Field::parse(&"a".repeat(MAX_FIELD_BYTES + 1)).unwrap_err(),
            FieldError::TooLong
        );
        assert!(Field::parse("  ").unwrap().is_none());
    }

    #[test]
    fn fields_take_linear_time() {
        for part in ["[", "{\"a\":", "[],", "{\"a\":1},", "\"\\n\",", "a", "1 "] {
            let text = |size| format!("[{}", part.repeat(size));
            for condition in ["[*].a[0] = 1", "a.a.a.a:x", "$"] {
                let field = Field::parse(condition).unwrap().unwrap();
                growth::assert_linear(1 << 14, text, |text| {
                    field.is_in(Payload::Text(&text));
                });
            }
        }
    }

    #[test]
    fn numbers_are_compared_exactly() {
        let parse = |text| Decimal::parse(text).unwrap_or_else(|| panic!("{text}"));
        for (one, other, order) in [
            ("0", "-0.00e9", Ordering::Equal),
            ("10", "1e1", Ordering::Equal),
            ("0.012", "12e-3", Ordering::Equal),
            ("0.1000000000000000000000000000000000000000000000000001", "0.1", Ordering::Greater),
            ("1e-999", "0", Ordering::Greater),
            ("-1e-999", "0", Ordering::Less),
            ("-2", "-10", Ordering::Greater),
            ("99", "100", Ordering::Less),
            ("-1", "1", Ordering::Less),
        ] {
            assert_eq!(parse(one).order(&parse(other)), order, "{one} {other}");
            assert_eq!(parse(other).order(&parse(one)), order.reverse(), "{other} {one}");
        }
        for text in ["", "-", ".", "e1", "inf", "NaN", "1e", "--1", "1.2.3", "0x1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        /// Against the standard library's numbers.
        #[test]
        fn numbers_are_ordered(one: f64, other: f64, whole in -1_000..1_000_i32, another in -1_000..1_000_i32) {
            let order = |one: f64, other: f64| {
                let decimal = |number: f64| Decimal::parse(&number.to_string());
                Some(decimal(one)?.order(&decimal(other)?))
            };
            let is_finite = one.is_finite() && other.is_finite();
            prop_assert_eq!(order(one, other), one.partial_cmp(&other).filter(|_| is_finite));
            prop_assert_eq!(order(whole.into(), another.into()), Some(whole.cmp(&another)));
        }

        #[test]
        fn arbitrary_conditions_do_not_panic(condition in "[$a.\\[\\]*\"'=!<>:0 가]{0,12}|\\PC*", message in "[\\[\\]{}\",:0a\\\\]{0,20}") {
            if let Ok(Some(field)) = Field::parse(&condition) {
                field.is_in(Payload::Text(&message));
            }
        }
    }
}
