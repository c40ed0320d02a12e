//! Inputs of the engine, by room.

use session::{Attempt, EndReason, Message, Negotiated};

use super::{
    command::{Command, FileCommand},
    output::Timer,
};
use crate::connect::Answer;

/// Input of the engine: commands of the view, and events of socket, store and timers.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Command of the view.
    Command(Command),
    /// Command of the view about a file, with its content; `None` if that changed or was removed since it was chosen.
    File(FileCommand, Option<Vec<u8>>),
    /// Event of the socket.
    Socket(SocketInput),
    /// Event of the store.
    Store(StoreInput),
    /// A timer that fired.
    Timer(Timer),
}

/// Event of the socket.
#[derive(Clone, Debug, PartialEq)]
pub enum SocketInput {
    /// The socket opened.
    Opened(Attempt, Negotiated),
    /// A message arrived.
    Received(Attempt, Message),
    /// A probe came back.
    Probed(Attempt),
    /// The socket ended; the last event of an attempt.
    Ended(Attempt, EndReason),
    /// Answer to [`SocketOutput::Ask`](super::SocketOutput::Ask); `None` if there was none in time.
    Answered(Attempt, Option<Answer>),
    /// Capacity: bytes that were sent and wait in the browser; `None` if the socket cannot send.
    /// Reported before commands and fired timers.
    Buffered(Option<u64>),
}

/// Event of the store.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreInput {
    /// There is no store.
    Absent,
    /// There is a store for this list; the name of the list if it is new. Commands wait until
    /// [`Restored`](Self::Restored) or [`Failed`](Self::Failed).
    Opened(Option<String>),
    /// Persisted chunks, oldest first.
    Restored(Vec<(u32, Vec<u8>)>),
    /// The last change is written.
    Written,
    /// The store cannot be read or written.
    Failed,
}

impl From<Command> for Input {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}
