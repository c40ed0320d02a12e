//! Message log: transcript, list, pins and the inspected entry.

use std::{cell::RefCell, ops::Range, time::Duration};

use session::{Payload, PayloadKind, Time};

use super::{
    command::{LogCommand, Purpose},
    output::{Output, Outputs, Timer},
    report::{Report, Warning},
    snapshot::{Found, Snapshot},
};
use crate::{
    exchange::{Exporting, FileChunk},
    log::{
        Bounds, Content, Entry, EntryRef, Filter, Item, Kept, Line, Listing, LogEvent, Marker,
        MessageRef, PersistedChunks, Pins, Query, QueryError, RegexError, Row, RowContent,
        RowRequest, StoreChange, Transcript,
    },
    payload::{Inspected, MAX_PART_BYTES},
    relay::{FrameBudget, Frames, MessageFrames, Opening},
};

/// Steps of a filter in one slice: some ten milliseconds of work.
const MAX_SLICE_STEPS: u64 = 1 << 20;

/// Rows of a snapshot, at most: more than any screen has.
const MAX_ROWS: u64 = 512;

/// Marked matches in the line of a row, at most.
const MAX_MARKS: usize = 32;

/// Bytes of a message that are copied or edited, at most.
pub const MAX_COPIED_BYTES: usize = 16 << 20;

/// State of the message log.
#[derive(Debug)]
pub(super) struct Log {
    transcript: Transcript,
    listing: Listing,
    finding: Finding,
    pins: Pins,
    frames: Frames,
    frame_rows: FrameBudget,
    /// Time of the first entry of all.
    began_at: Option<Time>,
    requested: RowRequest,
    /// Counts the changes of row numbers.
    generation: u32,
    query_error: Option<QueryError>,
    inspected: Option<u64>,
    /// Entry inspected or found last: arrow keys and the search go on from it.
    current: Option<u64>,
    /// True if cleared entries can be restored.
    can_unclear: bool,
    /// Budget of the pings and pongs among the cleared entries.
    cleared_rows: FrameBudget,
    /// [`Timer::Filter`] is set.
    is_filtering: bool,
}

