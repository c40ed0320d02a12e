//! TCP connections: how many there may be, how long a request may take to arrive, and where each
//! goes from there.

use std::{
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::{
    server::conn::{http1, http2},
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use tokio_rustls::Accept;

use crate::{Server, patient::Patient, places::Place};

/// Connections that are told at once that the server is full, at most; any more are dropped.
pub(crate) const REFUSALS: usize = 64;

/// The `Retry-After` of a full server, in seconds.
const RETRY_AFTER: &str = "5";

/// Requests, and so WebSockets, at once over one HTTP/2 connection.
const STREAMS: u32 = 100;

/// After an error that is the server's own (too many open files), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A peer that has one of the server's places. The place is free again when the last clone is gone:
/// that of the request, or of the WebSocket that came of it.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) peer: SocketAddr,
    pub(crate) place: Option<Arc<Place>>,
}

/// Accepts on `listener` until the server stops, and serves `app`.
pub(crate) async fn accept(listener: TcpListener, app: Router, server: Arc<Server>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.stop.cancelled() => return,
        };
        let Some((stream, peer)) = welcome(accepted).await else { continue };
        if let Some(place) = server.places.take(peer.ip()) {
            let guest = Guest { peer, place: Some(Arc::new(place)) };
            server.open.spawn(serve(stream, guest, app.clone(), Arc::clone(&server)));
        } else if let Ok(permit) = Arc::clone(&server.refusals).try_acquire_owned() {
            server.metrics.refused("full");
            let guest = Guest { peer, place: None };
            let full = Router::new().fallback(async || full());
            let serving = serve(stream, guest, full, Arc::clone(&server));
            server.open.spawn(async move {
                serving.await;
                drop(permit);
            });
        }
    }
}

/// Accepts on `listener` for as long as it is polled, and serves `app` without TLS, to as many at
/// once as there are refusals.
pub(crate) async fn accept_admin(listener: TcpListener, app: Router, server: Arc<Server>) {
    loop {
        let Some((stream, peer)) = welcome(listener.accept().await).await else { continue };
        if let Ok(permit) = Arc::clone(&server.refusals).try_acquire_owned() {
            let guest = Guest { peer, place: None };
            let (app, server) = (app.clone(), Arc::clone(&server));
            tokio::spawn(async move {
                serve_http1(stream, guest, app, &server).await;
                drop(permit);
            });
        }
    }
}

async fn welcome(accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, SocketAddr)> {
    match accepted {
        Ok((stream, peer)) => {
            // Without it a small answer may wait for the acknowledgement of the one before.
            let _ = stream.set_nodelay(true);
            Some((stream, peer))
        }
        Err(error) if is_the_peers(&error) => None,
        Err(error) => {
            tracing::warn!("Cannot accept a connection: {error}");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Serves one connection, over TLS if the server has a certificate.
async fn serve(stream: TcpStream, guest: Guest, app: Router, server: Arc<Server>) {
    match &server.config.tls {
        None => serve_http1(stream, guest, app, &server).await,
        // Boxed: it takes several times the memory.
        Some(certificates) => {
            let securing = certificates.acceptor().accept(stream);
            Box::pin(serve_tls(securing, guest, app, &server)).await;
        }
    }
}

async fn serve_tls(securing: Accept<TcpStream>, guest: Guest, app: Router, server: &Server) {
    let securing = timeout(server.config.limits.handshake, securing);
    let secured = tokio::select! {
        secured = securing => secured,
        () = server.stop.cancelled() => return,
    };
    match secured {
        Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
            serve_http2(stream, guest, app, server).await;
        }
        Ok(Ok(stream)) => serve_http1(stream, guest, app, server).await,
        Ok(Err(error)) => {
            server.metrics.refused("tls");
            tracing::debug!(peer = %guest.peer, "No TLS: {error}");
        }
        Err(_) => server.metrics.refused("slow"),
    }
}

async fn serve_http1<T>(stream: T, guest: Guest, app: Router, server: &Server)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &server.config.limits;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.handshake)
        .max_headers(limits.headers)
        .max_buf_size(limits.request_head);
    let stream = TokioIo::new(Patient::new(stream, limits.pong));
    let service = service_fn(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(guest.clone());
        TowerToHyperService::new(app.clone()).call(request)
    });
    let connection = http.serve_connection(stream, service).with_upgrades();
    drive(connection, http1::UpgradeableConnection::graceful_shutdown, server).await;
}

async fn serve_http2<T>(stream: T, guest: Guest, app: Router, server: &Server)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &server.config.limits;
    let head = u32::try_from(limits.request_head).unwrap_or(u32::MAX);
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        // WebSockets over HTTP/2 (RFC 8441 section 3).
        .enable_connect_protocol()
        .keep_alive_interval(limits.ping)
        .keep_alive_timeout(limits.pong)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(head);
    let stream = TokioIo::new(Patient::new(stream, limits.pong));
    let service = service_fn(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(guest.clone());
        TowerToHyperService::new(app.clone()).call(request)
    });
    let connection = http.serve_connection(stream, service);
    drive(connection, http2::Connection::graceful_shutdown, server).await;
}

/// Runs a connection until it ends or becomes a WebSocket; when the server stops, until the
/// requests that it has begun are answered.
async fn drive<C>(connection: C, graceful_shutdown: fn(Pin<&mut C>), server: &Server)
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = server.stop.cancelled() => {
            graceful_shutdown(connection.as_mut());
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("A request could not be served: {error}");
    }
}

/// What a server without a place for one more answers.
pub(crate) fn full() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, RETRY_AFTER), (header::CONNECTION, "close")],
        "The server has as many connections as it takes. Try again later.\n",
    )
        .into_response()
}

/// Errors of the one connection that was about to be accepted.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
