//! The echo server: WebSocket endpoints that answer, and the browser client at `/`.
//!
//! Read in this order: [`run`] (serve, then drain), `accept` (TCP connections), `routes` (which path
//! does what), `handshake` (what opens a WebSocket), `connection` (one WebSocket from its first
//! message to its close), `echo` (what is answered).

mod accept;
mod connection;
mod echo;
mod handshake;
mod journal;
mod limits;
mod listen;
mod page;
mod routes;
mod traffic;

use std::sync::{Arc, atomic::AtomicU64};

use journal::Journal;
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
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
    /// What must end before the server has: its listeners, connections and WebSockets.
    open: TaskTracker,
    /// One for each connection that [`Limits::connections`] still allows.
    places: Arc<Semaphore>,
    /// One for each connection that may still be told that there is no place.
    refusals: Arc<Semaphore>,
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
        places: Arc::new(Semaphore::new(limits.connections)),
        refusals: Arc::new(Semaphore::new(accept::REFUSALS)),
        stop: CancellationToken::new(),
    });

    let app = routes::router(Arc::clone(&server));
    for listener in listeners {
        server.open.spawn(accept::accept(listener, app.clone(), Arc::clone(&server)));
    }

    tokio::select! {
        () = shutdown => {}
        () = server.journal.count_what_was_left_out() => {}
    }

    server.stop.cancel();
    server.open.close();
    if timeout(limits.drain, server.open.wait()).await.is_err() {
        let left = server.open.len();
        tracing::warn!("Stopped with {left} connections that did not close in time");
    }
    server.journal.say_what_was_left_out();
}
