//! The echo server: WebSocket endpoints that answer, and the browser client at `/`.
//!
//! Read in this order: [`run`] (serve, then drain), `accept` (TCP connections), `routes` (which path
//! does what), `handshake` (what opens a WebSocket), `connection` (one WebSocket from its first
//! message to its close), `socket` (its bytes, read and written), `echo` (what is answered). Then
//! `conduct` (what else an endpoint may do) and `endpoints` (which those are).

mod accept;
mod conduct;
mod config;
mod connection;
mod echo;
mod endpoints;
mod handshake;
mod journal;
mod limits;
mod listen;
mod metrics;
mod operation;
mod outbox;
mod pace;
mod page;
mod patient;
mod places;
mod program;
mod routes;
mod secured;
pub mod shutdown;
mod socket;
mod tls;
mod upgrade;
mod wire;

use std::sync::{Arc, atomic::AtomicU64};

use endpoints::Rooms;
use journal::Journal;
use metrics::Metrics;
use places::Places;
use shutdown::Shutdown;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time::timeout};
use tokio_util::task::TaskTracker;

pub use crate::{
    config::{Compression, Config, Endpoints, Origins},
    limits::Limits,
    listen::{Bound, DEFAULT_ADDRESS, ListenAddress, ListenError, bind},
    program::{Flags, VERSION, start},
    tls::{Certificates, TlsError},
};

/// What every request and connection can reach.
struct Server {
    config: Config,
    journal: Journal,
    metrics: Metrics,
    /// The number of the last WebSocket, counted from the start.
    last_number: AtomicU64,
    /// What must end before the server has: its listeners, connections and WebSockets.
    open: TaskTracker,
    /// Those that [`Limits::connections`] still allows.
    places: Arc<Places>,
    /// One for each connection that may still be told that there is no place.
    refusals: Arc<Semaphore>,
    /// Of the endpoint `/chat`.
    rooms: Arc<Rooms>,
    shutdown: Shutdown,
}

impl Server {
    fn new(config: Config) -> Self {
        Self {
            places: Places::new(&config.limits),
            config,
            journal: Journal::new(),
            metrics: Metrics::new(),
            last_number: AtomicU64::new(0),
            open: TaskTracker::new(),
            refusals: Arc::new(Semaphore::new(accept::REFUSALS)),
            rooms: Arc::default(),
            shutdown: Shutdown::default(),
        }
    }
}

/// The sockets that a server serves on.
#[derive(Debug, Default)]
pub struct Listeners {
    /// For everyone.
    pub public: Vec<TcpListener>,
    /// For who runs the server: `/healthz`, `/readyz`, `/metrics`, without TLS. Without any, these
    /// are public.
    pub admin: Vec<TcpListener>,
}

/// Serves on `listeners` until `shutdown` resolves, then drains: no new connection is accepted,
/// each open one has what it received answered and is closed with 1001, and after
/// [`Limits::drain`] at most, whatever is left is given up: it ends with the runtime.
pub async fn run(listeners: Listeners, config: Config, shutdown: impl Future<Output = ()>) {
    let limits = config.limits;
    let server = Arc::new(Server::new(config));

    let app = routes::public(&server, listeners.admin.is_empty());
    for listener in listeners.public {
        server.open.spawn(accept::accept(listener, app.clone(), Arc::clone(&server)));
    }
    // These answer until the last connection is drained.
    let mut admin = JoinSet::new();
    for listener in listeners.admin {
        admin.spawn(accept::accept_admin(listener, routes::admin(&server), Arc::clone(&server)));
    }

    tokio::select! {
        () = shutdown => {}
        () = server.journal.count_what_was_left_out() => {}
    }

    server.shutdown.request();
    server.open.close();
    if timeout(limits.drain, server.open.wait()).await.is_err() {
        let left = server.open.len();
        tracing::warn!("Stopped with {left} connections that did not close in time");
    }
    server.journal.say_what_was_left_out();
}
