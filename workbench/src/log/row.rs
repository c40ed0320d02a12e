//! Rows of the message list, as a view shows them.

use std::{ops::Range, time::Duration};

use serde::{Deserialize, Serialize};
use session::{Direction, EndReason, Negotiated, Payload, PayloadKind, Time};

use crate::log::Imported;

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

/// Bytes of a message in its row, at most.
const LINE: usize = 320;

impl Line {
    pub(crate) fn of(payload: Payload<'_>) -> Self {
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
