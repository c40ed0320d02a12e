//! Needle of a search: words, or a regular expression. Each byte is looked at once, and the search can pause after any.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use session::{Pattern, PatternError, Search};
use thiserror::Error;

use super::query::Query;

/// Words as typed, or a regular expression.
#[derive(Clone, Debug)]
pub(super) enum Needle {
    Words(Words),
    Expression(Box<Search>),
}

impl Needle {
    /// Prepares the search; `None` if the query has no text.
    pub(super) fn new(query: &Query) -> Result<Option<Self>, RegexError> {
        if query.text.is_empty() {
            return Ok(None);
        }
        Ok(Some(if query.is_expression {
            let pattern = Pattern::new(&query.text, query.matches_case)?;
            Self::Expression(Box::new(Search::new(pattern)))
        } else {
            Self::Words(Words::new(query.text.as_bytes(), query.matches_case))
        }))
    }
}

/// Regular expression that cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum RegexError {
    /// Syntax error, in English, and the character it is at, counted from 1, if it is at one.
    #[error("This is not a regular expression: {0}.")]
    Syntax(String, Option<usize>),
    /// Longer or larger than an expression may be.
    #[error("The regular expression is too large. Use fewer or smaller repetitions.")]
    TooLarge,
    /// Takes more work than a search may.
    #[error("Search stopped: it took too long. Use a simpler regular expression.")]
    TooSlow,
}

impl From<PatternError> for RegexError {
    fn from(error: PatternError) -> Self {
        match error {
            PatternError::Syntax(_, at) => Self::Syntax(error.to_string(), Some(at)),
            PatternError::Class(_) => Self::Syntax(error.to_string(), None),
            PatternError::TooLong | PatternError::TooLarge => Self::TooLarge,
        }
    }
}

/// Non-empty words to search for (the algorithm of Knuth, Morris and Pratt).
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// In lower case, unless case matters.
    bytes: Vec<u8>,
    /// False to ignore the case of letters.
    matches_case: bool,
    /// By length of a partial match: length of the longest shorter one that ends there.
    shorter: Vec<usize>,
}

impl Words {
    /// Prepares a search. Without `matches_case`, ASCII letters match in either case.
    pub(super) fn new(text: &[u8], matches_case: bool) -> Self {
        let bytes = if matches_case { text.to_vec() } else { text.to_ascii_lowercase() };
        let mut words = Self { shorter: vec![0; bytes.len()], bytes, matches_case };
        let mut matched = 0;
        for at in 1..words.bytes.len() {
            matched = words.advance(matched, words.bytes[at]);
            words.shorter[at] = matched;
        }
        words
    }

    /// Matched bytes after `byte`, of those matched before.
    pub(super) fn advance(&self, mut matched: usize, byte: u8) -> usize {
        let byte = if self.matches_case { byte } else { byte.to_ascii_lowercase() };
        while self.bytes[matched] != byte {
            match matched.checked_sub(1) {
                Some(last) => matched = self.shorter[last],
                None => return 0,
            }
        }
        matched + 1
    }

    /// True if this many matched bytes are all.
    pub(super) fn are_found(&self, matched: usize) -> bool {
        matched == self.bytes.len()
    }

    /// Matches in `text`, one after the other.
    pub(super) fn ranges(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let mut matched = 0;
        text.bytes().enumerate().filter_map(move |(at, byte)| {
            matched = self.advance(matched, byte);
            if !self.are_found(matched) {
                return None;
            }
            matched = 0;
            Some(at + 1 - self.bytes.len()..at + 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(text: &str, words: &str, matches_case: bool) -> Option<usize> {
        Words::new(words.as_bytes(), matches_case).ranges(text).next().map(|range| range.start)
    }

    #[test]
    fn words_take_linear_time() {
        let text = |size: usize| ("a".repeat(size), "a".repeat(size / 2) + "b");
        growth::assert_linear(1 << 18, text, |(text, words)| {
            assert_eq!(first(&text, &words, true), None);
        });
    }

    proptest! {
        #[test]
        fn matches_agree_with_std(text in "[abA가]{0,12}", words in "[abA가]{1,3}") {
            prop_assert_eq!(first(&text, &words, true), text.find(&words));
            let (lower, words) = (text.to_ascii_lowercase(), words.to_ascii_lowercase());
            prop_assert_eq!(first(&text, &words, false), lower.find(&words));
            let all: Vec<usize> = lower.match_indices(&words).map(|(at, _)| at).collect();
            let found = Words::new(words.as_bytes(), false);
            prop_assert_eq!(found.ranges(&text).map(|it| it.start).collect::<Vec<_>>(), all);
        }
    }
}
