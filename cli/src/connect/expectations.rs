//! Expectations of a script: messages to match, number of messages.

use session::{Pattern, Search};

/// Messages expected before a conversation is done (`--expect`, `--count`). Reconnecting keeps the
/// matched ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectations {
    /// In order, each matched by a message of its own; other messages may arrive in between.
    searches: Vec<Search>,
    /// Number of patterns matched, in order.
    matched: usize,
    /// Minimum number of messages.
    count: Option<u64>,
    /// Messages received so far.
    received: u64,
}

impl Expectations {
    /// Expects a message for each pattern, and `count` messages in total.
    pub(super) fn new(patterns: Vec<Pattern>, count: Option<u64>) -> Self {
        Self {
            searches: patterns.into_iter().map(Search::new).collect(),
            matched: 0,
            count,
            received: 0,
        }
    }

    /// True if anything is expected.
    pub(super) fn exist(&self) -> bool {
        !self.searches.is_empty() || self.count.is_some()
    }

    /// True if everything expected was received, or nothing is expected.
    pub(super) fn are_met(&self) -> bool {
        self.matched == self.searches.len() && self.count.is_none_or(|count| self.received >= count)
    }

    /// Pattern of the next message expected.
    pub(super) fn next(&self) -> Option<&Pattern> {
        self.searches.get(self.matched).map(Search::pattern)
    }

    /// Number of patterns matched.
    pub(super) fn matched(&self) -> usize {
        self.matched
    }

    /// Search for the next message expected.
    pub(super) fn search(&mut self) -> Option<&mut Search> {
        self.searches.get_mut(self.matched)
    }

    /// Counts a message, which may match the next pattern.
    pub(super) fn received(&mut self, matches: bool) {
        self.received += 1;
        self.matched += usize::from(matches && self.next().is_some());
    }

    /// Sentence about the first expectation that is not met.
    pub(super) fn missing(&self) -> String {
        match (self.next(), self.count) {
            (Some(pattern), _) => format!("No message matched '{pattern}'."),
            (None, Some(count)) => {
                format!("{} of {count} expected messages were received.", self.received)
            }
            (None, None) => "Nothing is missing.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_matched_in_order_by_a_message_each() {
        let patterns = vec!["a".parse().unwrap(), "^b$".parse().unwrap()];
        let mut expected = Expectations::new(patterns, Some(4));
        for (text, are_met) in [("b", false), ("ab", false), ("b", false), ("c", true)] {
            assert!(!expected.are_met());
            let search = expected.search();
            let matches = search.and_then(|it| it.advance(text.as_bytes(), &mut u64::MAX.clone()));
            expected.received(matches.unwrap_or_default());
            assert_eq!(expected.are_met(), are_met, "{text}");
        }
    }

    #[test]
    fn the_missing_expectation_is_named() {
        let mut expected = Expectations::new(vec!["^b".parse().unwrap()], Some(2));
        assert_eq!(expected.missing(), "No message matched '^b'.");
        expected.received(true);
        assert_eq!(expected.missing(), "1 of 2 expected messages were received.");
        assert!(expected.exist() && !Expectations::default().exist());
        assert!(Expectations::default().are_met());
    }
}
