//! WebSocket protocol without I/O, for both sides: RFC 6455, and permessage-deflate (RFC 7692).
//! Bytes to messages and back; no socket, no clock, no thread, no source of randomness.
//!
//! Read in this order: `frame` (frame headers), `role` (server and client), `receiver` (bytes to
//! messages), `sender` (messages to bytes), `observer` (a look at each frame), `deflate` (compression),
//! `handshake` (headers of the opening handshake, and the negotiation of compression), `violation` (errors
//! of a peer, and the close codes for them).

mod close;
pub mod close_code;
mod deflate;
mod frame;
mod handshake;
mod mask;
mod observer;
mod receiver;
mod role;
mod sender;
mod violation;

pub use crate::{
    close::{Close, REASON_LEN},
    frame::{CONTROL_LEN, Header, Kind, Opcode},
    handshake::{
        accept_key,
        client::{ClientHandshake, HandshakeError, NONCE_LEN, Negotiated},
        extension::{ClientWindow, Deflate, ExtensionError, Offer, negotiate},
    },
    mask::mask,
    observer::{FrameLog, FrameRecord, Observer},
    receiver::{Limits, Received, Receiver},
    role::{Client, Role, SEED_LEN, Server},
    sender::{Fragments, Part, Sender, compressed_frame},
    violation::Violation,
};
