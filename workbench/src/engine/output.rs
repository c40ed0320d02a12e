//! Outputs of the engine, by room.

use std::{collections::VecDeque, time::Duration};

use session::{Attempt, Close, Message};

use super::report::Report;
use crate::{connect::Target, exchange::FileChunk, log::StoreChange};

/// Output of the engine, to be performed in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Call of the socket.
    Socket(SocketOutput),
    /// Call of the store.
    Store(StoreOutput),
    /// Sets a timer: fires once, after this time.
    Timer(Timer, Duration),
    /// Next piece of an exported file.
    File(FileChunk),
    /// Report to the view.
    Report(Report),
}

/// Call of the socket.
#[derive(Clone, Debug, PartialEq)]
pub enum SocketOutput {
    /// Opens a socket, in place of an earlier one.
    Open(Attempt, Target),
    /// Asks the page's server by a plain GET request for this URL: why an attempt failed, or for the token of the
    /// relay. Answered by [`SocketInput::Answered`](super::SocketInput::Answered), within seconds.
    Ask(Attempt, String),
    /// Sends a message.
    Send(Attempt, Message),
    /// Sends a probe the way that messages come. Answered by
    /// [`SocketInput::Probed`](super::SocketInput::Probed).
    Probe(Attempt),
    /// Starts the closing handshake, or cancels the opening.
    Close(Attempt, Close),
}

/// Call of the store.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreOutput {
    /// Reads the chunks of the list.
    Read,
    /// Writes and removes chunks, atomically.
    Change(StoreChange),
}

/// Name of a timer. Each is set again only after it fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Next attempt to connect.
    Retry(Attempt),
    /// Time limit of the closing handshake.
    CloseHandshake(Attempt),
    /// Time after which a closing handshake counts as slow.
    SlowClose(Attempt),
    /// Next message of the repetition of this number.
    Repeat(u32),
    /// Next slice of entries to filter.
    Filter,
    /// Next slice of an export.
    Export,
    /// Next slice of an import.
    Import,
    /// Time limit for reading the store.
    Restore,
    /// Write to the store.
    Persist,
}

/// Queue of outputs, reused by every update.
pub(super) type Outputs = VecDeque<Output>;
