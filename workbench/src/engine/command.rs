//! Commands: inputs that a view sends to its engine, by room.

use serde::{Deserialize, Serialize};
use session::{Close, Message, Retries};

use crate::{
    compose::{Draft, Framing, Repetition},
    connect::{FilledTarget, Target},
    exchange::Format,
    log::{Bounds, EntryRef, Query, RowRequest},
};

/// Command of a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// To the connection.
    Connection(ConnectionCommand),
    /// To the composer.
    Composer(ComposerCommand),
    /// To the message log.
    Log(LogCommand),
    /// Exports the list.
    Export {
        /// Format of the file.
        format: Format,
        /// Target that is named in the file if there was no connection yet.
        target: Target,
        /// Headers with their secrets, where the format has headers.
        has_secrets: bool,
    },
    /// Confirms that the last snapshot is on screen: the next may come.
    Shown,
    /// Stores at once what waits for its timer: the page may end without another chance.
    Persist,
}

/// Command to the connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConnectionCommand {
    /// Connects; during a wait for a retry: at once. While another connection is in use, closes it
    /// first.
    Connect(FilledTarget),
    /// Disconnects, or stops retrying.
    Disconnect(Close),
    /// Ends a connection that is closing, without waiting for the peer's Close frame.
    CloseNow,
    /// Sets the number of retries after a loss.
    LimitRetries(Retries),
    /// Reads from the target, or stops: TCP then holds it back. Only while open through the page's server.
    Read(bool),
}

/// Command to the composer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ComposerCommand {
    /// Sends a message. Answered by [`NotSent::Message`](super::NotSent::Message) on failure.
    Send(Message),
    /// Fills in a draft and sends it. Answered by
    /// [`NotSent::Draft`](super::NotSent::Draft) if it cannot be filled in.
    SendDraft(Draft),
    /// Fills in a draft and sends it in other frames than one of a message, if the connection goes through the
    /// page's server. Answered by [`NotSent::Draft`](super::NotSent::Draft) if it cannot be.
    SendFramed(Draft, Framing),
    /// Sends a draft once the connection that is being opened is open, which is answered by
    /// [`Report::DraftSent`](super::Report::DraftSent); in these frames if it goes through the page's server. Drops
    /// the draft if the attempt ends before.
    SendOnceOpen(Draft, Option<Framing>),
    /// Sends the message of an entry again.
    SendAgain(u64),
    /// Sends a draft repeatedly, in place of an earlier repetition; in other frames than one of a message only if
    /// they [can repeat](Framing::can_repeat).
    Repeat(Draft, Option<Framing>, Repetition),
    /// Stops the repetition.
    StopRepeating,
    /// Sets the variables of drafts, as name and value.
    SetVariables(Vec<(String, String)>),
}

/// Command to the message log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LogCommand {
    /// Sets the rows of the next snapshots.
    RequestRows(RowRequest),
    /// Filters the list, or marks the matches in it.
    Find(Query),
    /// Makes the next match of the query's text the current row, or the one before. Goes around the
    /// ends. If a message is inspected, the match is instead.
    FindNext {
        /// To the match before.
        is_back: bool,
    },
    /// Stops listing new entries, or resumes. Entries are recorded meanwhile.
    Pause(bool),
    /// Clears the list. Metrics stay.
    Clear,
    /// Restores the entries that were cleared last.
    Unclear,
    /// Removes cleared entries for good. Answered by [`Report::Emptied`](super::Report::Emptied) if nothing is left.
    Forget,
    /// Pins an entry, or unpins it. A pin outlives its entry.
    Pin(u64, bool),
    /// Marks an entry as inspected and fetches its content.
    Inspect(Option<EntryRef>),
    /// Fetches the content of an entry.
    Fetch(u64, Purpose),
    /// Sets the bounds of the transcript.
    Bound(Bounds),
}

/// Purpose of fetched content; it sets the bytes that are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Inspection: the first bytes.
    Inspect,
    /// Comparison with the inspected message: the first bytes.
    Compare,
    /// Copy: all bytes up to a bound.
    Copy,
    /// Editing and sending: all bytes up to a bound.
    Edit,
}

/// Command about a file, whose content the engine gets beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileCommand {
    /// Sends the content as a message. Answered by [`Report::FileSent`](super::Report::FileSent), or by
    /// [`NotSent::File`](super::NotSent::File) on failure.
    Send,
    /// Imports a file of this name, behind the entries of the list. Answered by
    /// [`Report::Imported`](super::Report::Imported).
    Import(String),
}

impl From<ConnectionCommand> for Command {
    fn from(command: ConnectionCommand) -> Self {
        Self::Connection(command)
    }
}

impl From<ComposerCommand> for Command {
    fn from(command: ComposerCommand) -> Self {
        Self::Composer(command)
    }
}

impl From<LogCommand> for Command {
    fn from(command: LogCommand) -> Self {
        Self::Log(command)
    }
}
