//! What runs behind one tab of a workbench: a session, all that passed over it, and what of that a
//! view shows. Commands and events come in; effects for the shell and reports for the view go out.
//!
//! The view gets a [`Snapshot`], and one more, and says when the newest is on screen. So it is never
//! behind by more than a frame, however fast messages come.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use session::{
    Backoff, Direction, Effect, Event, Message, Negotiated, Payload, Retries, Session, State, Step,
    Time,
};

use crate::{
    Bounds, Change, Command, Content, Entry, EntryRef, Fetched, ImportReport, Imported, Item, Line,
    Origin, Piece, Purpose, Query, RegexError, Repeating, Report, Row, RowContent, RowRequest,
    Snapshot, Target, Transcript,
    compose::{Composed, Draft, Repeat, Values},
    detail::PART,
    find::Filter,
    formats::PassedOver,
    keeping::Keeper,
    listing::Listing,
    measure::Measure,
    transfer::{Exporting, Importing},
};

/// Entries that a filter looks at in one slice: some ten milliseconds of work, after which commands
/// and messages have their turn.
const SLICE: u64 = 32_768;

/// Rows in a snapshot, at most: more than any screen has.
const ROWS: u64 = 512;

/// Snapshots that may be on their way to the screen: one of what was sent, and one of its echo, which
/// is there before a frame has passed.
const AHEAD: u8 = 2;

/// Bytes of a message that its row shows, at most.
const LINE: usize = 320;

/// Bytes of a message that are given to be copied or edited.
pub const COPIED: usize = 16 << 20;

/// Entries that can be pinned.
const PINS: usize = 100;

/// Bytes of a message that can be pinned: a pin keeps a copy.
const PINNED: usize = 1 << 20;

/// What follows from a command or an event.
#[derive(Debug, Default)]
pub struct Reaction {
    /// What the shell is to do.
    pub effect: Option<Effect>,
    /// What the view is to be told.
    pub report: Option<Report>,
}

impl From<Report> for Reaction {
    fn from(report: Report) -> Self {
        Self { effect: None, report: Some(report) }
    }
}

impl From<Option<Effect>> for Reaction {
    fn from(effect: Option<Effect>) -> Self {
        Self { effect, report: None }
    }
}

/// A message that is kept whatever happens to the transcript.
#[derive(Debug)]
struct Pin {
    at: Time,
    direction: Direction,
    message: Message,
    round_trip: Option<Duration>,
}

/// The state behind one tab.
#[derive(Debug)]
pub struct Engine {
    session: Session,
    target: Target,
    negotiated: Negotiated,
    transcript: Transcript,
    measure: Measure,
    listing: Listing,
    keeper: Keeper,
    values: Values,
    repeat: Option<(Composed, Repeat)>,
    exporting: Option<Exporting>,
    importing: Option<Importing>,
    began_at: Option<Time>,
    requested: RowRequest,
    generation: u32,
    query_error: Option<RegexError>,
    inspected: Option<u64>,
    pins: BTreeMap<u64, Pin>,
    /// What was cleared can be brought back.
    can_unclear: bool,
    /// Something is not on screen yet.
    has_news: bool,
    /// Snapshots since one was on screen.
    ahead: u8,
}

