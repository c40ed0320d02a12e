//! Shared state of a running server.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tokio_util::task::TaskTracker;

use crate::{
    accept::connection_limit::ConnectionLimit,
    config::Config,
    endpoints::rooms::Rooms,
    memory::budget::Budget,
    operation::{message_log::MessageLog, metrics::Metrics},
    shutdown::Shutdown,
};

/// State that every request and connection can reach.
pub(crate) struct Server {
    /// Configuration, fixed while the server runs.
    pub(crate) config: Config,
    pub(crate) connections: Arc<ConnectionLimit>,
    /// Memory held for peers, and its limit.
    pub(crate) memory: Arc<Budget>,
    pub(crate) message_log: MessageLog,
    pub(crate) metrics: Metrics,
    /// Chat rooms of `/chat`.
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) shutdown: Shutdown,
    /// Tasks that a drain waits for: listeners, connections and WebSockets.
    pub(crate) tasks: TaskTracker,
    /// Number of the last WebSocket.
    last_number: AtomicU64,
}

impl Server {
    pub(crate) fn new(config: Config) -> Self {
        let memory = Budget::new(config.limits.memory);
        Self {
            connections: ConnectionLimit::new(&config.limits),
            rooms: Rooms::new(&memory),
            memory,
            config,
            message_log: MessageLog::new(),
            metrics: Metrics::new(),
            shutdown: Shutdown::default(),
            tasks: TaskTracker::new(),
            last_number: AtomicU64::new(0),
        }
    }

    /// Number of a new WebSocket, counted from 1 since the server's start.
    pub(crate) fn next_number(&self) -> u64 {
        self.last_number.fetch_add(1, Relaxed) + 1
    }
}
