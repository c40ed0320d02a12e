//! Relay: connections that the page makes through this server, to targets or with options that a browser does not
//! allow (`docs/relay.md`).
//!
//! Read in this order: `flags` (who may use it), `endpoint` (paths, and the checks before them), `page`, `user` and
//! `token` (proof that the page is this server's, and the person's), `session` (one relayed connection), `opening`,
//! `destination` and `failure` (from an address to an open WebSocket), `target_socket` (that WebSocket), `sink`
//! (events on their way to the page).

mod destination;
pub(crate) mod endpoint;
mod failure;
pub(crate) mod flags;
mod opening;
mod page;
mod session;
mod sink;
mod target_socket;
mod token;
mod user;

use std::{net::SocketAddr, sync::Arc};

use tokio::sync::Semaphore;

use self::token::Token;
use crate::memory::budget::Budget;

/// Relayed connections at once.
pub(crate) const MAX_RELAYS: usize = 128;

/// Bytes held for all relays: incomplete messages, what waits for page or target, and the state of compression.
/// Above it, the connections that hold most for each byte that their target sent are ended.
const MEMORY: usize = 64 << 20;

/// Relay of a running server.
pub(crate) struct Relay {
    /// Secret of this start, which the server's own page gets.
    token: Token,
    /// Ports of the public listeners.
    ports: Vec<u16>,
    /// Admin listeners, which no relay reaches.
    admin: Vec<SocketAddr>,
    /// One permit a relayed connection.
    permits: Arc<Semaphore>,
    /// Memory held for all relays, beside the budget of other connections.
    memory: Arc<Budget>,
}

impl Relay {
    /// Relay between the pages of `public` listeners and all targets but `admin` listeners.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(crate) fn new(
        public: &[SocketAddr],
        admin: Vec<SocketAddr>,
    ) -> Result<Self, getrandom::Error> {
        Ok(Self {
            token: Token::random()?,
            ports: public.iter().map(SocketAddr::port).collect(),
            admin,
            permits: Arc::new(Semaphore::new(MAX_RELAYS)),
            memory: Budget::new(MEMORY),
        })
    }
}
