//! Pinned messages: copies that outlive their entries.

use std::time::Duration;

use session::{Direction, Message, Payload, Time};

use super::transcript::{Content, Entry};

/// Pins, at most.
pub const MAX_PINS: usize = 100;

/// Bytes of a pinned message, at most.
pub const MAX_PINNED_BYTES: usize = 1 << 20;

/// Message of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageRef<'a> {
    /// Time of the entry.
    pub(crate) at: Time,
    pub(crate) direction: Direction,
    pub(crate) payload: Payload<'a>,
    pub(crate) round_trip: Option<Duration>,
}

impl<'a> MessageRef<'a> {
    /// Message of an entry; `None` for an event.
    pub(crate) fn of(entry: &Entry<'a>) -> Option<Self> {
        match entry.content {
            Content::Message(direction, payload) => {
                Some(Self { at: entry.at, direction, payload, round_trip: entry.round_trip })
            }
            Content::Event(..) => None,
        }
    }
}

#[derive(Debug)]
struct Pin {
    at: Time,
    direction: Direction,
    message: Message,
    round_trip: Option<Duration>,
}

/// Pinned messages with the ids of their entries, oldest first. A sorted vector: in a page, a tree is 10 KB of code.
#[derive(Debug, Default)]
pub(crate) struct Pins(Vec<(u64, Pin)>);

impl Pins {
    /// Pins a message that is not pinned yet. False if there are too many pins, or the message is too large.
    pub(crate) fn add(&mut self, id: u64, message: &MessageRef<'_>) -> bool {
        if self.0.len() >= MAX_PINS || message.payload.len() > MAX_PINNED_BYTES {
            return false;
        }
        let MessageRef { at, direction, payload, round_trip } = *message;
        let pin = Pin { at, direction, message: payload.to_message(), round_trip };
        let index = self.find(id).unwrap_or_else(|index| index);
        self.0.insert(index, (id, pin));
        true
    }

    /// Removes a pin.
    pub(crate) fn remove(&mut self, id: u64) {
        if let Ok(index) = self.find(id) {
            self.0.remove(index);
        }
    }

    pub(crate) fn contains(&self, id: u64) -> bool {
        self.find(id).is_ok()
    }

    /// Entry of a pinned message.
    pub(crate) fn get(&self, id: u64) -> Option<Entry<'_>> {
        self.find(id).ok().map(|index| self.0[index].1.entry(id))
    }

    /// Index of a pin, or the one at which it is to be inserted.
    fn find(&self, id: u64) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |(id, _)| *id)
    }

    /// Entries of all pinned messages, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.0.iter().map(|(id, pin)| pin.entry(*id))
    }
}

impl Pin {
    fn entry(&self, id: u64) -> Entry<'_> {
        let content = Content::Message(self.direction, self.message.payload());
        Entry { id, at: self.at, content, round_trip: self.round_trip }
    }
}
