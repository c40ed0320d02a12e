//! Where to connect and what to send, as text that can be passed on: a link, or a command.
//!
//! Nothing here runs, connects or sends: what is read is offered to a person.

mod command;
mod link;
mod options;
mod shell;

pub use command::{
    COMMAND_BYTES, CommandError, LeftOut, MESSAGES, PastedCommand, parse_command,
    to_wsbench_command,
};
pub use link::{ADDRESS_BYTES, LINK_BYTES, Part, ShareError, ShareLink, TEXT_BYTES};
pub use shell::{NotQuotable, Operator, ShellError};

/// Subprotocols that are taken from a link, a command or a file, at most: more than any server
/// chooses from.
pub const SUBPROTOCOLS: usize = 16;
