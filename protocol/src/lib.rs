//! WebSocket protocol without I/O, for both sides: RFC 6455, and permessage-deflate (RFC 7692).
//! Bytes to messages and back; no socket, no clock, no thread, no source of randomness.
//!
//! Read in this order: `frame` (frame headers), `role` (server and client), `receiver` (bytes to
//! messages), `sender` (messages to bytes), `observer` (a look at each frame), `deflate` (compression),
//! `handshake` (headers of the opening handshake, and the negotiation of compression), `violation` (errors
//! of a peer, and the close codes for them).
//!
//! ```
//! use protocol::{Client, Kind, Limits, Received, Receiver, SEED_LEN, Sender, Server};
//!
//! let mut bytes = Vec::new();
//! // Of a real client the seed comes from the system's source of randomness.
//! let mut sender = Sender::new(Client::new([7; SEED_LEN]), None, usize::MAX);
//! sender.write_message(Kind::Text, b"hi", &mut bytes);
//! let mut receiver = Receiver::<Server>::new(Limits { frame: 1 << 20, message: 1 << 20 }, None);
//! let received = receiver.receive(&mut &mut bytes[..])?;
//! assert_eq!(received, Some(Received::Message(Kind::Text, b"hi".as_slice().into())));
//! # Ok::<_, protocol::Violation>(())
//! ```

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
    frame::{CONTROL_LEN, Header, InvalidHeader, Kind, Opcode},
    handshake::{
        accept_key,
        client::{ClientHandshake, HandshakeError, NONCE_LEN, Negotiated, VERSION},
        extension::{ClientWindow, Deflate, ExtensionError, Offer, negotiate},
    },
    mask::mask,
    observer::{FrameLog, FrameRecord, Observer},
    receiver::{Limits, Received, Receiver},
    role::{Client, Role, SEED_LEN, Server},
    sender::{Fragments, Part, Sender, compressed_frame},
    violation::Violation,
};
