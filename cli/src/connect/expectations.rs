//! Expectations of a script: messages to match, number of messages.

use regex::bytes::Regex;
use session::Message;

/// Messages expected before a conversation is done (`--expect`, `--count`).
#[derive(Clone, Debug, Default)]
pub(super) struct Expectations {
    /// In order, each matched by a message of its own; other messages may arrive in between.
    patterns: Vec<Regex>,
    matched: usize,
    /// Minimum number of messages.
    count: Option<u64>,
    received: u64,
}

impl Expectations {
    /// Expects a message for each pattern, and `count` messages in total.
    pub(super) fn new(patterns: Vec<Regex>, count: Option<u64>) -> Self {
        Self { patterns, matched: 0, count, received: 0 }
    }

    /// True if anything is expected.
    pub(super) fn exist(&self) -> bool {
        !self.patterns.is_empty() || self.count.is_some()
    }

    /// True if everything expected was received, or nothing is expected.
    pub(super) fn are_met(&self) -> bool {
        self.matched == self.patterns.len() && self.count.is_none_or(|count| self.received >= count)
    }

    /// Counts a message, and matches it with the next pattern.
    pub(super) fn received(&mut self, message: &Message) {
        self.received += 1;
        let payload = match message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
        };
        if self.patterns.get(self.matched).is_some_and(|pattern| pattern.is_match(payload)) {
            self.matched += 1;
        }
    }

    /// The first expectation not met, as a sentence.
    pub(super) fn missing(&self) -> String {
        match (self.patterns.get(self.matched), self.count) {
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
        let patterns = vec![Regex::new("a").unwrap(), Regex::new("^b$").unwrap()];
        let mut expected = Expectations::new(patterns, Some(4));
        for (text, are_met) in [("b", false), ("ab", false), ("b", false), ("c", true)] {
            assert!(!expected.are_met());
            expected.received(&Message::Text(text.into()));
            assert_eq!(expected.are_met(), are_met, "{text}");
        }
    }

    #[test]
    fn the_missing_expectation_is_named() {
        let mut expected = Expectations::new(vec![Regex::new("^b").unwrap()], Some(2));
        assert_eq!(expected.missing(), "No message matched '^b'.");
        expected.received(&Message::Binary(b"b".to_vec()));
        assert_eq!(expected.missing(), "1 of 2 expected messages were received.");
        assert!(expected.exist() && !Expectations::default().exist());
        assert!(Expectations::default().are_met());
    }
}
