//! What a view and its engine say to each other, and how that is written as bytes: they may be in
//! different threads.

use std::{ops::Range, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use session::{
    Close, Direction, EndReason, Message, Negotiated, Payload, PayloadKind, Retries, State, Time,
};

use crate::{
    Bounds, Imported, Query, RegexError,
    compose::{Draft, Form, Progress, Repetition},
    detail::Inspected,
    formats::{Format, ImportError, PassedOver},
    measure::{Minute, Numbered, RoundTrips, Tally},
};

/// Where to connect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// A WebSocket address.
    pub url: String,
    /// The subprotocols that are offered, in the order of preference.
    pub subprotocols: Vec<String>,
}

/// What a person wants of the engine, or a view of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Connect; while a retry is waited for: now.
    Connect(Target),
    /// Disconnect, or stop retrying.
    Disconnect(Close),
    /// How often a lost connection is tried again.
    LimitRetries(Retries),
    /// Send a message. What cannot be sent comes back as [`Report::NotSent`].
    Send(Message),
    /// Send what a draft becomes. One that becomes nothing comes back as [`Report::NotComposed`].
    Compose(Draft),
    /// Send what an entry holds once more.
    SendAgain(u64),
    /// Send what a draft becomes, again and again. It ends what was repeated before.
    Repeat(Draft, Repetition),
    /// Repeat no more.
    StopRepeating,
    /// The person's own variables, which drafts are filled from.
    Variables(Vec<(String, String)>),
    /// Rows are wanted: of these, or as many of the newest.
    RequestRows(RowRequest),
    /// List what this asks for.
    Find(Query),
    /// Stop listing what is new, or go on. Everything is kept meanwhile.
    Pause(bool),
    /// List nothing of what there is now. What is measured stays as it is.
    Clear,
    /// List again what was cleared last.
    Unclear,
    /// What was cleared will not be wanted again.
    Forget,
    /// Keep an entry at hand, whatever happens to the rest; or no longer.
    Pin(u64, bool),
    /// Mark an entry as the one that is looked at, and give its content.
    Inspect(Option<EntryRef>),
    /// Give the content of an entry.
    Fetch(u64, Purpose),
    /// How much is held.
    Bound(Bounds),
    /// Write what is listed to a file, as of a connection to the target, if there was none here yet.
    Export(Format, Target),
    /// Put what a file of this name holds behind what there is. [`Report::Imported`] says when.
    Import {
        /// The file's name, as a person knows it.
        name: String,
        /// All of it.
        text: String,
    },
    /// The last snapshot is on screen: the next may come.
    Shown,
}

/// Which rows a view wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowRequest {
    /// These.
    Rows(Range<u64>),
    /// As many, up to the newest.
    Newest(u64),
}

/// An entry, by where it is listed or by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryRef {
    /// The number of its row.
    Row(u64),
    /// Its id.
    Id(u64),
}

/// What the content of an entry is wanted for; that decides how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be looked at: its first bytes.
    Inspect,
    /// To be compared with the one that is looked at: its first bytes.
    Compare,
    /// To be copied: all of it, up to a bound.
    Copy,
    /// To be changed and sent: all of it, up to a bound.
    Edit,
}

/// What the engine has to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// How everything stands; one at a time, see [`Command::Shown`].
    Snapshot(Box<Snapshot>),
    /// The content of an entry.
    Fetched(Fetched),
    /// A message could not be sent; here it is.
    NotSent(Message),
    /// A draft could not be sent; here it is.
    NotComposed(Draft),
    /// A file could not be sent, or not be read. Its content stays where it is.
    FileNotSent,
    /// A list was written to a file, which comes beside this.
    Exported(Format),
    /// A file was read, as far as it can be.
    Imported(ImportReport),
    /// The list is kept under this name from now on: another engine keeps the one that was given.
    KeptAs(String),
    /// Nothing more of the list is kept: the browser forbids it, or has no room.
    NotKept,
    /// An entry could not be pinned: there are as many as there may be, or it is too large.
    NotPinned,
}

/// What came of reading a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The file's name.
    pub name: String,
    /// Entries that were read.
    pub entries: u64,
    /// Where they came from, if the file says so.
    pub target: Option<Target>,
    /// What has no place in a list.
    pub passed_over: PassedOver,
    /// Why no more was read, if it ends before the file does.
    pub error: Option<ImportError>,
}

/// A repetition, and whether it is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeating {
    /// How far it is.
    pub progress: Progress,
    /// Nothing more of it will be sent.
    pub is_over: bool,
}

/// The content of an entry, or its start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The entry.
    pub id: u64,
    /// When it happened.
    pub at: Time,
    /// Which way it went.
    pub direction: Direction,
    /// Whether it is text.
    pub kind: PayloadKind,
    /// Bytes of the whole message.
    pub size: u64,
    /// Its first bytes.
    pub part: Vec<u8>,
    /// What it was wanted for.
    pub purpose: Purpose,
}

