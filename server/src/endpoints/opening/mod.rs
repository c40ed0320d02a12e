//! Endpoints about the opening handshake.

pub(super) mod handshake;
pub(super) mod reject;
pub(super) mod subprotocol;
