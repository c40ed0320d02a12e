//! The server, over real sockets and as a program.

mod access;
mod bounds;
mod compression;
mod connections;
mod flags;
mod handshake;
mod memory;
mod operation;
mod program;
mod relay;
#[cfg(unix)]
mod service;
mod tls;
mod violations;