/// How everything stands, as far as a view shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The connection.
    pub state: State,
    /// When the connection opened, if it is open.
    pub opened_at: Option<Time>,
    /// What was agreed on, if the connection is open.
    pub negotiated: Option<Negotiated>,
    /// When the first entry of all happened.
    pub began_at: Option<Time>,
    /// What was sent since the start.
    pub sent: Tally,
    /// What was received since the start.
    pub received: Tally,
    /// How long echoes took, if there were any, since a person connected: it goes on over
    /// connections that were lost and came back.
    pub round_trips: Option<RoundTrips>,
    /// The last minute, and with it the rates.
    pub minute: Minute,
    /// The numbered stream in what was received since the connection opened, if there is one.
    pub numbered: Option<Numbered>,
    /// Entries that are held.
    pub held: u64,
    /// Entries that were let go because of the bounds.
    pub evicted: u64,
    /// Counts up whenever rows get new numbers.
    pub generation: u32,
    /// The rows there are.
    pub listed: Range<u64>,
    /// Why the last query finds nothing, if it cannot: what was listed before it still is.
    pub query_error: Option<RegexError>,
    /// Entries that are yet to be looked at by the filter.
    pub unfiltered: u64,
    /// Entries that came since the list was paused; `None` if it is not.
    pub since_pause: Option<u64>,
    /// Entries that were cleared and can be brought back.
    pub cleared: u64,
    /// The number of the first of `rows`.
    pub first: u64,
    /// The rows that are looked at.
    pub rows: Vec<Row>,
    /// The repetition that goes on, or went on last.
    pub repeating: Option<Repeating>,
    /// The number that `{{seq}}` becomes next.
    pub next_seq: u64,
    /// The entry that is inspected, and its row if it is listed.
    pub inspected: Option<(u64, Option<u64>)>,
    /// Pinned entries, oldest first.
    pub pinned: Vec<Row>,
}

impl Default for Snapshot {
    /// Before anything happened.
    fn default() -> Self {
        Self {
            state: State::Idle(None),
            opened_at: None,
            negotiated: None,
            began_at: None,
            sent: Tally::default(),
            received: Tally::default(),
            round_trips: None,
            minute: Minute::default(),
            numbered: None,
            held: 0,
            evicted: 0,
            generation: 0,
            listed: 0..0,
            query_error: None,
            unfiltered: 0,
            since_pause: None,
            cleared: 0,
            first: 0,
            rows: Vec::new(),
            repeating: None,
            next_seq: 1,
            inspected: None,
            pinned: Vec::new(),
        }
    }
}

/// An entry, as a row shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The entry.
    pub id: u64,
    /// When it happened.
    pub at: Time,
    /// When the entry before it happened, if that is held.
    pub before: Option<Time>,
    /// What to show.
    pub shows: RowContent,
}

/// What a row shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowContent {
    /// A message.
    Message {
        /// Which way it went.
        direction: Direction,
        /// Text or binary.
        kind: PayloadKind,
        /// Bytes of payload.
        size: u64,
        /// Between what was sent and this echo of it.
        round_trip: Option<Duration>,
        /// Its start.
        line: Line,
        /// Whether it is pinned.
        is_pinned: bool,
    },
    /// The connection opened.
    Opened {
        /// What was agreed on.
        negotiated: Negotiated,
        /// How long there was none, if one was lost before.
        outage: Option<Duration>,
    },
    /// The connection, or the attempt to make one, ended.
    Ended(EndReason),
    /// The entries before this one were brought from elsewhere.
    Imported(Imported),
}

/// The start of a message in one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Text with breaks as `↵`, or hexadecimal pairs.
    pub text: String,
    /// Whether there is more.
    pub is_cut: bool,
    /// Where it is what was looked for: ranges of its bytes, at characters.
    pub marks: Vec<Range<usize>>,
}

/// `said` as bytes for [`read`].
#[must_use]
pub fn write(said: &impl Serialize) -> Vec<u8> {
    // Writing to memory fails only for what has no length, and nothing here is such.
    postcard::to_allocvec(said).unwrap_or_default()
}

/// What [`write()`] wrote; `None` for anything else.
#[must_use]
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

impl Fetched {
    /// Whether `part` is all of it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.part.len() as u64 == self.size
    }

    /// A draft that becomes it again.
    #[must_use]
    pub fn to_draft(&self, preferred: Form) -> Draft {
        match self.kind {
            PayloadKind::Text => {
                Draft::of(Payload::Text(&String::from_utf8_lossy(&self.part)), preferred)
            }
            PayloadKind::Binary => Draft::of(Payload::Binary(&self.part), preferred),
        }
    }

    /// What can be read of it: text, or hexadecimal pairs.
    #[must_use]
    pub fn as_text(&self) -> String {
        match self.kind {
            PayloadKind::Text => String::from_utf8_lossy(&self.part).into_owned(),
            PayloadKind::Binary => Payload::Binary(&self.part).preview(self.part.len()).text,
        }
    }
}

impl From<Fetched> for Inspected {
    fn from(Fetched { id, at, direction, kind, size, part, .. }: Fetched) -> Self {
        Self { id, at, direction, is_text: kind == PayloadKind::Text, size, part: part.into() }
    }
}
