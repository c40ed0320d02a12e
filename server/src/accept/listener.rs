//! Accept loops of the public and the admin listeners.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, http::header};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{
    connection_limit::{ConnectionPermit, Full},
    http::{serve, serve_admin},
    peer::{Peer, PeerAddress},
};
use crate::{access::proxy_protocol, state::Server};

/// Simultaneous connections to the admin listener. Further ones are dropped at once: they are no
/// clients, and not counted as such.
pub(crate) const MAX_ADMIN_CONNECTIONS: usize = 64;

/// Pause after an error of the server's own, such as too many open files, so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts on `listener` until shutdown, and serves `app`. A connection past the limit gets HTTP
/// 503, or is dropped when too many are being refused.
pub(crate) async fn accept(listener: TcpListener, app: Router, server: Arc<Server>) {
    let proxies = &server.config.proxies;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.shutdown.requested() => return,
        };
        let Some((stream, address)) = prepare(accepted).await else { continue };
        let is_proxy = proxies.trusts(address.ip);
        match server.connections.acquire((!is_proxy).then_some(address.ip)) {
            Ok(permit) if is_proxy && proxies.proxy_protocol => {
                let serving =
                    serve_proxied(stream, address, permit, app.clone(), Arc::clone(&server));
                server.tasks.spawn(serving);
            }
            Ok(permit) => {
                let peer = Peer::new(address, Some(permit));
                server.tasks.spawn(serve(stream, peer, app.clone(), Arc::clone(&server)));
            }
            Err(full) => {
                server.refused(full.label(), address, None);
                if let Some(refusal) = server.connections.acquire_refusal() {
                    let refusing = refuse(stream, Peer::new(address, None), full, &server);
                    server.tasks.spawn(async move {
                        refusing.await;
                        drop(refusal);
                    });
                }
            }
        }
    }
}

/// Reads the PROXY protocol header of a connection from a trusted proxy, within
/// [`Limits::handshake_timeout`](crate::Limits::handshake_timeout), and serves the client that it names.
async fn serve_proxied(
    mut stream: TcpStream,
    address: PeerAddress,
    mut permit: ConnectionPermit,
    app: Router,
    server: Arc<Server>,
) {
    let header = timeout(server.config.limits.handshake_timeout, proxy_protocol::read(&mut stream));
    let header = tokio::select! {
        header = header => header,
        () = server.shutdown.requested() => return,
    };
    let client = match header {
        Ok(Ok(client)) => client.map_or(address, PeerAddress::from),
        Ok(Err(error)) => {
            server.refused("proxy_protocol", address, None);
            tracing::debug!(peer = %address, "Invalid PROXY protocol header: {error}");
            return;
        }
        Err(_) => return server.refused("slow", address, None),
    };
    // A proxy before this proxy names its client in each request.
    let counted =
        if server.config.proxies.trusts(client.ip) { Ok(()) } else { permit.count(client.ip) };
    let peer = Peer::new(client, Some(permit));
    match counted {
        Ok(()) => serve(stream, peer, app, server).await,
        Err(full) => {
            server.refused(full.label(), client, None);
            refuse(stream, peer, full, &server).await;
        }
    }
}

/// Answers a connection past the limit, within [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
fn refuse(
    stream: TcpStream,
    peer: Peer,
    full: Full,
    server: &Arc<Server>,
) -> impl Future<Output = ()> + use<> {
    let app = Router::new().fallback(async move || ([(header::CONNECTION, "close")], full));
    let serving = timeout(
        server.config.limits.handshake_timeout,
        serve(stream, peer, app, Arc::clone(server)),
    );
    async move {
        let _ = serving.await;
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
async fn prepare(
    accepted: io::Result<(TcpStream, SocketAddr)>,
) -> Option<(TcpStream, PeerAddress)> {
    match accepted {
        Ok((stream, address)) => {
            // Nagle's algorithm may hold a small answer back until the one before is acknowledged.
            let _ = stream.set_nodelay(true);
            Some((stream, address.into()))
        }
        Err(error) if is_peer_error(&error) => None,
        Err(error) => {
            tracing::warn!("Cannot accept a connection: {error}");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// True for an error of the one connection that was to be accepted: the next one may be accepted at
/// once.
fn is_peer_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
