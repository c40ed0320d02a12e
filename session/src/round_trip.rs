//! Round-trip times, measured by matching echoes to sent messages.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use crate::{Message, Time};

/// Maximum number of pending messages: a server that does not echo must not cost memory.
const MAX_WAITING: usize = 1_024;

/// Compared bytes of a message, besides its length: enough to tell messages apart, few enough to be
/// cheap.
const MAX_COMPARED_BYTES: usize = 4 << 10;

/// Prefix that the workbench's own server adds to an echo.
pub const ECHO_PREFIX: &str = "Echo: ";

/// Matches received messages to sent ones, for servers that echo in order, unchanged or with the
/// prefix `Echo: `.
#[derive(Clone, Debug, Default)]
pub struct EchoMatcher {
    /// Marks of messages that wait for an echo, with their times, oldest first.
    waiting: VecDeque<(u64, Time)>,
}

impl EchoMatcher {
    /// Records a sent message.
    pub fn sent(&mut self, message: &Message, at: Time) {
        if self.waiting.len() == MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back((mark_of(message), at));
    }

    /// Round-trip time if `message` is an echo. Earlier pending messages are dropped.
    pub fn received(&mut self, message: &Message, at: Time) -> Option<Duration> {
        if self.waiting.is_empty() {
            return None;
        }
        let marks = [Some(mark_of(message)), mark_without_prefix(message)];
        let place = self.waiting.iter().position(|(mark, _)| marks.contains(&Some(*mark)))?;
        let (_, sent) = self.waiting.drain(..=place).next_back()?;
        Some(at.since(sent))
    }

    /// Number of pending messages; at most 1,024.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.waiting.len()
    }

    /// Clears pending messages: a new connection echoes none of them.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

/// Mark of a message, by which its echo is recognised.
fn mark_of(message: &Message) -> u64 {
    match message {
        Message::Text(text) => mark(true, text.as_bytes()),
        Message::Binary(bytes) => mark(false, bytes),
    }
}

/// Mark of a text without the prefix that this project's echo puts before it; `None` for others.
fn mark_without_prefix(message: &Message) -> Option<u64> {
    let Message::Text(text) = message else { return None };
    Some(mark(true, text.strip_prefix(ECHO_PREFIX)?.as_bytes()))
}

/// Hash of kind, length and first bytes: long messages cost no more.
fn mark(is_text: bool, payload: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (is_text, payload.len(), &payload[..payload.len().min(MAX_COMPARED_BYTES)]).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Message {
        Message::Text(text.into())
    }

    const fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn an_echo_is_matched_with_or_without_the_prefix() {
        let mut echoes = EchoMatcher::default();
        echoes.sent(&text("one"), Time(10));
        echoes.sent(&Message::Binary(vec![1]), Time(20));
        assert_eq!(echoes.received(&text("Echo: one"), Time(13)), Some(micros(3)));
        assert_eq!(echoes.received(&text("news"), Time(24)), None);
        assert_eq!(echoes.pending(), 1);
        assert_eq!(echoes.received(&Message::Binary(vec![1]), Time(25)), Some(micros(5)));
        assert_eq!(echoes.pending(), 0);
        assert_eq!(echoes.received(&Message::Binary(vec![1]), Time(26)), None);
    }

    #[test]
    fn equal_messages_are_matched_in_order() {
        let mut echoes = EchoMatcher::default();
        echoes.sent(&text("same"), Time(0));
        echoes.sent(&text("same"), Time(5));
        assert_eq!(echoes.received(&text("same"), Time(10)), Some(micros(10)));
        assert_eq!(echoes.received(&text("same"), Time(10)), Some(micros(5)));
    }

    #[test]
    fn the_oldest_pending_message_is_evicted() {
        let mut echoes = EchoMatcher::default();
        for number in 0..=MAX_WAITING {
            echoes.sent(&text(&number.to_string()), Time(0));
        }
        assert_eq!(echoes.received(&text("0"), Time(1)), None);
        assert_eq!(echoes.received(&text("1"), Time(1)), Some(micros(1)));
    }
}
