//! Notices of a tab: results and failures that are no row of the message list.

use workbench::{
    connect::AddressError,
    exchange::{CommandError, ImportReport, LeftOut, Merged, ShareError, WorkspaceError},
};

/// What the person has to know of the tab, beside its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The engine is gone, with what it held. The browser's words for it; none if it could not be
    /// loaded at all.
    Broken(String),
    /// A message was copied.
    Copied,
    /// Copying failed.
    NotCopied,
    /// An entry could not be pinned.
    NotPinned,
    /// More messages could not be sent than are kept.
    NotKept,
    /// A file could not be sent: the connection takes no more, or the file cannot be read.
    FileNotSent,
    /// A message is too large to be edited.
    NotTaken,
    /// The list will not outlive the page.
    ListNotKept,
    /// A file was read, as far as it can be.
    Imported(ImportReport),
    /// Tabs, settings and what is saved will not outlive the page.
    NotStored,
    /// There are as many tabs as there may be.
    NoTab,
    /// A link filled the tab.
    Filled {
        /// The address.
        address: bool,
        /// How many subprotocols.
        subprotocols: usize,
        /// The draft.
        draft: bool,
    },
    /// A link cannot be made, or one that was opened fills nothing.
    Link(ShareError),
    /// No command can be made: the address is wrong.
    Address(AddressError),
    /// A command was copied without the draft, which it cannot hold.
    WithoutDraft,
    /// A command filled the tab.
    Pasted {
        /// How many messages there are in it.
        messages: usize,
        /// What has no counterpart here.
        left_out: Vec<LeftOut>,
    },
    /// A pasted command could not be read.
    NotACommand(CommandError),
    /// The workspace in a file of this name was added to what there is.
    Opened(String, Merged),
    /// A file of this name is no workspace, or has no room here.
    NotOpened(String, WorkspaceError),
}
