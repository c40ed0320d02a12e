//! Snapshot: all that a view shows of an engine.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use session::{Negotiated, State, Time};

use crate::{
    compose::Progress,
    log::{RegexError, Row},
    metrics::{Minute, Numbered, RoundTrips, Tally},
};

/// A repetition, and whether it is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeating {
    /// How far it is.
    pub progress: Progress,
    /// Nothing more of it will be sent.
    pub is_over: bool,
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
