//! Import and export: message lists as files (`docs/formats.md`), workspace files, share links, and
//! commands of other programs.

mod command;
mod export;
mod file_format;
mod har;
mod header;
mod import;
mod link;
mod text_log;
mod transfer;
mod unreadable;
mod workspace;

pub use command::{
    COMMAND_BYTES, CommandError, LeftOut, MESSAGES, NotQuotable, Operator, PastedCommand,
    ShellError, copied_options, copied_subprotocols, parse_command, to_wsbench_command,
};
pub use export::Exporter;
pub use file_format::Format;
pub use har::IMPORT_CONNECTIONS;
pub use import::{
    IMPORT_BYTES, IMPORT_ITEMS, Import, ImportError, ImportedConnection, ImportedItem, PassedOver,
    Wrong, WrongConnection,
};
pub use link::{LINK_BYTES, Part, ShareError, ShareLink};
pub use transfer::{ImportReport, Piece};
pub use unreadable::{EXPLAINED, Unreadable};
pub use workspace::{FILE_BYTES, Merged, VERSION, Workspace, WorkspaceError};

pub(crate) use transfer::{Exporting, Importing};
