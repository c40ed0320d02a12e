//! WebSocket connections: opening handshake, transport, messages, keep-alive, closing handshake.
//!
//! From the bottom up: `transport` (bytes), `outbox` (frames to write; `shared_message` for many peers, `blocking` for
//! large ones), `socket` (messages), `handler` (an endpoint's part), `connection` (one WebSocket from open to close),
//! `open` (the handshake's response, and the task of the connection), `accepting` (an opening handshake without all
//! that).

pub(crate) mod accepting;
mod blocking;
pub(crate) mod close;
pub(crate) mod connection;
pub(crate) mod echo;
pub(crate) mod handler;
pub(crate) mod handshake;
mod keep_alive;
pub(crate) mod open;
pub(crate) mod outbox;
pub(crate) mod shared_message;
pub(crate) mod socket;
pub(crate) mod transport;
