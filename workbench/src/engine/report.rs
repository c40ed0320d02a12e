//! Reports of an engine to its view.

use serde::{Deserialize, Serialize};
use session::Message;

use super::{command::Purpose, snapshot::Snapshot};
use crate::{
    compose::Draft, connect::Overrun, exchange::ImportReport, log::Row, payload::Inspected,
};

/// Report to the view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// Snapshot for the next frame.
    Snapshot(Box<Snapshot>),
    /// Message of an entry, or its start.
    Fetched(Inspected, Purpose),
    /// Event of a connection, to be inspected or copied.
    Event(Box<Row>, Purpose),
    /// Message, draft or file that could not be sent.
    NotSent(NotSent),
    /// The connection opened, at first or again: its address, without secrets.
    Opened(String),
    /// Draft that waited for the connection to open and is sent now.
    DraftSent(Draft),
    /// The file is sent: the view need not keep it.
    FileSent,
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
