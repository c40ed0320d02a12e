//! Notices of a tab: results and failures that are no row of the message list.

use std::{collections::VecDeque, sync::Arc};

use session::Message;
use workbench::{
    compose::Draft,
    connect::{AddressError, SubprotocolError, Target},
    engine::Warning,
    exchange::{
        CommandError, ImportReport, LeftOut, Merged, PassedOver, ShareError, Unreadable,
        WorkspaceError,
    },
    log::Bounds,
    relay::HeaderError,
};

/// Notices shown at once, at most. More would cover the composer; the oldest go first.
const SHOWN: usize = 3;

/// Names of files in one notice, in bytes, at most. Files that cannot be imported share a notice up to this length.
const NAMES: usize = 1_000;

/// Notices of a tab that are shown, oldest first, each with a number of its own. The number keys
/// the view of a notice, so that one that stays is not rendered anew.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    /// Notices in the order in which they came, at most [`SHOWN`].
    shown: Vec<(u64, Notice)>,
    last: u64,
}

impl Notices {
    /// Adds a notice. An equal one is replaced, and files that cannot be imported for one reason
    /// share a notice. At the limit the oldest that passes by itself goes, else the oldest; never
    /// [`Notice::Stuck`], which comes once.
    pub(crate) fn add(&mut self, mut notice: Notice) {
        self.shown.retain(|(_, shown)| *shown != notice && !notice.absorbs(shown));
        if self.shown.len() == SHOWN {
            let first = |is: fn(&Notice) -> bool| self.shown.iter().position(|(_, it)| is(it));
            let gone = first(Notice::is_transient).or_else(|| first(|it| *it != Notice::Stuck));
            self.shown.remove(gone.unwrap_or(0));
        }
        self.last += 1;
        self.shown.push((self.last, notice));
    }

    /// Removes all notices, and returns them, oldest first. For a tab that is closed: its notices move to another.
    pub(crate) fn take(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.shown).into_iter().map(|(_, notice)| notice).collect()
    }

    /// True if this notice is shown.
    pub(crate) fn has(&self, notice: &Notice) -> bool {
        self.shown.iter().any(|(_, shown)| shown == notice)
    }

    /// Removes the notices for which `is_over` holds: the state they tell of is over.
    pub(crate) fn remove_if(&mut self, is_over: impl Fn(&Notice) -> bool) {
        self.shown.retain(|(_, shown)| !is_over(shown));
    }

    /// Removes the notice with this number, if it is still shown.
    pub(crate) fn remove(&mut self, number: u64) {
        self.shown.retain(|(shown, _)| *shown != number);
    }

    /// Numbers of the notices, oldest first. A question about a limit is over once `bounds` are as low.
    pub(crate) fn numbers(&self, bounds: Bounds) -> Vec<u64> {
        let applies = |notice: &Notice| !matches!(notice, Notice::LowerLimit(limit) if !limit.is_below(bounds));
        self.shown.iter().filter(|(_, it)| applies(it)).map(|(number, _)| *number).collect()
    }

    /// The notice with this number, if it is still shown.
    pub(crate) fn get(&self, number: u64) -> Option<Notice> {
        let (_, notice) = self.shown.iter().find(|(shown, _)| *shown == number)?;
        Some(notice.clone())
    }
}

