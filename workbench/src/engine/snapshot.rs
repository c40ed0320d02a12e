//! Snapshot: all that a view shows of an engine.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use session::{Negotiated, State, Time};

use crate::{
    compose::Progress,
    connect::Cause,
    log::{QueryError, Row},
    metrics::{Minute, Numbered, RoundTrips, Tally},
};

/// Repetition of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeating {
    /// Progress of the repetition.
    pub progress: Progress,
    /// True once its last message is sent, or it was stopped.
    pub is_over: bool,
}

/// State of the connection, as far as a view shows it. Changes a few times per connection.
#[expect(clippy::struct_excessive_bools, reason = "each is seen apart from the others")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionState {
    /// State of the session.
    pub state: State,
    /// Address that the connection uses, tries or closes; `None` while disconnected.
    pub in_use: Option<String>,
    /// Address to connect to once the connection has closed.
    pub next_address: Option<String>,
    /// Probable causes of the last failure, likeliest first; none once a connection opened.
    pub causes: Vec<Cause>,
    /// True if the closing handshake is slow: it can be cut short.
    pub can_close_now: bool,
    /// True if this side closed the last connection, as its person wished.
    pub is_own_end: bool,
    /// Time of opening, if the connection is open; beginning of the attempt, if it is being opened.
    pub since: Option<Time>,
    /// Result of the opening handshake, if the connection is open.
    pub negotiated: Option<Negotiated>,
    /// True while the connection, or its attempt, goes through the page's server.
    pub is_relayed: bool,
    /// False while the target is not read from; `None` if no connection is open through the page's server.
    pub is_reading: Option<bool>,
    /// True while the connection accepts a certificate that is not trusted.
    pub accepts_untrusted: bool,
    /// Names of the client certificates that the page's server has; none before a connection through it.
    pub certificates: Vec<String>,
}

/// State of an engine, as far as a view shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Connection.
    pub connection: ConnectionState,
    /// Time of the first entry.
    pub began_at: Option<Time>,
    /// Messages and bytes sent since the start.
    pub sent: Tally,
    /// Messages and bytes received since the start.
    pub received: Tally,
    /// Pings, pongs and Close frames since the start, in both directions, of connections through the page's server.
    pub control_frames: u64,
    /// Round-trip times since the last connect command, over reconnects; `None` before the first echo or pong.
    pub round_trips: Option<RoundTrips>,
    /// Traffic of the last minute, by second: 60 of them, 1.2 KB.
    pub minute: Minute,
    /// Numbered stream among the received messages since the connection opened, if any.
    pub numbered: Option<Numbered>,
    /// Number of stored entries.
    pub held: u64,
    /// Number of evicted entries: the oldest, over the bounds.
    pub evicted: u64,
    /// Number of pings and pongs without a row: a flood of them gets a sample.
    pub folded: u64,
    /// Counts up whenever rows are renumbered.
    pub generation: u32,
    /// Numbers of the listed rows.
    pub listed: Range<u64>,
    /// Error in the query; the wrong part of it excludes no row.
    pub query_error: Option<QueryError>,
    /// Number of entries that the filter has not reached yet.
    pub unfiltered: u64,
    /// Number of entries since the list was paused; `None` if it is not.
    pub since_pause: Option<u64>,
    /// Number of cleared entries that can be restored.
    pub cleared: u64,
    /// Number of the first of `rows`.
    pub first: u64,
    /// Requested rows.
    pub rows: Vec<Row>,
    /// Current or last repetition.
    pub repeating: Option<Repeating>,
    /// Next value of `{{seq}}`; 0 before the first snapshot.
    pub next_seq: u64,
    /// Id of the inspected entry, and its row if it is listed.
    pub inspected: Option<(u64, Option<u64>)>,
    /// Id of the entry inspected or found last, and its row if it is listed.
    pub current: Option<(u64, Option<u64>)>,
    /// Matches of the query's text; `None` without one.
    pub found: Option<Found>,
    /// Pinned entries, oldest first.
    pub pinned: Vec<Row>,
}

/// Matches of a search text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Number of matching entries, so far.
    pub matches: u64,
    /// Number of the current row among them, from 1.
    pub at: Option<u64>,
    /// Counts up when the current row is to be shown: at a step to a match, or when the list is
    /// filtered by the text, or no more.
    pub steps: u32,
}
