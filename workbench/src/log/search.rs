//! Search: queries and filters.

use std::{fmt, ops::Range};

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use session::{Direction, Payload, PayloadKind};

use crate::log::{Content, Entry};

/// Maximum size of a compiled regular expression in bytes.
const EXPRESSION: usize = 1 << 20;

/// Searched bytes of a binary message for regular expressions, which need a copy as text.
const BINARY_SEARCHED: usize = 1 << 20;

/// Maximum number of marked matches per line.
const MARKS: usize = 32;

/// Search query. Empty fields exclude nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Words, or a regular expression.
    pub text: String,
    /// `text` is a regular expression, in the syntax of the crate `regex-lite`: it takes time in
    /// proportion to what is searched, whatever the expression.
    pub is_expression: bool,
    /// Case-sensitive. Otherwise ASCII letters match in either case.
    pub matches_case: bool,
    /// Kinds of entries to list.
    pub which: Which,
    /// Only text messages, or only binary ones.
    pub kind: Option<PayloadKind>,
    /// Minimum payload size in bytes.
    pub at_least: Option<u64>,
    /// Maximum payload size in bytes.
    pub at_most: Option<u64>,
}

impl Default for Query {
    /// Matches everything.
    fn default() -> Self {
        Self {
            text: String::new(),
            is_expression: false,
            matches_case: false,
            which: Which { sent: true, received: true, events: true },
            kind: None,
            at_least: None,
            at_most: None,
        }
    }
}

/// Kinds of entries to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Which {
    /// Messages that were sent.
    pub sent: bool,
    /// Messages that were received.
    pub received: bool,
    /// Connection events; never listed while searching for text.
    pub events: bool,
}

/// Invalid regular expression: a sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegexError(String);

impl RegexError {
    /// Error in the English of `regex-lite`, without a full stop.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "This is not a regular expression: {}.", self.0)
    }
}

impl std::error::Error for RegexError {}

/// Compiled query.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    query: Query,
    needle: Needle,
}

#[derive(Clone, Debug)]
enum Needle {
    /// Any message.
    Nothing,
    Words {
        text: String,
        matches_case: bool,
        /// Search text parsed as hexadecimal digits, for binary messages, which are displayed so.
        bytes: Option<Vec<u8>>,
    },
    Expression(Regex),
}

impl Filter {
    /// Compiles a query; `None` matches everything.
    pub(crate) fn new(query: Query) -> Result<Option<Self>, RegexError> {
        if query == Query::default() {
            return Ok(None);
        }
        let needle = if query.text.is_empty() {
            Needle::Nothing
        } else if query.is_expression {
            let expression = RegexBuilder::new(&query.text)
                .case_insensitive(!query.matches_case)
                .size_limit(EXPRESSION)
                .build()
                .map_err(|error| RegexError(error.to_string()))?;
            Needle::Expression(expression)
        } else {
            let bytes = hexadecimal(&query.text);
            let matches_case = query.matches_case;
            Needle::Words { text: query.text.clone(), matches_case, bytes }
        };
        Ok(Some(Self { query, needle }))
    }

    pub(crate) fn admits(&self, entry: &Entry<'_>) -> bool {
        let query = &self.query;
        let (direction, payload) = match entry.content {
            Content::Message(direction, payload, _) => (direction, payload),
            Content::Opened(..)
            | Content::Ended(_)
            | Content::Imported(_)
            | Content::Switched(_) => {
                return query.which.events && matches!(self.needle, Needle::Nothing);
            }
        };
        let wanted_direction = match direction {
            Direction::Out => query.which.sent,
            Direction::In => query.which.received,
        };
        let size = payload.len() as u64;
        wanted_direction
            && query.kind.is_none_or(|kind| kind == payload.kind())
            && query.at_least.is_none_or(|least| size >= least)
            && query.at_most.is_none_or(|most| size <= most)
            && self.is_in(payload)
    }

    fn is_in(&self, payload: Payload<'_>) -> bool {
        match (&self.needle, payload) {
            (Needle::Nothing, _) => true,
            (Needle::Words { text, matches_case, .. }, Payload::Text(hay)) => {
                find(hay.as_bytes(), text.as_bytes(), *matches_case).is_some()
            }
            (Needle::Words { text, matches_case, bytes }, Payload::Binary(hay)) => {
                bytes.as_ref().is_some_and(|bytes| find(hay, bytes, true).is_some())
                    || find(hay, text.as_bytes(), *matches_case).is_some()
            }
            (Needle::Expression(expression), Payload::Text(hay)) => expression.is_match(hay),
            (Needle::Expression(expression), Payload::Binary(hay)) => {
                let searched = &hay[..hay.len().min(BINARY_SEARCHED)];
                expression.is_match(&String::from_utf8_lossy(searched))
            }
        }
    }

    /// Matches in `line`: byte ranges, in order, at character boundaries.
    pub(crate) fn marks(&self, line: &str) -> Vec<Range<usize>> {
        match &self.needle {
            Needle::Nothing => Vec::new(),
            Needle::Expression(expression) => {
                let found = expression.find_iter(line).map(|it| it.range());
                found.filter(|range| !range.is_empty()).take(MARKS).collect()
            }
            Needle::Words { text, matches_case, .. } => {
                let mut marks = Vec::new();
                let mut from = 0;
                while marks.len() < MARKS
                    && let Some(at) = find(&line.as_bytes()[from..], text.as_bytes(), *matches_case)
                {
                    marks.push(from + at..from + at + text.len());
                    from += at + text.len();
                }
                marks
            }
        }
    }
}

