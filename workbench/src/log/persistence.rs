//! Persisted part of a transcript: the newest entries, in chunks that are written and deleted
//! whole, so that a store handles only numbers and bytes.

use std::{collections::VecDeque, ops::Range, time::Duration};

use session::Time;

use crate::{
    codec::{decode, encode},
    log::{Item, Transcript},
};

/// Maximum number of persisted entries per list.
pub const MAX_KEPT_ENTRIES: u64 = 10_000;

/// Maximum persisted bytes per list: browsers grant a page some hundred megabytes, shared by its
/// tabs.
const MAX_KEPT_BYTES: usize = 8 << 20;

/// Maximum size of a persisted entry in bytes. Longer ones are omitted.
const MAX_KEPT_MESSAGE: usize = 256 << 10;

/// Maximum number of entries in a chunk. The last chunk is rewritten until it is full.
const MAX_CHUNK_ENTRIES: usize = 1_000;

/// Size in bytes at which a chunk is full.
const MAX_CHUNK_BYTES: usize = 256 << 10;

/// First bytes of a chunk. Change them with the form of an item: chunks of another form are left out.
const FORM: [u8; 4] = *b"log2";

/// Persisted entry.
pub(crate) type Kept = (Time, Item, Option<Duration>);

/// Atomic change of the store, so that it never holds too much or too little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreChange {
    /// Chunks to write, by number; existing ones are replaced.
    pub write: Vec<(u32, Vec<u8>)>,
    /// Numbers of chunks to remove.
    pub remove: Range<u32>,
}

/// Entries that are stored together.
#[derive(Clone, Debug)]
struct Chunk {
    /// Number, part of its key in storage.
    number: u32,
    /// Ids of its entries.
    ids: Range<u64>,
    bytes: usize,
}

/// Index of the chunks in the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct PersistedChunks {
    /// Oldest first, with consecutive numbers and ids.
    chunks: VecDeque<Chunk>,
    /// Number of the next chunk.
    next: u32,
    /// First entry after the chunks that were removed for their bytes.
    over: u64,
}

impl PersistedChunks {
    /// Restores persisted entries, oldest first. Unreadable chunks are skipped.
    pub(crate) fn restore(&mut self, chunks: &[(u32, Vec<u8>)]) -> Vec<Kept> {
        let mut entries: Vec<Kept> = Vec::new();
        for (number, bytes) in chunks {
            let first = entries.len() as u64;
            let chunk = decode::<([u8; 4], Vec<Kept>)>(bytes).filter(|(form, _)| *form == FORM);
            entries.extend(chunk.unwrap_or_default().1);
            let ids = first..entries.len() as u64;
            self.chunks.push_back(Chunk { number: *number, ids, bytes: bytes.len() });
            self.next = number.saturating_add(1);
        }
        entries
    }

    /// Change that makes the store hold the newest entries from `first` on; `None` if it already
    /// does.
    pub(crate) fn update(&mut self, transcript: &Transcript, first: u64) -> Option<StoreChange> {
        let held = transcript.ids();
        let mut first =
            first.max(held.start).max(held.end.saturating_sub(MAX_KEPT_ENTRIES)).max(self.over);
        let oldest = self.chunks.front().map_or(self.next, |chunk| chunk.number);
        // Cleared and restored entries precede all persisted ones.
        let is_behind = self.chunks.front().is_some_and(|chunk| chunk.ids.start > first);
        let is_apart = self.chunks.back().is_some_and(|chunk| chunk.ids.end < first);
        if is_behind || is_apart {
            self.chunks.clear();
        }
        let mut written = Vec::new();
        let mut from = self.chunks.back().map_or(first, |chunk| chunk.ids.end);
        let fitting = first_that_fits(transcript, from);
        if fitting > from {
            // Earlier ones would be written to be removed.
            self.chunks.clear();
            (first, from, self.over) = (fitting, fitting, fitting);
        }
        if from < held.end {
            if let Some(chunk) = self.chunks.back().filter(|chunk| !chunk.is_full()) {
                from = chunk.ids.start.max(first);
                self.next = chunk.number;
                self.chunks.pop_back();
            }
            while from < held.end {
                from = self.write(transcript, from..held.end, &mut written);
            }
        }
        let mut bytes = self.chunks.iter().map(|chunk| chunk.bytes).sum::<usize>();
        while let Some(oldest) = self.chunks.front()
            && (oldest.ids.end <= first || bytes > MAX_KEPT_BYTES)
        {
            bytes -= oldest.bytes;
            if oldest.ids.end > first {
                self.over = oldest.ids.end;
            }
            self.chunks.pop_front();
        }
        if self.chunks.is_empty() {
            self.over = 0;
        }
        let remains = self.chunks.front().map_or(self.next, |chunk| chunk.number);
        written.retain(|(number, _)| *number >= remains);
        let change = StoreChange { write: written, remove: oldest..remains };
        (!change.write.is_empty() || !change.remove.is_empty()).then_some(change)
    }

