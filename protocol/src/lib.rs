//! The WebSocket protocol without I/O: a server's side of RFC 6455 and of permessage-deflate
//! (RFC 7692). Bytes go in, messages come out, and back; no socket, no clock, no thread.
//!
//! Read in this order: `frame` (what stands in a frame's header), `receive` (bytes to messages),
//! `send` (messages to bytes), `deflate` (how both are compressed), `extension` (how that was agreed),
//! `violation` (what a peer can do wrong, and the close code for it).

mod close;
mod deflate;
mod extension;
mod frame;
mod mask;
mod receive;
mod send;
mod violation;

pub use crate::{
    close::{Close, REASON_LEN, code, may_be_sent},
    extension::{Deflate, negotiate},
    frame::{CONTROL_LEN, Header, Kind, Opcode},
    mask::mask,
    receive::{Bounds, Received, Receiver},
    send::{Sender, write_close, write_frame},
    violation::Violation,
};
