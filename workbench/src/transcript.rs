//! What happened on a session, in order, within bounds.

use std::{collections::VecDeque, sync::Arc};

use crate::{Ending, Message, Time};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The connection opened.
    Opened,
    /// A message was handed to the connection.
    Sent(Message),
    /// A message came from the peer.
    Received(Message),
    /// The connection, or the attempt to make one, ended.
    Ended(Ending),
}

impl Item {
    /// The message, if it is one.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Sent(message) | Self::Received(message) => Some(message),
            Self::Opened | Self::Ended(_) => None,
        }
    }
}

/// An item with its place in the transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counts from 0 and is never used twice in a transcript.
    pub id: u64,
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub item: Item,
}

impl Entry {
    fn payload_len(&self) -> usize {
        self.item.message().map_or(0, Message::len)
    }
}

/// How much a transcript holds before it lets go of the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Entries held, at most.
    pub entries: usize,
    /// Payload bytes held, at most; the newest entry stays whatever its size.
    pub bytes: usize,
}

impl Bounds {
    /// What a page shows without a virtualized list: 1,000 entries, 64 MiB.
    pub const DEFAULT: Self = Self { entries: 1_000, bytes: 64 << 20 };
}

/// The entries of a session, oldest first.
///
/// Entries are shared, not copied: a view can keep those on screen while the transcript goes on.
#[derive(Clone, Debug)]
pub struct Transcript {
    bounds: Bounds,
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    next_id: u64,
}

impl Transcript {
    /// An empty transcript.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, entries: VecDeque::new(), bytes: 0, next_id: 0 }
    }

    /// Adds what happened at `at`, and lets go of the oldest entries that no longer fit.
    pub fn push(&mut self, at: Time, item: Item) {
        let entry = Entry { id: self.next_id, at, item };
        self.next_id += 1;
        self.bytes += entry.payload_len();
        self.entries.push_back(Arc::new(entry));
        while self.entries.len() > 1 && self.is_over_bounds() {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.payload_len();
            }
        }
    }

    /// The entries held, oldest first.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> + ExactSizeIterator {
        self.entries.iter()
    }

    /// Entries that were let go, since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.entries.front().map_or(0, |oldest| oldest.id)
    }

    fn is_over_bounds(&self) -> bool {
        self.entries.len() > self.bounds.entries || self.bytes > self.bounds.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Bounds = Bounds { entries: 3, bytes: 10 };

    fn transcript(sizes: &[usize]) -> Transcript {
        let mut transcript = Transcript::new(BOUNDS);
        for size in sizes {
            transcript.push(Time(0), Item::Received(Message::Binary(vec![0; *size])));
        }
        transcript
    }

    fn ids(transcript: &Transcript) -> Vec<u64> {
        transcript.entries().map(|entry| entry.id).collect()
    }

    #[test]
    fn at_the_bounds_nothing_is_dropped() {
        let transcript = transcript(&[4, 4, 2]);
        assert_eq!((ids(&transcript), transcript.dropped()), (vec![0, 1, 2], 0));
    }

    #[test]
    fn one_entry_past_the_count_drops_the_oldest() {
        let transcript = transcript(&[0, 0, 0, 0]);
        assert_eq!((ids(&transcript), transcript.dropped()), (vec![1, 2, 3], 1));
    }

    #[test]
    fn one_byte_past_the_bytes_drops_the_oldest() {
        let transcript = transcript(&[4, 4, 3]);
        assert_eq!((ids(&transcript), transcript.dropped()), (vec![1, 2], 1));
    }

    #[test]
    fn a_message_over_the_bound_is_kept_alone_until_the_next() {
        assert_eq!(ids(&transcript(&[1, 11])), [1]);
        assert_eq!(ids(&transcript(&[1, 11, 1])), [2]);
    }

    proptest! {
        #[test]
        fn what_is_held_is_the_newest_run_and_within_bounds(
            sizes in prop::collection::vec(0..15_usize, 1..40)
        ) {
            let transcript = transcript(&sizes);
            let ids = ids(&transcript);
            let newest = sizes.len() as u64 - 1;
            prop_assert_eq!(&ids, &(transcript.dropped()..=newest).collect::<Vec<_>>());
            let held: usize = transcript.entries().map(|entry| entry.payload_len()).sum();
            prop_assert_eq!(held, transcript.bytes);
            prop_assert!(ids.len() == 1 || (ids.len() <= BOUNDS.entries && held <= BOUNDS.bytes));
            // Nor is anything let go that would still fit.
            if let Some(last_dropped) = usize::try_from(transcript.dropped()).unwrap().checked_sub(1) {
                let would_fit = held + sizes[last_dropped] <= BOUNDS.bytes;
                prop_assert!(!would_fit || ids.len() == BOUNDS.entries);
            }
        }
    }
}
