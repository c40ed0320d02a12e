//! Shared state of a running server.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use axum::http::request::Parts;
use tokio_util::task::TaskTracker;

use crate::{
    accept::{connection_limit::ConnectionLimit, peer::PeerAddress},
    config::Config,
    endpoints::rooms::Rooms,
    memory::budget::Budget,
    operation::{
        event_log::{EventLog, RequestSummary},
        message_log::MessageLog,
        metrics::Metrics,
    },
    relay::Relay,
    shutdown::Shutdown,
    websocket::handshake::{refusal::Refusal, request::Handshake},
};

/// State that every request and connection can reach.
pub(crate) struct Server {
    /// Configuration, fixed while the server runs.
    pub(crate) config: Config,
    /// Count of open connections, and its limit.
    pub(crate) connections: Arc<ConnectionLimit>,
    /// Memory held for peers, and its limit.
    pub(crate) memory: Arc<Budget>,
    /// Log of connections, disconnections and refusals.
    pub(crate) event_log: EventLog,
    pub(crate) message_log: MessageLog,
    pub(crate) metrics: Metrics,
    /// Chat rooms of `/chat`.
    pub(crate) rooms: Arc<Rooms>,
    /// Relay, if it is on.
    pub(crate) relay: Option<Arc<Relay>>,
    pub(crate) shutdown: Shutdown,
    /// Tasks that a drain waits for: listeners, connections and WebSockets.
    pub(crate) tasks: TaskTracker,
    /// Number of the last WebSocket.
    last_number: AtomicU64,
}

impl Server {
    /// Creates the state before the first connection, without a relay.
    pub(crate) fn new(config: Config) -> Self {
        let memory = Budget::new(config.limits.memory);
        Self {
            connections: ConnectionLimit::new(&config.limits),
            relay: None,
            rooms: Rooms::new(&memory),
            memory,
            event_log: EventLog::new(),
            message_log: MessageLog::new(config.log_messages),
            metrics: Metrics::new(config.limits.connections, config.tls.is_some()),
            config,
            shutdown: Shutdown::default(),
            tasks: TaskTracker::new(),
            last_number: AtomicU64::new(0),
        }
    }

    /// Counts and logs a refused connection, or request. `reason` is the metric's label.
    pub(crate) fn refused(
        &self,
        reason: &'static str,
        peer: PeerAddress,
        request: Option<&RequestSummary>,
    ) {
        self.metrics.refused(reason);
        self.event_log.refused(reason, peer, request);
    }

    /// Checks a request to open a WebSocket. It gets no compression while memory is short.
    ///
    /// # Errors
    /// As [`Handshake::from_request`].
    pub(crate) fn handshake(&self, parts: &mut Parts) -> Result<Handshake, Refusal> {
        let mut handshake = Handshake::from_request(parts, &self.config.origins)?;
        handshake.saves_memory = self.memory.is_short();
        Ok(handshake)
    }

    /// Number of a new WebSocket, counted from 1 since the server's start.
    pub(crate) fn next_number(&self) -> u64 {
        self.last_number.fetch_add(1, Relaxed) + 1
    }
}
