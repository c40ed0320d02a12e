//! Notices of a tab: results and failures that are no row of the message list.

use workbench::{
    connect::{AddressError, Overrun},
    exchange::{
        CommandError, ImportReport, LeftOut, Merged, PassedOver, ShareError, Unreadable,
        WorkspaceError,
    },
    relay::HeaderError,
};

/// Notices shown at once, at most.
const SHOWN: usize = 3;

/// Names of files in one notice, in bytes, at most.
const NAMES: usize = 1_000;

/// Notices of a tab that are shown, oldest first, each with a number of its own.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    shown: Vec<(u64, Notice)>,
    last: u64,
}

impl Notices {
    /// Adds a notice. One like it is replaced, and files that cannot be imported for one reason are in one notice;
    /// of too many, the oldest that passes goes, else the oldest.
    pub(crate) fn add(&mut self, mut notice: Notice) {
        self.shown.retain(|(_, shown)| *shown != notice && !notice.absorbs(shown));
        if self.shown.len() == SHOWN {
            let passing = self.shown.iter().position(|(_, shown)| shown.passes());
            self.shown.remove(passing.unwrap_or(0));
        }
        self.last += 1;
        self.shown.push((self.last, notice));
    }

    /// Removes all notices, and returns them, oldest first.
    pub(crate) fn take(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.shown).into_iter().map(|(_, notice)| notice).collect()
    }

    /// True if this notice is shown.
    pub(crate) fn has(&self, notice: &Notice) -> bool {
        self.shown.iter().any(|(_, shown)| shown == notice)
    }

    /// Removes the notices that are so.
    pub(crate) fn retract(&mut self, is_so: impl Fn(&Notice) -> bool) {
        self.shown.retain(|(_, shown)| !is_so(shown));
    }

    /// Removes the notice with this number, if it is still shown.
    pub(crate) fn remove(&mut self, number: u64) {
        self.shown.retain(|(shown, _)| *shown != number);
    }

    /// Numbers of the notices, oldest first.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.shown.iter().map(|(number, _)| *number).collect()
    }

    /// The notice with this number, if it is still shown.
    pub(crate) fn get(&self, number: u64) -> Option<Notice> {
        let (_, notice) = self.shown.iter().find(|(shown, _)| *shown == number)?;
        Some(notice.clone())
    }
}

/// Notice of a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Engine failure: the tab's contents are lost. The reason in the browser's words; empty if the
    /// worker could not be loaded.
    Broken(String),
    /// The worker does not answer; it can be stopped.
    Stuck,
    /// The worker was stopped, and with it the connection.
    Stopped,
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
    /// A tab did not connect again after a reload: its options lack what is not stored. The header that is wrong, if
    /// it is one.
    NotReconnected(Option<HeaderError>),
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
    /// Command copied without secrets that were typed into headers.
    WithoutSecrets,
    /// Tab filled from a command.
    Pasted {
        /// Number of messages in the command.
        messages: usize,
        /// True if it has headers, which only the page's server sends.
        is_relayed: bool,
        /// Options without a counterpart in the page.
        left_out: Vec<LeftOut>,
    },
    /// Pasted command that cannot be read.
    NotACommand(CommandError),
    /// Workspace file merged into the present one, by name, but for what could not be read.
    Opened(String, Merged, Unreadable<WorkspaceError>),
    /// File that is no workspace, or exceeds a limit, by name.
    NotOpened(String, WorkspaceError),
}

impl Notice {
    /// Adds the files of another notice, if nothing of any could be imported, for the same reason.
    fn absorbs(&mut self, other: &Self) -> bool {
        let (Self::Imported(report), Self::Imported(other)) = (self, other) else { return false };
        let name = format!("{}, {}", other.name, report.name);
        let is_one = report.entries == 0
            && *other == ImportReport { name: other.name.clone(), ..report.clone() }
            && name.len() <= NAMES;
        if is_one {
            report.name = name;
        }
        is_one
    }

    /// True for a result that asks for nothing: it goes by itself. Others stay until they are closed.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Copied | Self::WithoutDraft | Self::WithoutSecrets | Self::Filled { .. } => true,
            Self::Opened(_, _, left_out) => left_out.count == 0,
            Self::Pasted { is_relayed, left_out, .. } => !is_relayed && left_out.is_empty(),
            Self::Imported(report) => {
                report.error.is_none()
                    && report.passed_over == PassedOver::default()
                    && report.unreadable.count == 0
            }
            _ => false,
        }
    }
}
