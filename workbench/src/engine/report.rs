//! Reports of an engine to its view.

use serde::{Deserialize, Serialize};
use session::{Direction, Message, Payload, PayloadKind, Time};

use super::{command::Purpose, snapshot::Snapshot};
use crate::{
    compose::{Draft, Form},
    exchange::{Format, ImportReport},
    payload::Inspected,
};

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
    Imported(Box<ImportReport>),
    /// The list is kept under this name from now on: another engine keeps the one that was given.
    KeptAs(String),
    /// Nothing more of the list is kept: the browser forbids it, or has no room.
    NotKept,
    /// An entry could not be pinned: there are as many as there may be, or it is too large.
    NotPinned,
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
