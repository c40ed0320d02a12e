//! Commands of a view to its engine.

use serde::{Deserialize, Serialize};
use session::{Close, Message, Retries};

use crate::{
    compose::{Draft, Repetition},
    connect::Target,
    exchange::Format,
    log::{Bounds, Query},
    log::{EntryRef, RowRequest},
};

/// What a person wants of the engine, or a view of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Connect; while a retry is waited for: now.
    Connect(Target),
    /// Disconnect, or stop retrying.
    Disconnect(Close),
    /// How often a lost connection is tried again.
    LimitRetries(Retries),
    /// Send a message. What cannot be sent comes back as [`Report::NotSent`].
    Send(Message),
    /// Send what a draft becomes. One that becomes nothing comes back as [`Report::NotComposed`].
    Compose(Draft),
    /// Send what an entry holds once more.
    SendAgain(u64),
    /// Send what a draft becomes, again and again. It ends what was repeated before.
    Repeat(Draft, Repetition),
    /// Repeat no more.
    StopRepeating,
    /// The person's own variables, which drafts are filled from.
    Variables(Vec<(String, String)>),
    /// Rows are wanted: of these, or as many of the newest.
    RequestRows(RowRequest),
    /// List what this asks for.
    Find(Query),
    /// Stop listing what is new, or go on. Everything is kept meanwhile.
    Pause(bool),
    /// List nothing of what there is now. What is measured stays as it is.
    Clear,
    /// List again what was cleared last.
    Unclear,
    /// What was cleared will not be wanted again.
    Forget,
    /// Keep an entry at hand, whatever happens to the rest; or no longer.
    Pin(u64, bool),
    /// Mark an entry as the one that is looked at, and give its content.
    Inspect(Option<EntryRef>),
    /// Give the content of an entry.
    Fetch(u64, Purpose),
    /// How much is held.
    Bound(Bounds),
    /// Write what is listed to a file, as of a connection to the target, if there was none here yet.
    Export(Format, Target),
    /// Put what a file of this name holds behind what there is. [`Report::Imported`] says when.
    Import {
        /// The file's name, as a person knows it.
        name: String,
        /// All of it.
        text: String,
    },
    /// The last snapshot is on screen: the next may come.
    Shown,
}

/// What the content of an entry is wanted for; that decides how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be looked at: its first bytes.
    Inspect,
    /// To be compared with the one that is looked at: its first bytes.
    Compare,
    /// To be copied: all of it, up to a bound.
    Copy,
    /// To be changed and sent: all of it, up to a bound.
    Edit,
}
