//! Message log: transcript, list, pins and the inspected entry.

use std::{ops::Range, time::Duration};

use session::{Payload, Time};

use super::{
    command::{LogCommand, Purpose},
    output::{Output, Outputs, Timer},
    report::{Fetched, Report},
    snapshot::Snapshot,
};
use crate::{
    exchange::{Exporting, Piece},
    log::{
        Bounds, Content, Entry, EntryRef, Filter, Item, Line, Listing, MessageRef, PersistedChunks,
        Pins, Query, RegexError, Row, RowContent, RowRequest, StoreChange, Transcript,
    },
    payload::PART,
};

/// Steps of a filter in one slice: some ten milliseconds of work.
const SLICE: u64 = 1 << 20;

/// Rows of a snapshot, at most: more than any screen has.
const ROWS: u64 = 512;

/// Bytes of a message that are copied or edited, at most.
pub const COPIED: usize = 16 << 20;

/// State of the message log.
#[derive(Debug)]
pub(super) struct Log {
    transcript: Transcript,
    listing: Listing,
    pins: Pins,
    /// Time of the first entry of all.
    began_at: Option<Time>,
    requested: RowRequest,
    /// Counts the changes of row numbers.
    generation: u32,
    query_error: Option<RegexError>,
    inspected: Option<u64>,
    /// True if cleared entries can be restored.
    can_unclear: bool,
    /// [`Timer::Filter`] is set.
    is_filtering: bool,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            transcript: Transcript::new(Bounds::DEFAULT),
            listing: Listing::default(),
            pins: Pins::default(),
            began_at: None,
            requested: RowRequest::Newest(0),
            generation: 0,
            query_error: None,
            inspected: None,
            can_unclear: false,
            is_filtering: false,
        }
    }

    /// Performs a command.
    pub(super) fn update(&mut self, command: LogCommand, outputs: &mut Outputs) {
        match command {
            LogCommand::RequestRows(request) => self.requested = request,
            LogCommand::Find(query) => self.find(query),
            LogCommand::Pause(true) => self.listing.pause(Some(self.transcript.ids().end)),
            LogCommand::Pause(false) => self.listing.pause(None),
            LogCommand::Clear => self.clear(),
            LogCommand::Unclear => self.unclear(),
            LogCommand::Forget => {
                self.can_unclear = false;
                self.transcript.forget_before(self.listing.cleared_before());
            }
            LogCommand::Pin(id, true) => self.pin(id, outputs),
            LogCommand::Pin(id, false) => self.pins.remove(id),
            LogCommand::Inspect(entry) => self.inspect(entry, outputs),
            LogCommand::Fetch(id, purpose) => self.fetch(id, purpose, outputs),
            LogCommand::Bound(bounds) => self.transcript.bound(bounds),
        }
        self.filter(outputs);
    }

    /// Records an item.
    pub(super) fn push(
        &mut self,
        at: Time,
        item: Item,
        round_trip: Option<Duration>,
        outputs: &mut Outputs,
    ) {
        self.began_at.get_or_insert(at);
        self.transcript.push(at, item, round_trip);
        self.filter(outputs);
    }

    /// Filters a slice of new entries, unless a timer will.
    fn filter(&mut self, outputs: &mut Outputs) {
        if !self.is_filtering && self.listing.filter_in_use().is_some() {
            self.filter_slice(outputs);
        }
    }

    /// Filters a slice of entries, and sets a timer for the rest.
    pub(super) fn filter_slice(&mut self, outputs: &mut Outputs) {
        self.is_filtering = self.listing.advance(&self.transcript, SLICE);
        if self.is_filtering {
            outputs.push_back(Output::Timer(Timer::Filter, Duration::ZERO));
        }
    }

    /// Ids of all entries that are held.
    pub(super) fn ids(&self) -> Range<u64> {
        self.transcript.ids()
    }

    /// Message of an entry that is held or pinned.
    pub(super) fn message(&self, id: u64) -> Option<MessageRef<'_>> {
        let entry = self.transcript.get(id).or_else(|| self.pins.get(id))?;
        MessageRef::of(&entry)
    }

    /// Change of the store after which it holds the newest entries.
    pub(super) fn persist(&self, persisted: &mut PersistedChunks) -> Option<StoreChange> {
        persisted.update(&self.transcript, self.listing.cleared_before())
    }

    /// Writes the next listed entries to a file.
    pub(super) fn export(&self, exporting: Exporting) -> (Piece, Option<Exporting>) {
        let (rows, ids) = (self.listing.rows(&self.transcript), exporting.ids());
        let first = self.listing.row(ids.start).max(rows.start);
        let listed = (first..rows.end).map_while(|row| self.listing.id(row));
        let entries =
            listed.take_while(|id| *id < ids.end).filter_map(|id| self.transcript.get(id));
        exporting.advance(entries)
    }

    fn find(&mut self, query: Query) {
        let filter = Filter::new(query);
        self.query_error = filter.as_ref().err().cloned();
        if let Ok(filter) = filter {
            self.listing.filter(filter);
            self.generation += 1;
        }
    }

    /// Clears the list. Entries that were cleared before cannot be restored any more.
    fn clear(&mut self) {
        self.transcript.forget_before(self.listing.cleared_before());
        self.listing.clear_before(self.transcript.ids().end);
        self.can_unclear = true;
        self.generation += 1;
    }

    fn unclear(&mut self) {
        if self.can_unclear {
            self.can_unclear = false;
            self.listing.clear_before(0);
            self.generation += 1;
        }
    }

    fn pin(&mut self, id: u64, outputs: &mut Outputs) {
        let pinned = self.pins.get(id).is_some();
        let entry = self.transcript.get(id);
        let Some(message) = entry.as_ref().and_then(MessageRef::of).filter(|_| !pinned) else {
            return;
        };
        if !self.pins.add(id, &message) {
            outputs.push_back(Output::Report(Report::NotPinned));
        }
    }

    fn inspect(&mut self, entry: Option<EntryRef>, outputs: &mut Outputs) {
        let listed = self.listing.rows(&self.transcript);
        self.inspected = match entry {
            Some(EntryRef::Row(_)) if listed.is_empty() => None,
            Some(EntryRef::Row(row)) => self.listing.id(row.clamp(listed.start, listed.end - 1)),
            Some(EntryRef::Id(id)) => Some(id),
            None => None,
        };
        if let Some(id) = self.inspected {
            self.fetch(id, Purpose::Inspect, outputs);
        }
    }

    fn fetch(&self, id: u64, purpose: Purpose, outputs: &mut Outputs) {
        let Some(MessageRef { at, direction, payload, .. }) = self.message(id) else {
            let event = self.transcript.get(id).filter(|_| purpose == Purpose::Inspect);
            let event = event.map(|entry| Report::Event(Box::new(self.show_row(&entry, None))));
            return outputs.extend(event.map(Output::Report));
        };
        let most = match purpose {
            Purpose::Inspect | Purpose::Compare => PART,
            Purpose::Copy | Purpose::Edit => COPIED,
        };
        let part = match payload {
            Payload::Text(text) => &text.as_bytes()[..text.floor_char_boundary(most)],
            Payload::Binary(bytes) => &bytes[..bytes.len().min(most)],
        };
        outputs.push_back(Output::Report(Report::Fetched(Fetched {
            id,
            at,
            direction,
            kind: payload.kind(),
            size: payload.len() as u64,
            part: part.to_owned(),
            purpose,
        })));
    }

    /// Adds the log's part of a snapshot.
    pub(super) fn show(&self, snapshot: &mut Snapshot) {
        let held = self.transcript.ids();
        let listed = self.listing.rows(&self.transcript);
        let requested = self.requested_rows(&listed);
        let cleared = self.listing.cleared_before().saturating_sub(held.start);
        snapshot.began_at = self.began_at;
        snapshot.held = held.end - held.start;
        snapshot.evicted = held.start;
        snapshot.generation = self.generation;
        let is_slow = self.listing.has_given_up();
        snapshot.query_error = self.query_error.clone().or(is_slow.then_some(RegexError::TooSlow));
        snapshot.unfiltered = self.listing.unfiltered(&self.transcript);
        snapshot.since_pause = self.listing.paused_from().map(|from| held.end - from);
        snapshot.cleared = if self.can_unclear { cleared } else { 0 };
        snapshot.first = requested.start;
        snapshot.rows = requested.filter_map(|row| self.row(row)).collect();
        snapshot.inspected = self.inspected.map(|id| {
            let row = self.listing.row(id);
            let is_listed = listed.contains(&row) && self.listing.id(row) == Some(id);
            (id, is_listed.then_some(row))
        });
        snapshot.pinned = self.pins.entries().map(|entry| self.show_row(&entry, None)).collect();
        snapshot.listed = listed;
    }

    fn requested_rows(&self, listed: &Range<u64>) -> Range<u64> {
        let wanted = match &self.requested {
            RowRequest::Rows(rows) => rows.clone(),
            RowRequest::Newest(count) => listed.end.saturating_sub(*count)..listed.end,
        };
        let first = wanted.start.clamp(listed.start, listed.end);
        first..wanted.end.clamp(first, listed.end).min(first.saturating_add(ROWS))
    }

    fn row(&self, row: u64) -> Option<Row> {
        let entry = self.transcript.get(self.listing.id(row)?)?;
        let before = entry.id.checked_sub(1).and_then(|id| self.transcript.get(id));
        Some(self.show_row(&entry, before.map(|entry| entry.at)))
    }

    fn show_row(&self, entry: &Entry<'_>, before: Option<Time>) -> Row {
        let shows = match entry.content {
            Content::Message(direction, payload, round_trip) => {
                let mut line = Line::of(payload);
                if let Some(filter) = self.listing.filter_in_use() {
                    line.marks = filter.marks(&line.text);
                }
                let is_pinned = self.pins.contains(entry.id);
                let (kind, size) = (payload.kind(), payload.len() as u64);
                RowContent::Message { direction, kind, size, round_trip, line, is_pinned }
            }
            Content::Opened(opened) => RowContent::Opened(opened.clone()),
            Content::Ended(ended) => RowContent::Ended(ended.clone()),
            Content::Imported(divider) => RowContent::Imported(divider.clone()),
            Content::Switched(switched) => RowContent::Switched(switched.clone()),
        };
        Row { id: entry.id, at: entry.at, before, shows }
    }
}