    /// Writes a chunk from the start of `ids`; returns the start of the next one.
    fn write(
        &mut self,
        transcript: &Transcript,
        ids: Range<u64>,
        written: &mut Vec<(u32, Vec<u8>)>,
    ) -> u64 {
        let mut entries: Vec<Kept> = Vec::new();
        let (mut end, mut bytes) = (ids.start, 0);
        for entry in transcript.entries(ids.clone()) {
            if end - ids.start >= MAX_CHUNK_ENTRIES as u64 || bytes >= MAX_CHUNK_BYTES {
                break;
            }
            end = entry.id + 1;
            let size = entry.content.size();
            if size <= MAX_KEPT_MESSAGE {
                bytes += size;
                entries.push((entry.at, entry.content.to_item(), entry.round_trip));
            }
        }
        let chunk = encode(&(FORM, &entries));
        self.chunks.push_back(Chunk { number: self.next, ids: ids.start..end, bytes: chunk.len() });
        written.push((self.next, chunk));
        self.next = self.next.saturating_add(1);
        end
    }
}

/// First of the entries from `from` on that is within [`MAX_KEPT_BYTES`], or the one before it.
fn first_that_fits(transcript: &Transcript, from: u64) -> u64 {
    let (mut id, mut bytes) = (transcript.ids().end, 0);
    while id > from && bytes <= MAX_KEPT_BYTES {
        id -= 1;
        let size = transcript.get(id).map_or(0, |entry| entry.content.size());
        bytes += if size <= MAX_KEPT_MESSAGE { size } else { 0 };
    }
    id
}

