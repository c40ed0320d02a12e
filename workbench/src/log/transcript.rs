//! Transcript: the entries of a session in order, within bounds.
//!
//! Sized for a million small messages, so that an entry must not cost an allocation. Entries lie in
//! segments: a table of fixed-size rows, and the payloads one after the other behind it. 32 bytes
//! per entry plus its payload, measured with a million of them: 63 MB for messages of 32 bytes.

use std::{collections::VecDeque, ops::Range, time::Duration};

use serde::{Deserialize, Serialize};
use session::{Direction, Message, Payload, Time};

use super::event::LogEvent;

/// Maximum number of entries in a segment.
const MAX_SEGMENT_ENTRIES: usize = 4_096;

/// Payload size in bytes at which a segment is full. A message of at least this size gets its own
/// segment, and is moved, not copied.
const MAX_SEGMENT_BYTES: usize = 256 << 10;

/// Sentinel for no round-trip time; 71 minutes.
const NO_ROUND_TRIP: u32 = u32::MAX;

/// Recorded message or event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// Sent message.
    Sent(Message),
    /// Received message.
    Received(Message),
    /// Event of the connection, or of the list itself.
    Event(LogEvent),
}

impl Item {
    /// Bytes of the payload of a message, or about those of an event in memory.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Sent(message) | Self::Received(message) => message.len(),
            // In memory, it has its exchanges twice: with their secrets, too.
            Self::Event(event @ LogEvent::Handshake(_)) => 2 * event.size(),
            Self::Event(event) => event.size(),
        }
    }
}

/// Item with its id and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Id, counted from 0 and never reused.
    pub id: u64,
    /// Time of the entry.
    pub at: Time,
    /// Content of the entry.
    pub content: Content<'a>,
    /// Round-trip time, of an echo or a pong.
    pub round_trip: Option<Duration>,
}

/// Content of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Message.
    Message(Direction, Payload<'a>),
    /// Event of the connection, or of the list itself.
    Event(&'a LogEvent),
}

impl Content<'_> {
    /// Bytes of the payload of a message, or of an event as it is stored.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Message(_, payload) => payload.len(),
            Self::Event(event) => event.size(),
        }
    }

    /// Original item.
    pub(crate) fn to_item(self) -> Item {
        match self {
            Self::Message(Direction::In, payload) => Item::Received(payload.to_message()),
            Self::Message(Direction::Out, payload) => Item::Sent(payload.to_message()),
            Self::Event(event) => Item::Event(event.clone()),
        }
    }
}

/// Limits of a transcript; beyond them the oldest entries are evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Maximum number of entries.
    pub entries: usize,
    /// Maximum bytes of messages and events; the newest entry stays whatever its size.
    pub bytes: usize,
}

impl Bounds {
    /// Default: a million entries and 256 MiB, which a browser's page holds without trouble.
    pub const DEFAULT: Self = Self { entries: 1_000_000, bytes: 256 << 20 };
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    SentText,
    SentBinary,
    ReceivedText,
    ReceivedBinary,
    Event,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    at: Time,
    /// Offset into the segment's texts, bytes or events.
    start: u32,
    /// Bytes of the entry; those of a message lie behind `start`.
    len: u32,
    /// In microseconds.
    round_trip: u32,
    kind: Kind,
}

/// Consecutive entries.
#[derive(Clone, Debug, Default)]
struct Segment {
    /// Id of the first row.
    first: u64,
    rows: Vec<Row>,
    texts: String,
    bytes: Vec<u8>,
    events: Vec<LogEvent>,
    /// Bytes of the events.
    event_bytes: usize,
}

impl Segment {
    fn is_full(&self) -> bool {
        self.rows.len() >= MAX_SEGMENT_ENTRIES
            || self.texts.len() + self.bytes.len() + self.event_bytes >= MAX_SEGMENT_BYTES
    }

    fn push(&mut self, at: Time, item: Item, size: usize, round_trip: Option<Duration>) {
        let round_trip = round_trip
            .and_then(|time| u32::try_from(time.as_micros()).ok())
            .unwrap_or(NO_ROUND_TRIP);
        let (kind, start) = match item {
            Item::Sent(Message::Text(text)) => (Kind::SentText, self.append_text(text)),
            Item::Sent(Message::Binary(bytes)) => (Kind::SentBinary, self.append_bytes(bytes)),
            Item::Received(Message::Text(text)) => (Kind::ReceivedText, self.append_text(text)),
            Item::Received(Message::Binary(bytes)) => {
                (Kind::ReceivedBinary, self.append_bytes(bytes))
            }
            Item::Event(event) => {
                self.events.push(event);
                self.event_bytes += size;
                (Kind::Event, self.events.len() - 1)
            }
        };
        // A segment is full long before: only a message of its own may be larger than 256 KiB, and
        // it starts at 0. No browser or server passes one of 4 GiB.
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let len = u32::try_from(size).unwrap_or(u32::MAX);
        self.rows.push(Row { at, start, len, round_trip, kind });
    }