impl Engine {
    /// An engine that is not connected. `seed` spreads its retries; give each another.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            session: Session::new(Backoff::DEFAULT, Retries::UNLIMITED, seed),
            target: Target::default(),
            negotiated: Negotiated::default(),
            transcript: Transcript::new(Bounds::DEFAULT),
            measure: Measure::default(),
            listing: Listing::default(),
            keeper: Keeper::default(),
            values: Values::new(seed),
            repeat: None,
            exporting: None,
            importing: None,
            began_at: None,
            requested: RowRequest::Newest(0),
            generation: 0,
            query_error: None,
            inspected: None,
            pins: BTreeMap::new(),
            can_unclear: false,
            has_news: true,
            ahead: 0,
        }
    }

    /// Where [`Effect::Open`] is to connect.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Takes in what the view wants at `now`. `takes_more` says whether the socket would send a
    /// message: what it would not is given back.
    pub fn command(&mut self, command: Command, takes_more: bool, now: Time) -> Reaction {
        self.has_news |= command != Command::Shown;
        match command {
            Command::Connect(target) => {
                if self.session.state().can_connect() {
                    self.target = target;
                }
                return self.event(Event::Connect, now).into();
            }
            Command::Disconnect(close) => return self.event(Event::Disconnect(close), now).into(),
            Command::LimitRetries(limit) => self.session.limit_retries(limit),
            Command::Send(message) => return self.send(message, takes_more, now),
            Command::Compose(draft) => return self.compose(draft, takes_more, now),
            Command::Repeat(draft, repetition) => match draft.clone().compose() {
                Ok(composed) => {
                    self.values.seq = 1;
                    self.repeat = Some((composed, Repeat::new(repetition, now)));
                }
                Err(_) => return Report::NotComposed(draft).into(),
            },
            Command::StopRepeating => self.stop_repeating(),
            Command::Variables(variables) => self.values.variables = variables,
            Command::SendAgain(id) => {
                if let Some((.., payload, _)) = self.message(id) {
                    return self.send(payload.to_message(), takes_more, now);
                }
            }
            Command::RequestRows(request) => self.requested = request,
            Command::Find(query) => self.find(query),
            Command::Pause(pauses) => {
                self.listing.pause(pauses.then_some(self.transcript.ids().end));
            }
            Command::Clear => self.clear(),
            Command::Unclear => {
                if self.can_unclear {
                    self.can_unclear = false;
                    self.listing.clear_before(0);
                    self.generation += 1;
                }
            }
            Command::Forget => {
                self.can_unclear = false;
                self.transcript.forget_before(self.listing.cleared_before());
            }
            Command::Pin(id, pins) => return self.pin(id, pins),
            Command::Inspect(pick) => return self.inspect(pick),
            Command::Fetch(id, purpose) => return self.fetch(id, purpose),
            Command::Bound(bounds) => self.transcript.bound(bounds),
            Command::Export(format, otherwise) => {
                let target = Some(&self.target).filter(|target| !target.url.is_empty());
                let ids = self.transcript.ids();
                let target = target.unwrap_or(&otherwise);
                self.exporting = Some(Exporting::begin(format, target, ids));
            }
            Command::Import { name, text } => match Importing::begin(name.clone(), text) {
                Ok(importing) => self.importing = Some(importing),
                Err(error) => {
                    return Report::Imported(ImportReport {
                        name,
                        entries: 0,
                        target: None,
                        passed_over: PassedOver::default(),
                        error: Some(error),
                    })
                    .into();
                }
            },
            Command::Shown => self.ahead = 0,
        }
        Reaction::default()
    }

    /// Takes in what happened to the session at `now`.
    pub fn event(&mut self, event: Event, now: Time) -> Option<Effect> {
        self.has_news = true;
        let step = self.session.handle(event, now);
        if !self.session.state().can_send() {
            self.stop_repeating();
        }
        self.take(step, now)
    }

    /// Takes up what a store has of this list, oldest first. To be called before anything happens.
    pub fn restore(&mut self, chunks: &[(u32, Vec<u8>)], now: Time) {
        let entries = self.keeper.restore(chunks);
        // One that was left without anything new says so already.
        let is_told = matches!(entries.last(), None | Some((_, Item::Imported(_), _)));
        let brought = Imported { entries: entries.len() as u64, from: Origin::LastVisit };
        let divider = (!is_told).then_some((now, Item::Imported(brought), None));
        self.bring(entries.into_iter().chain(divider));
    }

    /// What is to be done so that the store has the newest of the list; `None` if it does.
    pub fn keep(&mut self) -> Option<Change> {
        self.keeper.keep(&self.transcript, self.listing.cleared_before())
    }

    /// Sends the next message of a repetition, if one is due and the socket `takes_more`. To be
    /// called until it does nothing.
    pub fn repeat(&mut self, takes_more: bool, now: Time) -> Option<Effect> {
        let (composed, repeat) = self.repeat.as_mut()?;
        if !takes_more || repeat.due(now) == 0 {
            return None;
        }
        self.values.now = now;
        let message = composed.message(&mut self.values).ok();
        let step = message.and_then(|message| self.session.send(message).ok());
        let Some(step) = step else {
            self.stop_repeating();
            return None;
        };
        repeat.count(1);
        self.has_news = true;
        self.take(step, now)
    }

    /// When [`repeat`](Self::repeat) is to be called next, if nothing else happens before. A time
    /// that is past means: as soon as the socket takes more.
    #[must_use]
    pub fn repeats_at(&self) -> Option<Time> {
        self.repeat.as_ref().and_then(|(_, repeat)| repeat.next_at())
    }

    fn stop_repeating(&mut self) {
        if let Some((_, repeat)) = &mut self.repeat
            && !repeat.is_over()
        {
            repeat.stop();
            self.has_news = true;
        }
    }

    /// The next part of a file that is being written; `None` if none is.
    pub fn export(&mut self) -> Option<Piece> {
        let exporting = self.exporting.take()?;
        let (rows, ids) = (self.listing.rows(&self.transcript), exporting.ids());
        let first = self.listing.row(ids.start).max(rows.start);
        let listed = (first..rows.end).map_while(|row| self.listing.id(row));
        let entries =
            listed.take_while(|id| *id < ids.end).filter_map(|id| self.transcript.get(id));
        let (piece, rest) = exporting.advance(entries);
        self.exporting = rest;
        Some(piece)
    }

    /// Takes in some of a file that is being read. Says what came of it at its end.
    pub fn import(&mut self, now: Time) -> Option<Report> {
        let mut importing = self.importing.take()?;
        let mut read = Vec::new();
        let imported = importing.advance(|it| read.push((it.at, it.item, it.round_trip)));
        self.bring(read.into_iter());
        let Some(imported) = imported else {
            self.importing = Some(importing);
            return None;
        };
        if imported.entries > 0 {
            let from = Origin::File(imported.name.clone());
            let brought = Imported { entries: imported.entries, from };
            self.bring([(now, Item::Imported(brought), None)].into_iter());
        }
        Some(Report::Imported(imported))
    }

    /// Whether there is more to [`import`](Self::import) or [`export`](Self::export).
    #[must_use]
    pub fn is_transferring(&self) -> bool {
        self.importing.is_some() || self.exporting.is_some()
    }

    fn bring(&mut self, entries: impl Iterator<Item = (Time, Item, Option<Duration>)>) {
        for (at, item, round_trip) in entries {
            self.began_at.get_or_insert(at);
            self.transcript.push(at, item, round_trip);
            self.has_news = true;
        }
    }

    /// Does a slice of what takes long. True when there is more to do.
    pub fn work(&mut self) -> bool {
        let before = self.listing.unfiltered(&self.transcript);
        let has_more = self.listing.advance(&self.transcript, SLICE);
        self.has_news |= before > 0;
        has_more
    }

    /// What is to be shown next; `None` if as many are on their way as may be, or the last one shows all.
    pub fn snapshot(&mut self) -> Option<Snapshot> {
        if !self.has_news || self.ahead >= AHEAD {
            return None;
        }
        self.has_news = false;
        self.ahead += 1;
        let is_open = matches!(self.session.state(), State::Open(_));
        let held = self.transcript.ids();
        let listed = self.listing.rows(&self.transcript);
        let requested_rows = self.requested_rows(&listed);
        let cleared = self.listing.cleared_before().saturating_sub(held.start);
        Some(Snapshot {
            state: self.session.state().clone(),
            opened_at: self.session.opened_at().filter(|_| is_open),
            negotiated: is_open.then(|| self.negotiated.clone()),
            began_at: self.began_at,
            sent: self.measure.all_sent(),
            received: self.measure.all_received(),
            round_trips: self.measure.round_trips(),
            minute: self.measure.minute(),
            numbered: self.measure.numbered(),
            held: held.end - held.start,
            evicted: held.start,
            generation: self.generation,
            query_error: self.query_error.clone(),
            unfiltered: self.listing.unfiltered(&self.transcript),
            since_pause: self.listing.paused_from().map(|from| held.end - from),
            cleared: if self.can_unclear { cleared } else { 0 },
            first: requested_rows.start,
            rows: requested_rows.filter_map(|row| self.row(row)).collect(),
            repeating: self.repeat.as_ref().map(|(_, repeat)| Repeating {
                progress: repeat.progress(),
                is_over: repeat.is_over(),
            }),
            next_seq: self.values.seq,
            inspected: self.inspected.map(|id| {
                let row = self.listing.row(id);
                let is_listed = listed.contains(&row) && self.listing.id(row) == Some(id);
                (id, is_listed.then_some(row))
            }),
            pinned: self.pins.iter().map(|(id, pin)| self.show(&pin.entry(*id), None)).collect(),
            listed,
        })
    }

    fn take(&mut self, Step { item, effect }: Step, now: Time) -> Option<Effect> {
        let Some(item) = item.map(Item::from) else { return effect };
        self.began_at.get_or_insert(now);
        let mut round_trip = None;
        match &item {
            Item::Opened { negotiated, outage } => {
                self.negotiated = negotiated.clone();
                self.measure.opened(outage.is_some());
            }
            Item::Sent(message) => self.measure.sent(message, now),
            Item::Received(message) => round_trip = self.measure.received(message, now),
            Item::Ended(_) | Item::Imported(_) => {}
        }
        self.transcript.push(now, item, round_trip);
        effect
    }

    fn compose(&mut self, draft: Draft, takes_more: bool, now: Time) -> Reaction {
        self.values.now = now;
        // A number that a message took is used up, also if it cannot be sent.
        match draft.message(&mut self.values) {
            Ok(message) => self.send(message, takes_more, now),
            Err(_) => Report::NotComposed(draft).into(),
        }
    }

    fn send(&mut self, message: Message, takes_more: bool, now: Time) -> Reaction {
        if !takes_more {
            return Report::NotSent(message).into();
        }
        match self.session.send(message) {
            Ok(step) => self.take(step, now).into(),
            Err(message) => Report::NotSent(message).into(),
        }
    }

    fn find(&mut self, query: Query) {
        let filter = Filter::new(query);
        self.query_error = filter.as_ref().err().cloned();
        if let Ok(filter) = filter {
            self.listing.filter(filter);
            self.generation += 1;
        }
    }

    /// What was cleared before can no longer be brought back.
    fn clear(&mut self) {
        self.transcript.forget_before(self.listing.cleared_before());
        self.listing.clear_before(self.transcript.ids().end);
        self.can_unclear = true;
        self.generation += 1;
    }

    fn pin(&mut self, id: u64, pins: bool) -> Reaction {
        if !pins {
            self.pins.remove(&id);
            return Reaction::default();
        }
        let Some((at, direction, payload, round_trip)) = self.message(id) else {
            return Reaction::default();
        };
        if self.pins.len() >= PINS || payload.len() > PINNED {
            return Report::NotPinned.into();
        }
        let pin = Pin { at, direction, message: payload.to_message(), round_trip };
        self.pins.insert(id, pin);
        Reaction::default()
    }

    fn inspect(&mut self, pick: Option<EntryRef>) -> Reaction {
        let listed = self.listing.rows(&self.transcript);
        self.inspected = match pick {
            Some(EntryRef::Row(_)) if listed.is_empty() => None,
            Some(EntryRef::Row(row)) => self.listing.id(row.clamp(listed.start, listed.end - 1)),
            Some(EntryRef::Id(id)) => Some(id),
            None => None,
        };
        match self.inspected {
            Some(id) => self.fetch(id, Purpose::Inspect),
            None => Reaction::default(),
        }
    }

    fn fetch(&self, id: u64, purpose: Purpose) -> Reaction {
        let Some((at, direction, payload, _)) = self.message(id) else {
            return Reaction::default();
        };
        let most = match purpose {
            Purpose::Inspect | Purpose::Compare => PART,
            Purpose::Copy | Purpose::Edit => COPIED,
        };
        let part = match payload {
            Payload::Text(text) => &text.as_bytes()[..text.floor_char_boundary(most)],
            Payload::Binary(bytes) => &bytes[..bytes.len().min(most)],
        };
        Report::Fetched(Fetched {
            id,
            at,
            direction,
            kind: payload.kind(),
            size: payload.len() as u64,
            part: part.to_owned(),
            purpose,
        })
        .into()
    }

    /// The message of an entry that is held or pinned.
    fn message(&self, id: u64) -> Option<(Time, Direction, Payload<'_>, Option<Duration>)> {
        let pinned = || self.pins.get(&id).map(|pin| pin.entry(id));
        let entry = self.transcript.get(id).or_else(pinned)?;
        match entry.content {
            Content::Message(direction, payload, round_trip) => {
                Some((entry.at, direction, payload, round_trip))
            }
            Content::Opened(..) | Content::Ended(_) | Content::Imported(_) => None,
        }
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
        Some(self.show(&entry, before.map(|entry| entry.at)))
    }

    fn show(&self, entry: &Entry<'_>, before: Option<Time>) -> Row {
        let shows = match entry.content {
            Content::Message(direction, payload, round_trip) => {
                let mut line = Line::of(payload);
                if let Some(filter) = self.listing.filter_in_use() {
                    line.marks = filter.marks(&line.text);
                }
                let is_pinned = self.pins.contains_key(&entry.id);
                let size = payload.len() as u64;
                RowContent::Message {
                    direction,
                    kind: payload.kind(),
                    size,
                    round_trip,
                    line,
                    is_pinned,
                }
            }
            Content::Opened(negotiated, outage) => {
                RowContent::Opened { negotiated: negotiated.clone(), outage }
            }
            Content::Ended(ending) => RowContent::Ended(ending.clone()),
            Content::Imported(brought) => RowContent::Imported(brought.clone()),
        };
        Row { id: entry.id, at: entry.at, before, shows }
    }
}

impl Pin {
    fn entry(&self, id: u64) -> Entry<'_> {
        let content = Content::Message(self.direction, self.message.payload(), self.round_trip);
        Entry { id, at: self.at, content }
    }
}

impl Line {
    fn of(payload: Payload<'_>) -> Self {
        let preview = payload.preview(LINE);
        let mut text = String::with_capacity(preview.text.len());
        for character in preview.text.chars() {
            match character {
                '\r' => {}
                '\n' => text.push('↵'),
                control if control.is_control() => text.push(' '),
                character => text.push(character),
            }
        }
        Self { text, is_cut: preview.omitted > 0, marks: Vec::new() }
    }
}
