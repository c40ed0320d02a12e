//! Import and export: message lists as files (`docs/formats.md`), workspace files, share links, and
//! commands of other programs.

mod command;
mod export;
mod file_format;
mod har;
mod header;
mod import;
mod link;
mod list;
mod text_log;
mod transfer;
mod unreadable;
mod workspace;

pub use command::{
    CommandError, LeftOut, MAX_COMMAND_BYTES, MAX_MESSAGES, NotQuotable, Operator, PastedCommand,
    ShellError, copied_address, copied_options, copied_subprotocols, parse_command,
    to_wsbench_command,
};
pub use export::Exporter;
pub use file_format::Format;
pub use har::MAX_IMPORT_CONNECTIONS;
pub use import::{
    Import, ImportError, ImportedConnection, ImportedItem, MAX_IMPORT_BYTES, MAX_IMPORT_ITEMS,
    PassedOver, Wrong, WrongConnection,
};
pub use link::{MAX_LINK_BYTES, Part, ShareError, ShareLink};
pub use transfer::{FileChunk, ImportReport};
pub use unreadable::{MAX_EXPLAINED, Unreadable};
pub use workspace::{MAX_FILE_BYTES, Merged, VERSION, Workspace, WorkspaceError};

pub(crate) use transfer::{Exporting, Importing};
