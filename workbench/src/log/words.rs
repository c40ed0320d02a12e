//! Search for words in bytes: each byte is looked at once, and the search can pause after any.

use std::ops::Range;

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

    /// `true` if this many matched bytes are all.
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