/// First index of the non-empty `needle` in `hay`.
fn find(hay: &[u8], needle: &[u8], matches_case: bool) -> Option<usize> {
    let (&first, rest) = needle.split_first()?;
    let ends = hay.len().checked_sub(rest.len())?;
    let is_rest = |at: usize| {
        let found = &hay[at + 1..at + needle.len()];
        if matches_case { found == rest } else { found.eq_ignore_ascii_case(rest) }
    };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let is_first = |byte: u8| {
        if matches_case { byte == first } else { byte == lower || byte == upper }
    };
    (0..ends).find(|&at| is_first(hay[at]) && is_rest(at))
}

/// Parses pairs of hexadecimal digits, with or without spaces.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|character| *character != ' ')
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let (pairs, odd) = digits.as_ref()?.as_chunks::<2>();
    (odd.is_empty() && !pairs.is_empty())
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use session::{EndReason, Time};

    use super::*;

    fn words(text: &str) -> Query {
        Query { text: text.into(), ..Query::default() }
    }

    fn expression(text: &str) -> Query {
        Query { is_expression: true, ..words(text) }
    }

    const ALL: Which = Which { sent: true, received: true, events: true };

    fn only(which: Which) -> Query {
        Query { which, ..Query::default() }
    }

    fn entry(content: Content<'_>) -> Entry<'_> {
        Entry { id: 0, at: Time(0), content }
    }

    fn admits(query: Query, payload: Payload<'_>) -> bool {
        let filter = Filter::new(query).unwrap().expect("it asks for something");
        filter.admits(&entry(Content::Message(Direction::In, payload, None)))
    }

    #[test]
    fn search_ignores_case_unless_sensitive() {
        assert!(admits(words("HELLO"), Payload::Text("say hello")));
        assert!(!admits(
            Query { matches_case: true, ..words("HELLO") },
            Payload::Text("say hello")
        ));
        assert!(admits(words("안녕"), Payload::Text("야, 안녕!")));
        assert!(!admits(words("hello!"), Payload::Text("say hello")));
        assert!(admits(words("[a"), Payload::Text("words are no expression: [a")));
    }

    #[test]
    fn binary_matches_bytes_and_text() {
        let bytes = Payload::Binary(b"\x00\xde\xad\xbe\xefname");
        assert!(admits(words("de ad"), bytes));
        assert!(admits(words("ADBEEF"), bytes));
        assert!(!admits(words("dea"), bytes), "half a byte");
        assert!(admits(words("Name"), bytes));
        assert!(admits(expression("^.*n[a-z]+e$"), bytes));
    }

    #[test]
    fn regex_matches_and_errors() {
        assert!(admits(expression("^id-[0-9]+$"), Payload::Text("ID-42")));
        assert!(!admits(expression("^id-[0-9]+$"), Payload::Text("id-x")));
        let error = Filter::new(expression("(a")).unwrap_err().to_string();
        assert!(error.starts_with("This is not a regular expression: "), "{error}");
        // Exponential where expressions are matched by trying.
        assert!(!admits(expression("^(a+)+$"), Payload::Text(&("a".repeat(5_000) + "b"))));
        assert!(Filter::new(expression("(a{1000}){1000}")).is_err(), "its size is bounded");
    }

    #[test]
    fn direction_kind_and_size_filter() {
        let four = Payload::Text("four");
        assert!(!admits(only(Which { received: false, ..ALL }), four));
        assert!(admits(only(Which { sent: false, ..ALL }), four));
        assert!(!admits(Query { kind: Some(PayloadKind::Binary), ..Query::default() }, four));
        assert!(admits(Query { at_least: Some(4), at_most: Some(4), ..Query::default() }, four));
        assert!(!admits(Query { at_least: Some(5), ..Query::default() }, four));
        assert!(!admits(Query { at_most: Some(3), ..Query::default() }, four));
    }

    #[test]
    fn text_search_hides_events() {
        let event = Content::Ended(&EndReason::Failed);
        let admits = |query| Filter::new(query).unwrap().unwrap().admits(&entry(event));
        assert!(admits(only(Which { sent: false, ..ALL })));
        assert!(!admits(only(Which { events: false, ..ALL })));
        assert!(!admits(words("a")));
    }

    proptest! {
        #[test]
        fn matches_agree_with_std(hay in "[abA가]{0,12}", needle in "[abA가]{1,3}") {
            let at = find(hay.as_bytes(), needle.as_bytes(), true);
            prop_assert_eq!(at, hay.find(&needle));
            let at = find(hay.as_bytes(), needle.as_bytes(), false);
            prop_assert_eq!(at, hay.to_ascii_lowercase().find(&needle.to_ascii_lowercase()));
        }

        #[test]
        fn marks_cover_the_matches(
            line in "[abA가 ]{0,20}", needle in "[abA가]{1,3}", is_expression: bool
        ) {
            let query = Query { is_expression, ..words(&needle) };
            let filter = Filter::new(query).unwrap().unwrap();
            let marks = filter.marks(&line);
            for mark in &marks {
                prop_assert!(line[mark.clone()].eq_ignore_ascii_case(&needle));
            }
            let count = line.to_ascii_lowercase().matches(&needle.to_ascii_lowercase()).count();
            prop_assert_eq!(marks.len(), count);
        }
    }
}