/// State of the search for a text.
#[derive(Debug, Default)]
struct Finding {
    /// Marks matches in the lines of rows.
    marker: RefCell<Option<Marker>>,
    /// Matches among the listed rows; unused while the list is filtered by the text.
    matches: Listing,
    /// True if matches are only marked.
    marks_only: bool,
    /// Step that waits until the filter has come to its match; `true` for one back.
    step: Option<bool>,
    /// Number of steps so far.
    steps: u32,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            transcript: Transcript::new(Bounds::DEFAULT),
            listing: Listing::default(),
            finding: Finding::default(),
            pins: Pins::default(),
            frames: Frames::default(),
            frame_rows: FrameBudget::default(),
            began_at: None,
            requested: RowRequest::Newest(0),
            generation: 0,
            query_error: None,
            inspected: None,
            current: None,
            can_unclear: false,
            cleared_rows: FrameBudget::default(),
            is_filtering: false,
        }
    }

    /// Performs a command.
    pub(super) fn update(&mut self, command: LogCommand, outputs: &mut Outputs) {
        match command {
            LogCommand::RequestRows(request) => self.requested = request,
            LogCommand::Find(query) => self.find(query),
            LogCommand::FindNext { is_back } => {
                self.finding.step = Some(is_back);
                self.step(outputs);
            }
            LogCommand::Pause(is_paused) => {
                let from = is_paused.then_some(self.transcript.ids().end);
                self.listing.pause(from);
                self.finding.matches.pause(from);
            }
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

    /// Records an item, unless it is one ping or pong too many.
    pub(super) fn push(
        &mut self,
        at: Time,
        mut item: Item,
        round_trip: Option<Duration>,
        outputs: &mut Outputs,
    ) {
        match &mut item {
            Item::Event(LogEvent::Control(frame)) if !self.frame_rows.admits(frame, at) => return,
            Item::Event(event) => event.mask(),
            Item::Sent(_) | Item::Received(_) => {}
        }
        self.began_at.get_or_insert(at);
        self.transcript.push(at, item, round_trip);
        self.filter(outputs);
    }

    /// Records items that were stored: each ping and pong had its row.
    pub(super) fn restore(&mut self, entries: Vec<Kept>, outputs: &mut Outputs) {
        for (at, mut item, round_trip) in entries {
            if let Item::Event(event) = &mut item {
                if let LogEvent::Control(frame) = event {
                    self.frame_rows.takes(frame, at);
                }
                event.mask();
            }
            self.began_at.get_or_insert(at);
            self.transcript.push(at, item, round_trip);
        }
        self.filter(outputs);
    }

    /// Takes the frames of the newest entry.
    pub(super) fn keep_frames(&mut self, frames: MessageFrames) {
        if let Some(newest) = self.transcript.ids().end.checked_sub(1) {
            self.frames.keep(newest, frames);
        }
    }

    /// Takes the frames of the oldest sent message that awaits them.
    pub(super) fn keep_sent_frames(&mut self, frames: MessageFrames) {
        self.frames.keep_awaited(frames);
    }

    /// Awaits the frames of the newest entry.
    pub(super) fn await_frames(&mut self) {
        if let Some(newest) = self.transcript.ids().end.checked_sub(1) {
            self.frames.await_of(newest);
        }
    }

    /// Awaits no more frames.
    pub(super) fn end_frames(&mut self) {
        self.frames.end();
    }

    /// Filters a slice of new entries, unless a timer will.
    fn filter(&mut self, outputs: &mut Outputs) {
        if !self.is_filtering {
            self.filter_slice(outputs);
        }
    }

    /// Filters a slice of entries, and sets a timer for the rest.
    pub(super) fn filter_slice(&mut self, outputs: &mut Outputs) {
        let is_listing = self.listing.advance(&self.transcript, MAX_SLICE_STEPS);
        let is_finding = self.finding.matches.advance(&self.transcript, MAX_SLICE_STEPS);
        self.is_filtering = is_listing || is_finding;
        if self.is_filtering {
            outputs.push_back(Output::Timer(Timer::Filter, Duration::ZERO));
        }
        self.step(outputs);
    }

    /// Ids of all entries that are held.
    pub(super) fn ids(&self) -> Range<u64> {
        self.transcript.ids()
    }

    /// True if no entry is held or pinned.
    pub(super) fn is_empty(&self) -> bool {
        self.transcript.ids().is_empty() && self.pins.entries().next().is_none()
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

    /// True once the filter has checked the entries before `id`, or has given up.
    pub(super) fn is_filtered(&self, id: u64) -> bool {
        let has_checked = id.checked_sub(1).is_none_or(|last| self.listing.has_checked(last));
        has_checked || self.listing.has_checked_all(&self.transcript)
    }

    /// Ids of the listed entries before `end`.
    pub(super) fn listed_before(&self, end: u64) -> Vec<u64> {
        let rows = self.listing.rows(&self.transcript);
        rows.map_while(|row| self.listing.id(row)).take_while(|id| *id < end).collect()
    }

    /// Writes the next entries to a file.
    pub(super) fn export(&self, exporting: Exporting) -> (FileChunk, Option<Exporting>) {
        exporting.advance(|id| {
            let frames = self.frames.of(id).map(|it| it.first.as_slice()).unwrap_or_default();
            Some((self.transcript.get(id)?, frames))
        })
    }

    /// Filters the list. An invalid part of the query excludes nothing: the rows of an earlier
    /// query would be taken for its own.
    fn find(&mut self, mut query: Query) {
        self.query_error = None;
        let (marker, listed, matches) = loop {
            match compiled(query.clone()) {
                Ok(compiled) => break compiled,
                Err(error) => {
                    match error {
                        QueryError::Regex(_) => query.text.clear(),
                        QueryError::Field(_) => query.field.clear(),
                    }
                    self.query_error.get_or_insert(error);
                }
            }
        };
        let marks_only = matches.is_some();
        self.listing.filter(listed);
        self.finding.matches.filter(matches);
        self.finding.marker = RefCell::new(marker);
        self.finding.step = None;
        // The row that is looked at stays in view when the others come or go.
        self.finding.steps += u32::from(self.finding.marks_only != marks_only);
        self.finding.marks_only = marks_only;
        self.generation += 1;
    }

    /// Rows with a match; `None` without a text.
    fn matches(&self) -> Option<&Listing> {
        self.finding.marker.borrow().as_ref()?;
        Some(if self.finding.marks_only { &self.finding.matches } else { &self.listing })
    }

    /// Goes to the next match or the one before, and around the ends. Waits for the filter where it
    /// has not come to the match.
    fn step(&mut self, outputs: &mut Outputs) {
        let Some(is_back) = self.finding.step else { return };
        let Some(matches) = self.matches() else { return };
        let rows = matches.rows(&self.transcript);
        let from = self.current.unwrap_or_else(|| self.first_visible(is_back));
        let at = matches.row(from);
        let is_at_match = self.current.is_some() && matches.id(at) == self.current;
        let has_all = matches.has_checked_all(&self.transcript);
        let (next, around) = if is_back {
            let is_known = has_all || matches.has_checked(from);
            (at.checked_sub(1).filter(|_| is_known), rows.end.saturating_sub(1))
        } else {
            (Some(at + u64::from(is_at_match)), rows.start)
        };
        let next = next.filter(|row| rows.contains(row)).or(has_all.then_some(around));
        let Some(row) = next else { return };
        let found = matches.id(row).filter(|_| rows.contains(&row));
        self.finding.step = None;
        if let Some(id) = found {
            self.current = Some(id);
            self.finding.steps += 1;
            if self.inspected.is_some() {
                self.inspect(Some(EntryRef::Id(id)), outputs);
            }
        }
    }

    /// First entry in view, or the one after the last.
    fn first_visible(&self, is_last: bool) -> u64 {
        let rows = self.requested_rows(&self.listing.rows(&self.transcript));
        let row = if is_last { rows.end } else { rows.start };
        self.listing.id(row).unwrap_or(self.transcript.ids().end)
    }

    /// Clears the list. Entries that were cleared before cannot be restored any more.
    fn clear(&mut self) {
        self.transcript.forget_before(self.listing.cleared_before());
        self.clear_before(self.transcript.ids().end);
        self.can_unclear = true;
        self.cleared_rows = std::mem::take(&mut self.frame_rows);
    }

    fn unclear(&mut self) {
        if self.can_unclear {
            self.can_unclear = false;
            self.frame_rows.retake(&self.cleared_rows);
            self.clear_before(0);
        }
    }

    fn clear_before(&mut self, id: u64) {
        self.listing.clear_before(id);
        self.finding.matches.clear_before(id);
        self.generation += 1;
    }

    fn pin(&mut self, id: u64, outputs: &mut Outputs) {
        let pinned = self.pins.get(id).is_some();
        let entry = self.transcript.get(id);
        let Some(message) = entry.as_ref().and_then(MessageRef::of).filter(|_| !pinned) else {
            return;
        };
        if !self.pins.add(id, &message) {
            outputs.push_back(Output::Report(Report::Warning(Warning::NotPinned)));
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
            self.current = Some(id);
            self.fetch(id, Purpose::Inspect, outputs);
        }
    }

    fn fetch(&self, id: u64, purpose: Purpose, outputs: &mut Outputs) {
        let Some(MessageRef { at, direction, payload, .. }) = self.message(id) else {
            let is_shown = matches!(purpose, Purpose::Inspect | Purpose::Copy);
            let report =
                |entry| Report::Event(Box::new(self.show_row(&entry, None, true)), purpose);
            let event = self.transcript.get(id).filter(|_| is_shown);
            return outputs.extend(event.map(report).map(Output::Report));
        };
        let most = match purpose {
            Purpose::Inspect | Purpose::Compare => MAX_PART_BYTES,
            Purpose::Copy | Purpose::Edit => MAX_COPIED_BYTES,
        };
        let part = match payload {
            Payload::Text(text) => &text.as_bytes()[..text.floor_char_boundary(most)],
            Payload::Binary(bytes) => &bytes[..bytes.len().min(most)],
        };
        let message = Inspected {
            id,
            at,
            direction,
            is_text: payload.kind() == PayloadKind::Text,
            size: payload.len() as u64,
            part: part.to_owned(),
            frames: self.frames.of(id).cloned().unwrap_or_default(),
        };
        outputs.push_back(Output::Report(Report::Fetched(message, purpose)));
    }

    /// Adds the log's part of a snapshot.
    pub(super) fn show(&self, snapshot: &mut Snapshot) {
        let held = self.transcript.ids();
        let listed = self.listing.rows(&self.transcript);
        let requested = self.requested_rows(&listed);
        let cleared = self.listing.cleared_before().saturating_sub(held.start);
        snapshot.began_at = self.began_at;
        snapshot.held = held.end - held.start - cleared;
        snapshot.evicted = self.transcript.evicted();
        snapshot.folded = self.frame_rows.folded;
        snapshot.generation = self.generation;
        let filters = [&self.listing, &self.finding.matches];
        let is_slow = filters.iter().any(|it| it.has_given_up());
        let too_slow = is_slow.then_some(RegexError::TooSlow.into());
        snapshot.query_error = self.query_error.clone().or(too_slow);
        let unfiltered = filters.map(|it| it.unfiltered(&self.transcript));
        snapshot.unfiltered = unfiltered.into_iter().max().unwrap_or(0);
        snapshot.since_pause = self.listing.paused_from().map(|from| held.end - from);
        snapshot.cleared = if self.can_unclear { cleared } else { 0 };
        snapshot.first = requested.start;
        snapshot.rows = requested.filter_map(|row| self.row(row)).collect();
        snapshot.inspected = self.inspected.map(|id| (id, self.row_of(id)));
        snapshot.current = self.current.map(|id| (id, self.row_of(id)));
        snapshot.found = self.found();
        snapshot.pinned =
            self.pins.entries().map(|entry| self.show_row(&entry, None, true)).collect();
        snapshot.listed = listed;
    }

    /// Row of an entry, if it is listed.
    fn row_of(&self, id: u64) -> Option<u64> {
        row_among(&self.listing, &self.transcript, id)
    }

    fn found(&self) -> Option<Found> {
        let matches = self.matches()?;
        let rows = matches.rows(&self.transcript);
        let at = self.current.and_then(|id| row_among(matches, &self.transcript, id));
        Some(Found {
            matches: rows.end - rows.start,
            at: at.map(|row| row - rows.start + 1),
            steps: self.finding.steps,
        })
    }

    fn requested_rows(&self, listed: &Range<u64>) -> Range<u64> {
        let wanted = match &self.requested {
            RowRequest::Rows(rows) => rows.clone(),
            RowRequest::Newest(count) => listed.end.saturating_sub(*count)..listed.end,
        };
        let first = wanted.start.clamp(listed.start, listed.end);
        first..wanted.end.clamp(first, listed.end).min(first.saturating_add(MAX_ROWS))
    }

    fn row(&self, row: u64) -> Option<Row> {
        let entry = self.transcript.get(self.listing.id(row)?)?;
        let before = entry.id.checked_sub(1).and_then(|id| self.transcript.get(id));
        Some(self.show_row(&entry, before.map(|entry| entry.at), false))
    }

    /// Row of an entry; unless it `is_whole`, an opening has only the address that it connected to.
    fn show_row(&self, entry: &Entry<'_>, before: Option<Time>, is_whole: bool) -> Row {
        let shows = match entry.content {
            Content::Message(direction, payload) => {
                let mut line = Line::of(payload);
                if let Some(marker) = &mut *self.finding.marker.borrow_mut() {
                    line.marks = marker.marks(&line.text, MAX_MARKS);
                }
                let is_pinned = self.pins.contains(entry.id);
                let (kind, size) = (payload.kind(), payload.len() as u64);
                RowContent::Message { direction, kind, size, line, is_pinned }
            }
            Content::Event(LogEvent::Handshake(opening)) if !is_whole => {
                let mut brief = Box::<Opening>::default();
                brief.connected.clone_from(&opening.connected);
                RowContent::Event(LogEvent::Handshake(brief))
            }
            Content::Event(event) => RowContent::Event(event.clone()),
        };
        Row { id: entry.id, at: entry.at, before, round_trip: entry.round_trip, shows }
    }
}

/// Compiled query: marker of its text, filter of the rows, and filter of the matches if they are
/// only marked.
type Compiled = (Option<Marker>, Option<Filter>, Option<Filter>);

fn compiled(query: Query) -> Result<Compiled, QueryError> {
    let marker = Marker::new(&query)?;
    let listed = Filter::new(query.listed())?;
    let marks_only = query.marks_only && marker.is_some();
    let matches = if marks_only { Filter::new(query)? } else { None };
    Ok((marker, listed, matches))
}

/// Row of an entry in a listing, if it has one.
fn row_among(listing: &Listing, transcript: &Transcript, id: u64) -> Option<u64> {
    let row = listing.row(id);
    let is_listed = listing.rows(transcript).contains(&row) && listing.id(row) == Some(id);
    is_listed.then_some(row)
}
