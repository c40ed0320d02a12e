//! Reports of an engine to its view.

use serde::{Deserialize, Serialize};
use session::{Direction, Message, Payload, PayloadKind, Time};

use super::{command::Purpose, snapshot::Snapshot};
use crate::{
    compose::{Draft, Form},
    connect::Overrun,
    exchange::{Format, ImportReport},
    log::Row,
    payload::Inspected,
    relay::WireFrame,
};

/// Report to the view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// Snapshot for the next frame.
    Snapshot(Box<Snapshot>),
    /// Content of an entry.
    Fetched(Fetched),
    /// Event of a connection, to be inspected or copied.
    Event(Box<Row>, Purpose),
    /// Message, draft or file that could not be sent.
    NotSent(NotSent),
    /// Exported file; the channel carries it beside this report.
    Exported(Format),
    /// Result of an import.
    Imported(Box<ImportReport>),
    /// New name of the persisted list: another engine owns the requested one.
    KeptAs(String),
    /// Answer to [`LogCommand::Forget`](super::LogCommand::Forget) where nothing is left: no entry, no pin and no connection.
    Emptied,
    /// Warning for the person at the page.
    Warning(Warning),
}

/// Message, draft or file that could not be sent. Handed back, so that nothing is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotSent {
    /// Message that the connection does not take: it is not open, or its send buffer is full.
    Message(Message),
    /// Draft that cannot be filled in, or not in its frames.
    Draft(Draft),
    /// File that is too large for the send buffer, or cannot be read. The view still has it.
    File,
}

/// Event that the engine cannot mend and that no entry of the log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warning {
    /// The connection is closed: messages lag behind.
    Overrun(Overrun),
    /// The repetition stopped after this many messages: the next cannot be filled in.
    RepetitionStopped(u64),
    /// The list is persisted no longer: the browser forbids it, or its storage is full.
    NotPersisted,
    /// Entry not pinned: too many pins, or the entry is too large.
    NotPinned,
}

/// Content of an entry, or its start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Id of the entry.
    pub id: u64,
    /// Time of the entry.
    pub at: Time,
    /// Direction of the message.
    pub direction: Direction,
    /// Text or binary.
    pub kind: PayloadKind,
    /// Size of the whole message in bytes.
    pub size: u64,
    /// First bytes of the message.
    pub part: Vec<u8>,
    /// Frames of the message; none of one that the browser sent or received itself.
    pub frames: Vec<WireFrame>,
    /// Purpose of the request.
    pub purpose: Purpose,
}

impl Fetched {
    /// True if `part` is the whole message.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.part.len() as u64 == self.size
    }

    /// Converts the message to a draft that sends the same bytes.
    #[must_use]
    pub fn to_draft(&self, preferred: Form) -> Draft {
        match self.kind {
            PayloadKind::Text => {
                Draft::of(Payload::Text(&String::from_utf8_lossy(&self.part)), preferred)
            }
            PayloadKind::Binary => Draft::of(Payload::Binary(&self.part), preferred),
        }
    }

    /// Text of the message; hexadecimal pairs if it is binary.
    #[must_use]
    pub fn as_text(&self) -> String {
        match self.kind {
            PayloadKind::Text => String::from_utf8_lossy(&self.part).into_owned(),
            PayloadKind::Binary => Payload::Binary(&self.part).preview(self.part.len()).text,
        }
    }
}

impl From<Fetched> for Inspected {
    fn from(Fetched { id, at, direction, kind, size, part, frames, .. }: Fetched) -> Self {
        Self {
            id,
            at,
            direction,
            is_text: kind == PayloadKind::Text,
            size,
            part: part.into(),
            frames: frames.into(),
        }
    }
}