impl Chunk {
    /// True once later entries belong into another chunk.
    fn is_full(&self) -> bool {
        self.ids.end - self.ids.start >= MAX_CHUNK_ENTRIES as u64 || self.bytes >= MAX_CHUNK_BYTES
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use session::Message;

    use super::*;
    use crate::{
        log::{Bounds, LogEvent},
        relay::{Opening, Response},
    };

    /// A store that does what it is told.
    #[derive(Default)]
    struct Store(BTreeMap<u32, Vec<u8>>);

    impl Store {
        fn apply(&mut self, change: Option<StoreChange>) {
            let Some(StoreChange { write, remove }) = change else { return };
            self.0.retain(|number, _| !remove.contains(number));
            self.0.extend(write);
        }

        fn restored(&self) -> (PersistedChunks, Vec<Kept>) {
            let chunks: Vec<_> = self.0.iter().map(|(number, it)| (*number, it.clone())).collect();
            let mut persisted = PersistedChunks::default();
            let entries = persisted.restore(&chunks);
            (persisted, entries)
        }
    }

    fn texts(entries: &[Kept]) -> Vec<u64> {
        let number = |item: &Item| match item {
            Item::Received(Message::Text(text)) => text.trim_end_matches('x').parse().ok(),
            _ => None,
        };
        entries.iter().filter_map(|(_, item, _)| number(item)).collect()
    }

    fn push(transcript: &mut Transcript, padding: usize) {
        let text = format!("{}{}", transcript.ids().end, "x".repeat(padding));
        transcript.push(Time(7), Item::Received(Message::Text(text)), None);
    }

    #[test]
    fn persisted_entries_are_restored() {
        let mut transcript = Transcript::new(Bounds::DEFAULT);
        let took = Some(Duration::from_micros(12));
        transcript.push(Time(1), Item::Sent(Message::Binary(vec![0, 255])), None);
        transcript.push(Time(2), Item::Received(Message::Text("é".into())), took);
        let mut store = Store::default();
        store.apply(PersistedChunks::default().update(&transcript, 0));
        let (_, entries) = store.restored();
        assert_eq!(
            entries,
            [
                (Time(1), Item::Sent(Message::Binary(vec![0, 255])), None),
                (Time(2), Item::Received(Message::Text("é".into())), took),
            ]
        );
    }

    #[test]
    fn nothing_is_written_when_nothing_is_new() {
        let mut transcript = Transcript::new(Bounds::DEFAULT);
        let mut persisted = PersistedChunks::default();
        assert_eq!(persisted.update(&transcript, 0), None);
        push(&mut transcript, 0);
        assert!(persisted.update(&transcript, 0).is_some());
        assert_eq!(persisted.update(&transcript, 0), None);
    }

    #[test]
    fn an_overlong_message_is_omitted() {
        let mut transcript = Transcript::new(Bounds::DEFAULT);
        for size in [MAX_KEPT_MESSAGE, MAX_KEPT_MESSAGE + 1] {
            transcript.push(Time(0), Item::Received(Message::Binary(vec![7; size])), None);
        }
        let mut store = Store::default();
        store.apply(PersistedChunks::default().update(&transcript, 0));
        let sizes = store.restored().1.iter().map(|(_, item, _)| item.size()).collect::<Vec<_>>();
        assert_eq!(sizes, [MAX_KEPT_MESSAGE]);
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let mut transcript = Transcript::new(Bounds::DEFAULT);
        let (mut persisted, mut store) = (PersistedChunks::default(), Store::default());
        for _ in 0..2 {
            (0..1_000).for_each(|_| push(&mut transcript, 25_000));
            let before = persisted.next;
            store.apply(persisted.update(&transcript, 0));
            let (written, most) = (persisted.next - before, MAX_KEPT_BYTES / MAX_CHUNK_BYTES + 1);
            assert!(written as usize <= most, "{written} chunks of 25 MB");
            let kept = texts(&store.restored().1);
            assert!(kept.len() > 300 && kept.last() == Some(&(transcript.ids().end - 1)));
            assert_eq!(persisted.update(&transcript, 0), None, "nothing is new");
        }
    }

    #[test]
    fn large_openings_do_not_push_out_the_newest_entries() {
        let mut transcript = Transcript::new(Bounds::DEFAULT);
        let head = format!("GET / HTTP/1.1\r\nX-Padding: {}\r\n", "x".repeat(60_000));
        for _ in 0..200 {
            let opening = Box::new(Opening::of_heads(&head, Response::default()));
            transcript.push(Time(0), Item::Event(LogEvent::Handshake(opening)), None);
        }
        push(&mut transcript, 0);
        let (mut persisted, mut store) = (PersistedChunks::default(), Store::default());
        store.apply(persisted.update(&transcript, 0));
        let entries = store.restored().1;
        assert_eq!(texts(&entries), [200]);
        assert!(entries.len() > 50, "{}", entries.len());
        assert!(persisted.update(&transcript, 0).is_none(), "nothing is new");
    }

    #[test]
    fn invalid_chunks_are_skipped() {
        let mut persisted = PersistedChunks::default();
        let of_another_form =
            encode(&vec![(Time(7), Item::Received(Message::Binary(vec![7])), None::<Duration>)]);
        let chunks = [(2, of_another_form), (3, vec![255; 9]), (4, Vec::new())];
        assert_eq!(persisted.restore(&chunks), []);
        let mut transcript = Transcript::new(Bounds::DEFAULT);
        push(&mut transcript, 0);
        let change = persisted.update(&transcript, 0).unwrap();
        assert_eq!((change.write[0].0, change.remove), (4, 2..4));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(u64, usize),
        Keep,
        Clear,
        Unclear,
        Reload,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (1..3_000_u64, 0..2_usize).prop_map(|(count, padding)| Step::Push(count, padding * 400)),
            4 => Just(Step::Keep),
            1 => Just(Step::Clear),
            1 => Just(Step::Unclear),
            1 => Just(Step::Reload),
        ];
        prop::collection::vec(step, 1..25)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// After each `update` the store holds a run of the newest entries that reaches back as far as
        /// the bounds allow, give or take a chunk.
        #[test]
        fn the_newest_entries_are_persisted_within_limits(steps in steps()) {
            let mut transcript = Transcript::new(Bounds { entries: 25_000, bytes: 64 << 20 });
            let (mut persisted, mut store, mut first) = (PersistedChunks::default(), Store::default(), 0);
            for step in steps {
                match step {
                    Step::Push(count, padding) => {
                        (0..count).for_each(|_| push(&mut transcript, padding));
                    }
                    Step::Clear => first = transcript.ids().end,
                    Step::Unclear => first = 0,
                    Step::Keep => {}
                    Step::Reload => {
                        let (restored, entries) = store.restored();
                        persisted = restored;
                        first = 0;
                        transcript = Transcript::new(Bounds { entries: 25_000, bytes: 64 << 20 });
                        for (at, item, round_trip) in entries {
                            transcript.push(at, item, round_trip);
                        }
                    }
                }
                store.apply(persisted.update(&transcript, first));
                prop_assert!(persisted.update(&transcript, first).is_none());
                let bytes: usize = store.0.values().map(Vec::len).sum();
                prop_assert!(bytes <= MAX_KEPT_BYTES);
                let kept = texts(&store.restored().1);
                let held: Vec<_> = transcript
                    .entries(first..u64::MAX)
                    .map(|entry| (entry.at, entry.content.to_item(), None))
                    .collect();
                let held = texts(&held);
                prop_assert!(kept.len() < usize::try_from(MAX_KEPT_ENTRIES).unwrap() + MAX_CHUNK_ENTRIES);
                let common = kept.len().min(held.len());
                prop_assert_eq!(&kept[kept.len() - common..], &held[held.len() - common..]);
                if bytes < MAX_KEPT_BYTES - 2 * MAX_CHUNK_BYTES {
                    prop_assert!(common == held.len() || common as u64 >= MAX_KEPT_ENTRIES);
                }
            }
        }
    }
}
