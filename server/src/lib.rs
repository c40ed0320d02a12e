//! The echo server: WebSocket endpoints that answer, and the browser client at `/`.
//!
//! Read in this order: [`run`] (accept, serve, drain), `routes` (which path does what),
//! `connection` (one WebSocket from its first message to its close), `echo` (what is answered).

mod connection;
mod echo;
mod journal;
mod limits;
mod listen;
mod page;
mod routes;

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
};

use axum::serve::ListenerExt;
use journal::Journal;
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use crate::{
    limits::Limits,
    listen::{Bound, DEFAULT_ADDRESS, ListenAddress, ListenError, bind},
};

/// What every request and connection can reach.
struct Server {
    limits: Limits,
    journal: Journal,
    /// Counts the WebSocket connections since the start, and so numbers them.
    connections: AtomicU64,
    /// The open WebSocket connections.
    open: TaskTracker,
    /// Cancelled when the server is to stop.
    stop: CancellationToken,
}

/// Serves on `listeners` until `shutdown` resolves, then drains: no new connection is accepted,
/// each open one has what it received answered and is closed with 1001, and after
/// [`Limits::drain`] at most, whatever is left is given up: it ends with the runtime.
pub async fn run(listeners: Vec<TcpListener>, limits: Limits, shutdown: impl Future<Output = ()>) {
    let server = Arc::new(Server {
        limits,
        journal: Journal::new(),
        connections: AtomicU64::new(0),
        open: TaskTracker::new(),
        stop: CancellationToken::new(),
    });

    let app = routes::router(Arc::clone(&server));
    let mut serving = JoinSet::new();
    for listener in listeners {
        let service = app.clone().into_make_service_with_connect_info::<SocketAddr>();
        // Without it a small answer may wait for the acknowledgement of the one before.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serve = axum::serve(listener, service);
        serving.spawn(
            serve.with_graceful_shutdown(server.stop.clone().cancelled_owned()).into_future(),
        );
    }

    tokio::select! {
        () = shutdown => {}
        () = server.journal.count_what_was_left_out() => {}
    }

    server.stop.cancel();
    server.open.close();
    let drained = timeout(limits.drain, async {
        while serving.join_next().await.is_some() {}
        server.open.wait().await;
    });
    if drained.await.is_err() {
        let left = server.open.len();
        tracing::warn!("Stopped with {left} connections that did not close in time");
    }
    server.journal.say_what_was_left_out();
}
