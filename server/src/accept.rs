//! TCP connections: how many there may be, how long a request may take to arrive, and where each
//! goes from there.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    http::{StatusCode, header},
    response::IntoResponse,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::OwnedSemaphorePermit,
    time::sleep,
};

use crate::{
    Server,
    traffic::{Traffic, Watched},
};

/// Connections that are told at once that the server is full, at most; any more are dropped.
pub(crate) const REFUSALS: usize = 64;

/// The `Retry-After` of a full server, in seconds.
const RETRY_AFTER: &str = "5";

/// After an error that is the server's own (too many open files), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A peer that has one of the server's places. The place is free again when the last clone is gone:
/// that of the request, or of the WebSocket that came of it.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) peer: SocketAddr,
    /// What moves on its connection.
    pub(crate) traffic: Arc<Traffic>,
    _place: Arc<OwnedSemaphorePermit>,
}

/// Accepts on `listener` until the server stops.
pub(crate) async fn accept(listener: TcpListener, app: Router, server: Arc<Server>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.stop.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_the_peers(&error) => continue,
            Err(error) => {
                tracing::warn!("Cannot accept a connection: {error}");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Without it a small answer may wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        if let Ok(permit) = Arc::clone(&server.places).try_acquire_owned() {
            let traffic = Arc::default();
            let stream = Watched::new(stream, Arc::clone(&traffic));
            let guest = Guest { peer, traffic, _place: Arc::new(permit) };
            let app = app.clone().layer(Extension(guest));
            server.open.spawn(serve(stream, app, Arc::clone(&server)));
        } else if let Ok(permit) = Arc::clone(&server.refusals).try_acquire_owned() {
            let serving = serve(stream, Router::new().fallback(full), Arc::clone(&server));
            server.open.spawn(async move {
                serving.await;
                drop(permit);
            });
        }
    }
}

/// Serves the requests of one connection, until it ends or becomes a WebSocket.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    app: Router,
    server: Arc<Server>,
) {
    let limits = &server.limits;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.handshake)
        .max_headers(limits.headers)
        .max_buf_size(limits.request_head);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = server.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("A request could not be served: {error}");
    }
}

async fn full() -> impl IntoResponse {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, RETRY_AFTER), (header::CONNECTION, "close")],
        "The server has as many connections as it takes. Try again later.\n",
    )
}

/// Errors of the one connection that was about to be accepted.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
