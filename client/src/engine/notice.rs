//! Notices of a tab: results and failures that are no row of the message list.

use workbench::{
    connect::{AddressError, Overrun},
    exchange::{CommandError, ImportReport, LeftOut, Merged, ShareError, WorkspaceError},
};

/// Notice of a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Engine failure: the tab's contents are lost. The reason in the browser's words; empty if the
    /// worker could not be loaded.
    Broken(String),
    /// A message was copied.
    Copied,
    /// Copying failed.
    NotCopied,
    /// An entry could not be pinned.
    NotPinned,
    /// Unsent message dropped: the limit is reached.
    NotKept,
    /// File not sent: the send buffer is full, or the file cannot be read.
    FileNotSent,
    /// Message too large to edit.
    NotTaken,
    /// List not persisted.
    ListNotKept,
    /// Result of an import.
    Imported(ImportReport),
    /// Tabs, settings and saved messages not persisted.
    NotStored,
    /// Tab limit reached.
    NoTab,
    /// Tab filled from a link.
    Filled {
        /// True if the link holds an address.
        address: bool,
        /// Number of subprotocols.
        subprotocols: usize,
        /// True if the link holds a draft.
        draft: bool,
    },
    /// Connection closed because messages lag behind.
    Overrun(Overrun),
    /// Repetition stopped after this many messages: the next could not be filled in.
    RepetitionStopped(u64),
    /// Link that cannot be created, or cannot be opened.
    Link(ShareError),
    /// Command not created: the address is invalid.
    Address(AddressError),
    /// Command copied without the draft, which no command can hold.
    WithoutDraft,
    /// Tab filled from a command.
    Pasted {
        /// Number of messages in the command.
        messages: usize,
        /// Options without a counterpart in the page.
        left_out: Vec<LeftOut>,
    },
    /// Pasted command that cannot be read.
    NotACommand(CommandError),
    /// Workspace file merged into the present one, by name.
    Opened(String, Merged),
    /// File that is no workspace, or exceeds a limit, by name.
    NotOpened(String, WorkspaceError),
}
