//! Life of a server: serve, then drain.

use std::sync::Arc;

use tokio::{net::TcpListener, task::JoinSet, time::timeout};

use crate::{
    accept::listener::{accept, accept_admin},
    config::Config,
    routes,
    state::Server,
};

/// Sockets that a server accepts connections on.
#[derive(Debug, Default)]
pub struct Listeners {
    /// Public sockets.
    pub public: Vec<TcpListener>,
    /// Sockets of the operator, for `/healthz`, `/readyz` and `/metrics`, without TLS. Without any,
    /// these paths are public.
    pub admin: Vec<TcpListener>,
}

/// Serves on `listeners` until `shutdown` resolves, then drains: accepts no new connection, answers
/// the messages that have arrived, closes each WebSocket with 1001.
///
/// Returns once all connections have ended, at the latest after [`Limits::drain`](crate::Limits);
/// those left end with the runtime.
pub async fn run(listeners: Listeners, config: Config, shutdown: impl Future<Output = ()>) {
    let drain = config.limits.drain;
    let server = Arc::new(Server::new(config));

    let app = routes::public(&server, listeners.admin.is_empty());
    for listener in listeners.public {
        server.tasks.spawn(accept(listener, app.clone(), Arc::clone(&server)));
    }
    // Health and metrics are served until the last connection is drained.
    let mut admin = JoinSet::new();
    for listener in listeners.admin {
        admin.spawn(accept_admin(listener, routes::admin(&server), Arc::clone(&server)));
    }

    tokio::select! {
        () = shutdown => {}
        () = server.message_log.report_skipped() => {}
    }

    server.shutdown.request();
    server.tasks.close();
    if timeout(drain, server.tasks.wait()).await.is_err() {
        let open = server.tasks.len();
        tracing::warn!("Drain timeout; connections still open: {open}");
    }
    server.message_log.log_skipped();
}
