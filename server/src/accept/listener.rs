//! Accept loops of the public and the admin listeners.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{
    connection_limit::unavailable,
    http::{serve, serve_admin},
    peer::Peer,
};
use crate::state::Server;

/// Simultaneous connections to the admin listener.
const MAX_ADMIN_CONNECTIONS: usize = 64;

/// Pause after an error of the server's own, such as too many open files, so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts on `listener` until shutdown, and serves `app`. A connection past the limit gets HTTP
/// 503, or is dropped when too many are being refused.
pub(crate) async fn accept(listener: TcpListener, app: Router, server: Arc<Server>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.shutdown.requested() => return,
        };
        let Some((stream, address)) = prepare(accepted).await else { continue };
        if let Some(permit) = server.connections.acquire(address.ip()) {
            let peer = Peer::new(address, Some(permit));
            server.tasks.spawn(serve(stream, peer, app.clone(), Arc::clone(&server)));
            continue;
        }
        server.metrics.refused("full");
        if let Some(refusal) = server.connections.acquire_refusal() {
            let full = Router::new().fallback(async || unavailable());
            let serving = serve(stream, Peer::new(address, None), full, Arc::clone(&server));
            let serving = timeout(server.config.limits.handshake, serving);
            server.tasks.spawn(async move {
                let _ = serving.await;
                drop(refusal);
            });
        }
    }
}

/// Accepts on `listener` for as long as it is polled, during a drain too, and serves `app` without
/// TLS.
pub(crate) async fn accept_admin(listener: TcpListener, app: Router, server: Arc<Server>) {
    let permits = Arc::new(Semaphore::new(MAX_ADMIN_CONNECTIONS));
    loop {
        let Some((stream, address)) = prepare(listener.accept().await).await else { continue };
        if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
            let peer = Peer::new(address, None);
            let serving = serve_admin(stream, peer, app.clone(), &server.config.limits);
            tokio::spawn(async move {
                serving.await;
                drop(permit);
            });
        }
    }
}

/// Sets the options of an accepted socket. `None` after an error, and after a pause if it was the
/// server's own.
async fn prepare(accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, SocketAddr)> {
    match accepted {
        Ok((stream, address)) => {
            // Nagle's algorithm may hold a small answer back until the one before is acknowledged.
            let _ = stream.set_nodelay(true);
            Some((stream, address))
        }
        Err(error) if is_peer_error(&error) => None,
        Err(error) => {
            tracing::warn!("Cannot accept a connection: {error}");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// True for an error of the one connection that was about to be accepted.
fn is_peer_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
