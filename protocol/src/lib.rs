//! WebSocket protocol without I/O, on the server's side: RFC 6455, and permessage-deflate (RFC 7692).
//! Bytes to messages and back; no socket, no clock, no thread.
//!
//! Read in this order: `frame` (frame headers), `receiver` (bytes to messages), `sender` (messages to
//! bytes), `deflate` (compression), `extension` (its negotiation), `violation` (errors of a peer, and
//! the close codes for them).

mod close;
pub mod close_code;
mod deflate;
mod extension;
mod frame;
mod mask;
mod receiver;
mod sender;
mod violation;

pub use crate::{
    close::{Close, REASON_LEN},
    extension::{Deflate, negotiate},
    frame::{CONTROL_LEN, Header, Kind, Opcode},
    mask::mask,
    receiver::{Limits, Received, Receiver},
    sender::{Part, Sender, compressed_frame, write_close, write_frame},
    violation::Violation,
};
