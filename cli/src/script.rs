//! What a script waits for: messages that match, and how many.

use regex::bytes::Regex;
use session::Message;

/// What must come before the conversation has done its work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expectations {
    /// In this order, each by a message of its own; others may come between.
    patterns: Vec<Regex>,
    matched: usize,
    /// Messages, at least.
    count: Option<u64>,
    received: u64,
}

impl Expectations {
    pub(crate) fn new(patterns: Vec<Regex>, count: Option<u64>) -> Self {
        Self { patterns, matched: 0, count, received: 0 }
    }

    /// Whether anything at all is expected.
    pub(crate) fn exist(&self) -> bool {
        !self.patterns.is_empty() || self.count.is_some()
    }

    /// Whether all of it came; true if nothing is expected.
    pub(crate) fn are_met(&self) -> bool {
        self.matched == self.patterns.len() && self.count.is_none_or(|count| self.received >= count)
    }

    /// Takes note of a message that came.
    pub(crate) fn received(&mut self, message: &Message) {
        self.received += 1;
        let payload = match message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
        };
        if self.patterns.get(self.matched).is_some_and(|pattern| pattern.is_match(payload)) {
            self.matched += 1;
        }
    }

    /// What is missing, as a sentence.
    pub(crate) fn missing(&self) -> String {
        match (self.patterns.get(self.matched), self.count) {
            (Some(pattern), _) => format!("No message came that matches '{pattern}'."),
            (None, Some(count)) => {
                format!("{} of {count} expected messages came.", self.received)
            }
            (None, None) => "Nothing is missing.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_met_in_order_and_by_messages_of_their_own() {
        let patterns = vec![Regex::new("a").unwrap(), Regex::new("^b$").unwrap()];
        let mut expected = Expectations::new(patterns, Some(4));
        for (text, are_met) in [("b", false), ("ab", false), ("b", false), ("c", true)] {
            assert!(!expected.are_met());
            expected.received(&Message::Text(text.into()));
            assert_eq!(expected.are_met(), are_met, "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut expected = Expectations::new(vec![Regex::new("^b").unwrap()], Some(2));
        assert_eq!(expected.missing(), "No message came that matches '^b'.");
        expected.received(&Message::Binary(b"b".to_vec()));
        assert_eq!(expected.missing(), "1 of 2 expected messages came.");
        assert!(expected.exist() && !Expectations::default().exist());
        assert!(Expectations::default().are_met());
    }
}