    /// Appends a text. Returns its offset.
    fn append_text(&mut self, text: String) -> usize {
        let start = self.texts.len();
        if start == 0 && text.len() >= MAX_SEGMENT_BYTES {
            self.texts = text;
        } else {
            self.texts.push_str(&text);
        }
        start
    }

    /// Appends bytes. Returns their offset.
    fn append_bytes(&mut self, bytes: Vec<u8>) -> usize {
        let start = self.bytes.len();
        if start == 0 && bytes.len() >= MAX_SEGMENT_BYTES {
            self.bytes = bytes;
        } else {
            self.bytes.extend_from_slice(&bytes);
        }
        start
    }

    fn entry(&self, index: usize) -> Option<Entry<'_>> {
        let row = self.rows.get(index)?;
        let range = row.start as usize..row.start as usize + row.len as usize;
        let round_trip =
            (row.round_trip != NO_ROUND_TRIP).then(|| Duration::from_micros(row.round_trip.into()));
        let text = |direction| {
            Some(Content::Message(direction, Payload::Text(self.texts.get(range.clone())?)))
        };
        let binary = |direction| {
            Some(Content::Message(direction, Payload::Binary(self.bytes.get(range.clone())?)))
        };
        let content = match row.kind {
            Kind::SentText => text(Direction::Out),
            Kind::SentBinary => binary(Direction::Out),
            Kind::ReceivedText => text(Direction::In),
            Kind::ReceivedBinary => binary(Direction::In),
            Kind::Event => self.events.get(row.start as usize).map(Content::Event),
        };
        Some(Entry { id: self.first + index as u64, at: row.at, content: content?, round_trip })
    }
}

/// Entries of a session, oldest first.
#[derive(Clone, Debug)]
pub struct Transcript {
    bounds: Bounds,
    segments: VecDeque<Segment>,
    /// Id of the oldest entry.
    begin: u64,
    /// Entries that were forgotten by choice.
    forgotten: u64,
    /// Id of the next entry.
    end: u64,
    /// Bytes of all entries.
    bytes: usize,
}

