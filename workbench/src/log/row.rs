//! Rows of the message list, as a view shows them.

use std::{ops::Range, time::Duration};

use serde::{Deserialize, Serialize};
use session::{Direction, Payload, PayloadKind, Time, with_signs};

use super::event::LogEvent;
use crate::payload::json;

/// Rows requested by a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowRequest {
    /// Fixed range.
    Rows(Range<u64>),
    /// Newest rows, this many.
    Newest(u64),
}

/// Reference to an entry, by row or by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryRef {
    /// Row number.
    Row(u64),
    /// Entry id.
    Id(u64),
}

/// Displayed row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Id of the entry.
    pub id: u64,
    /// Time of the entry.
    pub at: Time,
    /// Time of the previous entry, if available.
    pub before: Option<Time>,
    /// Round-trip time, of an echo or a pong.
    pub round_trip: Option<Duration>,
    /// Content to display.
    pub shows: RowContent,
}

/// Content of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowContent {
    /// A message.
    Message {
        /// Direction of the message.
        direction: Direction,
        /// Text or binary.
        kind: PayloadKind,
        /// Bytes of payload.
        size: u64,
        /// Start of the message.
        line: Line,
        /// True if pinned.
        is_pinned: bool,
    },
    /// Event. In the list, an opening has only the address that it connected to.
    Event(LogEvent),
}

/// Start of a message on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Text with breaks as `↵` and invisible characters as signs, or hexadecimal pairs.
    pub text: String,
    /// Bytes of `text` before an object or array of JSON, such as `Echo: `; 0 if it is not so.
    pub prefix: usize,
    /// True if the message is longer.
    pub is_cut: bool,
    /// Search matches: byte ranges at character boundaries.
    pub marks: Vec<Range<usize>>,
}

/// Maximum bytes of a message in its row.
const MAX_LINE_BYTES: usize = 320;

impl Line {
    pub(crate) fn of(payload: Payload<'_>) -> Self {
        let preview = payload.preview(MAX_LINE_BYTES);
        let prefix = match payload {
            Payload::Text(_) => json::prefix(&preview.text, preview.omitted == 0),
            Payload::Binary(_) => 0,
        };
        let (before, json) = preview.text.split_at(prefix);
        let mut text = on_one_line(before);
        let prefix = text.len();
        text.push_str(&on_one_line(json));
        Self { text, prefix, is_cut: preview.omitted > 0, marks: Vec::new() }
    }
}

fn on_one_line(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    with_signs(&text, |character| character == '\n').replace('\n', "↵")
}
