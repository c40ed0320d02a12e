//! From a target to an open WebSocket.

mod handshake;
mod redirects;
mod secrets;
mod secure;
