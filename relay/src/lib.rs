//! Protocol of `/relay` (`docs/relay.md`): commands of a page and events of the server, as bytes and back. No
//! socket and no clock; the same code in the server and, as WebAssembly, in the page.
//!
//! Read in this order: `record` (heads and fields), `command` and `open` (page to server), `event`, `opening`,
//! `frame` and `end` (server to page).
//!
//! ```
//! use relay::{Command, Event};
//!
//! let mut message = Vec::new();
//! Command::Ping(b"still there?").encode(&mut message);
//! Command::Pause.encode(&mut message);
//! let commands = Command::decode_all(&message).collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(commands, [Command::Ping(b"still there?"), Command::Pause]);
//! # Ok::<(), relay::DecodeError>(())
//! ```

mod command;
mod end;
mod event;
mod frame;
mod open;
mod opening;
mod record;

pub use session::{Certificate, FINGERPRINT_LEN, PayloadKind, Stage};

pub use crate::{
    command::{Command, Fragments, Message},
    end::{End, EndCause, Failure, FailureCause, Side},
    event::{Event, Ready},
    frame::{Direction, Frame},
    open::{Network, Open},
    opening::{Opened, Response, Tls},
    record::DecodeError,
};

/// Version of the protocol, in [`Command::Hello`] and [`Ready`].
pub const VERSION: u16 = 5;

/// Bytes of a token.
pub const TOKEN_LEN: usize = 16;

/// Frames that the commands of one message of a page make, at most: each is an event of the server.
pub const MAX_FRAMES: usize = 4_096;
