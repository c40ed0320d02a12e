//! Pinned messages: copies that outlive their entries.

use std::{collections::BTreeMap, time::Duration};

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

/// Pinned messages, by the id of their entry.
#[derive(Debug, Default)]
pub(crate) struct Pins(BTreeMap<u64, Pin>);

impl Pins {
    /// Pins a message. False if there are too many pins, or the message is too large.
    pub(crate) fn add(&mut self, id: u64, message: &MessageRef<'_>) -> bool {
        if self.0.len() >= MAX_PINS || message.payload.len() > MAX_PINNED_BYTES {
            return false;
        }
        let MessageRef { at, direction, payload, round_trip } = *message;
        self.0.insert(id, Pin { at, direction, message: payload.to_message(), round_trip });
        true
    }

    /// Removes a pin.
    pub(crate) fn remove(&mut self, id: u64) {
        self.0.remove(&id);
    }

    pub(crate) fn contains(&self, id: u64) -> bool {
        self.0.contains_key(&id)
    }

    /// Entry of a pinned message.
    pub(crate) fn get(&self, id: u64) -> Option<Entry<'_>> {
        self.0.get(&id).map(|pin| pin.entry(id))
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