/// Notice of a tab. Results that are no entry of the log. Their texts are in the folder `notices`, by language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The engine failed for good. The reason in the browser's words; empty if the worker could not be loaded.
    Broken(String),
    /// The engine failed, and was replaced; its connection is closed. The reason in the browser's words.
    Restarted(String),
    /// The worker does not answer; it can be stopped. It shows after the watchdog's intervals
    /// without an answer, and goes with the next answer.
    Stuck,
    /// The worker was stopped, and with it the connection. A new one goes on with the tab's settings.
    Stopped,
    /// The engine failed or was stopped while it imported this file.
    ImportEnded(String),
    /// Entries of the library that cannot be read; storage has a copy of it.
    Unread(Unreadable<WorkspaceError>),
    /// A message was copied.
    Copied,
    /// The start of a message was copied: the rest is over the limit of what is copied.
    CopiedStart,
    /// Copying failed. The browser denied it, for want of a click or of the permission.
    NotCopied,
    /// Unsent message dropped: a limit is reached.
    UnsentDropped,
    /// Unsent messages that were discarded, which can be undone.
    Discarded(Arc<VecDeque<Message>>),
    /// Lower limit of stored rows, which would drop the oldest: a question, before it holds.
    LowerLimit(Limit),
    /// File not sent: the send buffer is full, or the file cannot be read.
    FileNotSent,
    /// Message too large to edit. Only its start was fetched.
    TooLargeToEdit,
    /// List that was exported: name of the file, and number of its rows.
    Exported(String, u64),
    /// Result of an import. Also of one that failed, with its error and the entries before it.
    Imported(ImportReport),
    /// Tabs, settings and saved messages not persisted.
    NotStored,
    /// Tab limit reached. At most 32 tabs are open.
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
    /// Failed reconnect after a reload: options of the relay lack their secrets, which are not
    /// stored. The invalid header, if it is one.
    NotReconnected(Option<HeaderError>),
    /// Warning of the engine.
    Engine(Warning),
    /// Link that cannot be created, or cannot be opened.
    Link(ShareError),
    /// Command not created: the address is invalid.
    Address(AddressError),
    /// Command not created: a subprotocol is invalid.
    Subprotocol(SubprotocolError),
    /// Command not created: an option of the route is invalid.
    Route(HeaderError),
    /// Command copied without the draft, which no command can hold.
    WithoutDraft,
    /// Command copied without secrets that were typed into headers.
    WithoutSecrets,
    /// Command copied without what none can hold, such as certificates.
    WithoutCertificates,
    /// Tab filled from a command.
    Pasted {
        /// Number of messages in the command.
        messages: usize,
        /// True if it has headers, which only the page's server sends.
        is_relayed: bool,
        /// Options without a counterpart in the page.
        left_out: Vec<LeftOut>,
        /// Target before, and draft if a message took its place, for undo.
        before: Box<(Target, Option<Draft>)>,
    },
    /// Pasted command that cannot be read.
    NotACommand(CommandError),
    /// Workspace file that was merged, by name, with the numbers merged and the parts that could not be read.
    WorkspaceMerged(String, Merged, Unreadable<WorkspaceError>),
    /// File that is no workspace, or exceeds a limit, by name.
    WorkspaceNotRead(String, WorkspaceError),
}

/// Highest limit of stored rows that can be entered.
pub(crate) const MAX_ROWS: u32 = u32::MAX;

/// Highest limit of stored bytes that can be entered, in MiB.
pub(crate) const MAX_MEBIBYTES: u32 = 2_048;

/// One of the limits of stored rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Number of rows.
    Rows(usize),
    /// Payload bytes.
    Bytes(usize),
}

impl Limit {
    /// True if it is lower than the one in force.
    pub(crate) fn is_below(self, bounds: Bounds) -> bool {
        match self {
            Self::Rows(rows) => rows < bounds.entries,
            Self::Bytes(bytes) => bytes < bounds.bytes,
        }
    }

    /// Puts it in force.
    pub(crate) fn apply_to(self, bounds: &mut Bounds) {
        match self {
            Self::Rows(rows) => bounds.entries = rows,
            Self::Bytes(bytes) => bounds.bytes = bytes,
        }
    }
}

impl Notice {
    /// Merges the names of another notice into this one: both tell of files of which nothing could
    /// be imported, for the same reason. Returns `false` and changes nothing otherwise, or if the
    /// names would exceed [`NAMES`]. A limit takes the place of the one asked about before.
    fn absorbs(&mut self, other: &Self) -> bool {
        if matches!((&*self, other), (Self::LowerLimit(_), Self::LowerLimit(_))) {
            return true;
        }
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

    /// True for a result that can be undone from its notice.
    pub(crate) fn can_undo(&self) -> bool {
        matches!(self, Self::Discarded(_) | Self::Pasted { .. })
    }

    /// True for a result that asks for nothing: it is removed by itself. Others stay until they are closed.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Copied
            | Self::CopiedStart
            | Self::WithoutDraft
            | Self::WithoutSecrets
            | Self::WithoutCertificates
            | Self::Exported(..)
            | Self::Filled { .. }
            | Self::Discarded(_) => true,
            Self::WorkspaceMerged(_, _, left_out) => left_out.count == 0,
            Self::Pasted { is_relayed, left_out, .. } => !is_relayed && left_out.is_empty(),
            Self::Imported(report) => {
                let fills = report.target.as_ref().is_some_and(|target| target.relay.is_some());
                report.error.is_none()
                    && report.passed_over == PassedOver::default()
                    && report.unreadable.count == 0
                    && !fills
            }
            _ => false,
        }
    }
}