impl Transcript {
    /// An empty transcript.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, segments: VecDeque::new(), begin: 0, forgotten: 0, end: 0, bytes: 0 }
    }

    /// Appends an item, and evicts the oldest entries beyond the limits.
    pub fn push(&mut self, at: Time, item: Item, round_trip: Option<Duration>) {
        let size = item.size();
        let has_room = self.segments.back().is_some_and(|newest| !newest.is_full());
        if !has_room || size >= MAX_SEGMENT_BYTES {
            self.segments.push_back(Segment { first: self.end, ..Segment::default() });
        }
        if let Some(newest) = self.segments.back_mut() {
            newest.push(at, item, size, round_trip);
            self.end += 1;
            self.bytes += size;
        }
        self.keep_bounds();
    }

    /// Changes the limits, and evicts entries beyond them.
    pub fn bound(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.keep_bounds();
    }

    /// Evicts the entries before `id`.
    pub(crate) fn forget_before(&mut self, id: u64) {
        let before = self.begin;
        while self.begin < id.min(self.end) {
            self.forget_oldest();
        }
        self.forgotten += self.begin - before;
    }

    /// Number of entries that were evicted over the bounds.
    pub(crate) fn evicted(&self) -> u64 {
        self.begin - self.forgotten
    }

    /// Ids of the entries, oldest first. Earlier ones were evicted, or forgotten by choice.
    #[must_use]
    pub fn ids(&self) -> Range<u64> {
        self.begin..self.end
    }

    /// Entry of this id, unless evicted.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Entry<'_>> {
        if id < self.begin {
            return None;
        }
        let after = self.segments.partition_point(|segment| segment.first <= id);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        segment.entry(usize::try_from(id - segment.first).ok()?)
    }

    /// Entries with ids in `ids`, in order.
    pub fn entries(&self, ids: Range<u64>) -> impl Iterator<Item = Entry<'_>> {
        let ids = ids.start.max(self.begin)..ids.end.min(self.end);
        let first = self.segments.partition_point(|segment| segment.first <= ids.start);
        let mut at = first.saturating_sub(1);
        ids.map_while(move |id| {
            let mut segment = self.segments.get(at)?;
            if id - segment.first >= segment.rows.len() as u64 {
                at += 1;
                segment = self.segments.get(at)?;
            }
            segment.entry(usize::try_from(id - segment.first).ok()?)
        })
    }

    fn keep_bounds(&mut self) {
        while self.end - self.begin > 1
            && (self.end - self.begin > self.bounds.entries as u64
                || self.bytes > self.bounds.bytes)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.segments.front() else { return };
        let index = usize::try_from(self.begin - oldest.first).unwrap_or(usize::MAX);
        if let Some(row) = oldest.rows.get(index) {
            self.bytes -= row.len as usize;
        }
        self.begin += 1;
        if self.begin >= oldest.first + oldest.rows.len() as u64 {
            self.segments.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use session::{Close, EndReason};

    use super::*;
    use crate::log::Ended;

    const BOUNDS: Bounds = Bounds { entries: 3, bytes: 10 };

    fn binary(size: usize) -> Item {
        Item::Received(Message::Binary(vec![0; size]))
    }

    fn transcript(sizes: &[usize]) -> Transcript {
        let mut transcript = Transcript::new(BOUNDS);
        for size in sizes {
            transcript.push(Time(0), binary(*size), None);
        }
        transcript
    }

    #[test]
    fn past_a_bound_the_oldest_are_dropped_and_an_oversized_message_stays_until_the_next() {
        for (sizes, ids) in [
            (&[4, 4, 2][..], 0..3),
            (&[0, 0, 0, 0], 1..4),
            (&[4, 4, 3], 1..3),
            (&[1, 11], 1..2),
            (&[1, 11, 1], 2..3),
        ] {
            assert_eq!(transcript(sizes).ids(), ids, "{sizes:?}");
        }
    }

    #[test]
    fn a_lower_limit_evicts_at_once() {
        let mut transcript = transcript(&[1, 2, 3]);
        transcript.bound(Bounds { entries: 2, bytes: 4 });
        assert_eq!((transcript.ids(), transcript.bytes), (2..3, 3));
    }

    #[test]
    fn a_large_message_lies_between_small_ones() {
        let mut transcript = Transcript::new(Bounds::DEFAULT);
        let sizes = [1, MAX_SEGMENT_BYTES, 2, MAX_SEGMENT_BYTES + 1, MAX_SEGMENT_BYTES - 1, 3];
        for size in sizes {
            transcript.push(Time(0), binary(size), None);
        }
        let held = transcript.entries(0..9).map(|entry| match entry.content {
            Content::Message(_, payload) => payload.len(),
            Content::Event(..) => 0,
        });
        assert_eq!(held.collect::<Vec<_>>(), sizes);
    }

    #[test]
    fn an_event_counts_by_what_it_holds_and_no_longer_than_it_is_held() {
        let mut transcript = Transcript::new(Bounds { entries: 9, bytes: 1_000 });
        let reason = EndReason::Failed;
        for _ in 0..9 {
            let ended = Ended { address: "x".repeat(400), ..reason.clone().into() };
            transcript.push(Time(0), Item::Event(LogEvent::Ended(ended)), None);
        }
        assert_eq!(transcript.ids(), 7..9);
        transcript.push(Time(0), binary(1), None);
        assert_eq!(transcript.ids(), 7..10);
    }

    fn items() -> impl Strategy<Value = (Item, Option<Duration>)> {
        let size = prop_oneof![8 => 0..40_usize, 1 => MAX_SEGMENT_BYTES - 1..MAX_SEGMENT_BYTES + 2];
        let message =
            (any::<bool>(), size, any::<char>()).prop_map(|(is_text, size, character)| {
                if is_text {
                    Message::Text(character.to_string().repeat(size))
                } else {
                    Message::Binary(vec![7; size])
                }
            });
        let round_trip = prop::option::of((0..9_000_u64).prop_map(Duration::from_micros));
        prop_oneof![
            (message.clone(), round_trip)
                .prop_map(|(message, round_trip)| (Item::Received(message), round_trip)),
            message.prop_map(|message| (Item::Sent(message), None)),
            Just((Item::Event(LogEvent::Ended(EndReason::Closed(Close::abnormal()).into())), None)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Against the plainest thing that does the same: a list of everything, cut at the front.
        #[test]
        fn transcript_holds_the_newest_entries(
            items in prop::collection::vec(items(), 1..60),
            copies in 1..200_usize,
            entries in 1..5_000_usize,
            bytes in 0..(3 * MAX_SEGMENT_BYTES),
        ) {
            let mut transcript = Transcript::new(Bounds { entries, bytes });
            let items: Vec<_> = items.iter().cycle().take(items.len() * copies).collect();
            // Small ones many times over, so that segments fill by count, too.
            let is_small = |item: &Item| item.size() < 4_096;
            let items: Vec<_> = items.into_iter().filter(|(item, _)| copies < 4 || is_small(item)).collect();
            for (at, (item, round_trip)) in items.iter().enumerate() {
                transcript.push(Time(at as u64), item.clone(), *round_trip);
            }
            let end = items.len();
            let mut begin = end.saturating_sub(1);
            let mut held = items.last().map_or(0, |(item, _)| item.size());
            while begin > 0 && end - begin < entries && held + items[begin - 1].0.size() <= bytes {
                begin -= 1;
                held += items[begin].0.size();
            }
            prop_assert_eq!(transcript.ids(), begin as u64..end as u64);
            prop_assert_eq!(transcript.bytes, held);
            for entry in transcript.entries(0..u64::MAX) {
                let index = usize::try_from(entry.id).unwrap();
                prop_assert_eq!(entry.at, Time(entry.id));
                prop_assert_eq!(&(entry.content.to_item(), entry.round_trip), items[index]);
                prop_assert_eq!(transcript.get(entry.id), Some(entry));
            }
            prop_assert_eq!(transcript.entries(0..u64::MAX).count(), end - begin);
            prop_assert_eq!(transcript.get(end as u64), None);
            prop_assert_eq!(begin.checked_sub(1).and_then(|id| transcript.get(id as u64)), None);
        }
    }
}
