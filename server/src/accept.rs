//! TCP connections: how many there may be, how long a request may take to arrive, and where each
//! goes from there.

use std::{
    future::pending,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_rustls::Accept;

use crate::{
    Limits, Server,
    patient::{Held, Patient},
    places::Place,
    secured::Secured,
};

/// Connections that are told at once that the server is full, at most; any more are dropped.
pub(crate) const REFUSALS: usize = 64;

/// Connections at once to the listener for who runs the server.
const ADMINS: usize = 64;

/// The `Retry-After` of a full server, in seconds.
const RETRY_AFTER: &str = "5";

/// Requests, and so WebSockets, at once over one HTTP/2 connection.
const STREAMS: u32 = 100;

/// After an error that is the server's own (too many open files), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A peer, with one of the server's places if it got one. The place is free again when the last
/// clone is gone: that of the connection, of a request, or of the WebSocket that came of it.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) peer: SocketAddr,
    pub(crate) place: Arc<Option<Place>>,
}

impl Guest {
    fn new(peer: SocketAddr, place: Option<Place>) -> Self {
        Self { peer, place: Arc::new(place) }
    }
}

/// Accepts on `listener` until the server stops, and serves `app`.
pub(crate) async fn accept(listener: TcpListener, app: Router, server: Arc<Server>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.shutdown.requested() => return,
        };
        let Some((stream, peer)) = welcome(accepted).await else { continue };
        if let Some(place) = server.places.take(peer.ip()) {
            let guest = Guest::new(peer, Some(place));
            server.open.spawn(serve(stream, guest, app.clone(), Arc::clone(&server)));
            continue;
        }
        server.metrics.refused("full");
        if let Ok(permit) = Arc::clone(&server.refusals).try_acquire_owned() {
            let full = Router::new().fallback(async || full());
            let serving = serve(stream, Guest::new(peer, None), full, Arc::clone(&server));
            let serving = timeout(server.config.limits.handshake, serving);
            server.open.spawn(async move {
                let _ = serving.await;
                drop(permit);
            });
        }
    }
}

/// Accepts on `listener` for as long as it is polled, and serves `app` without TLS, also while the
/// server drains.
pub(crate) async fn accept_admin(listener: TcpListener, app: Router, server: Arc<Server>) {
    let admins = Arc::new(Semaphore::new(ADMINS));
    loop {
        let Some((stream, peer)) = welcome(listener.accept().await).await else { continue };
        if let Ok(permit) = Arc::clone(&admins).try_acquire_owned() {
            let service = Service::new(Guest::new(peer, None), app.clone());
            let connection = http1(stream, service, &server.config.limits);
            tokio::spawn(async move {
                let _ = connection.await;
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
    let service = Service::new(guest, app);
    match &server.config.tls {
        None => serve_http1(stream, service, &server).await,
        // Boxed: it takes several times the memory.
        Some(certificates) => {
            let securing = certificates.acceptor().accept(stream);
            Box::pin(serve_tls(securing, service, &server)).await;
        }
    }
}

async fn serve_tls(securing: Accept<TcpStream>, service: Service, server: &Server) {
    let securing = timeout(server.config.limits.handshake, securing);
    let secured = tokio::select! {
        secured = securing => secured,
        () = server.shutdown.requested() => return,
    };
    match secured {
        Ok(Ok(stream)) => {
            let session = stream.get_ref().1;
            let is_http2 = session.alpn_protocol() == Some(b"h2");
            let service = Service { secured: Some(Secured::of(session)), ..service };
            if is_http2 {
                serve_http2(stream, service, server).await;
            } else {
                serve_http1(stream, service, server).await;
            }
        }
        Ok(Err(error)) => {
            server.metrics.refused("tls");
            tracing::debug!(peer = %service.guest.peer, "No TLS: {error}");
        }
        Err(_) => server.metrics.refused("slow"),
    }
}

async fn serve_http1<T>(stream: T, service: Service, server: &Server)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let held = Arc::clone(&service.held);
    let connection = http1(stream, service, &server.config.limits);
    let driving = drive(connection, http1::UpgradeableConnection::graceful_shutdown, server);
    tokio::select! {
        () = driving => {}
        // Half an answer is all there will be.
        () = server.shutdown.requested(), if held.get().is_some() => {}
    }
}

fn http1<T>(
    stream: T,
    service: Service,
    limits: &Limits,
) -> http1::UpgradeableConnection<TokioIo<Patient<T>>, Service>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let patient = Patient::new(stream, limits.pong, Arc::clone(&service.held));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.handshake)
        .max_headers(limits.headers)
        .max_buf_size(limits.request_head)
        .serve_connection(TokioIo::new(patient), service)
        .with_upgrades()
}

async fn serve_http2<T>(stream: T, service: Service, server: &Server)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &server.config.limits;
    let head = u32::try_from(limits.request_head).unwrap_or(u32::MAX);
    let patient = Patient::new(stream, limits.pong, Held::default());
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        // WebSockets over HTTP/2 (RFC 8441 section 3).
        .enable_connect_protocol()
        .keep_alive_interval(limits.ping)
        .keep_alive_timeout(limits.pong)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(head)
        .serve_connection(TokioIo::new(patient), service.clone());
    tokio::select! {
        () = drive(connection, http2::Connection::graceful_shutdown, server) => {}
        () = service.falls_idle(server) => {}
    }
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
        () = server.shutdown.requested() => {
            graceful_shutdown(connection.as_mut());
            connection.await
        }
    };
    if let Err(error) = ended {
        if error.is_timeout() {
            server.metrics.refused("slow");
        } else if error.is_parse() {
            server.metrics.refused("malformed");
        }
        tracing::debug!("A request could not be served: {error}");
    }
}

/// Serves the requests of one connection.
#[derive(Clone)]
struct Service {
    guest: Guest,
    app: Router,
    /// A request came since this was last looked at.
    was_asked: Arc<AtomicBool>,
    /// Set when an answer is to stay half.
    held: Held,
    secured: Option<Secured>,
}

/// What becomes of a request that asks to be left without an answer; in the extensions of what
/// would be the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unanswered {
    /// The connection is dropped, over HTTP/2 the stream.
    Dropped,
    /// The first line of the answer is sent, and after this time the connection is dropped.
    Half(Duration),
}

/// Tells hyper to end a connection, as a request on it asked.
#[derive(Debug, thiserror::Error)]
#[error("it asked for no answer")]
struct NoAnswer;

impl Service {
    fn new(guest: Guest, app: Router) -> Self {
        let (was_asked, held) = (Arc::default(), Held::default());
        Self { guest, app, was_asked, held, secured: None }
    }

    /// Resolves when no request came for [`Limits::handshake`] and none is open, or at once when
    /// the server stops and none is open. For HTTP/1.1 hyper sees to it.
    async fn falls_idle(self, server: &Server) {
        // This clone, and the one that hyper has.
        let is_idle = || Arc::strong_count(&self.guest.place) <= 2;
        loop {
            let stopped = async {
                server.shutdown.requested().await;
                if !is_idle() {
                    pending::<()>().await;
                }
            };
            tokio::select! {
                () = sleep(server.config.limits.handshake) => {}
                () = stopped => return,
            }
            if !self.was_asked.swap(false, Relaxed) && is_idle() {
                server.metrics.refused("slow");
                return;
            }
        }
    }
}

impl hyper::service::Service<hyper::Request<Incoming>> for Service {
    type Response = Response;
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<Response, NoAnswer>> + Send>>;

    fn call(&self, mut request: hyper::Request<Incoming>) -> Self::Future {
        self.was_asked.store(true, Relaxed);
        request.extensions_mut().insert(self.guest.clone());
        if let Some(secured) = &self.secured {
            request.extensions_mut().insert(secured.clone());
        }
        let answering = TowerToHyperService::new(self.app.clone()).call(request);
        let held = Arc::clone(&self.held);
        Box::pin(async move {
            let Ok(response) = answering.await;
            match response.extensions().get() {
                None => {}
                Some(Unanswered::Dropped) => return Err(NoAnswer),
                Some(Unanswered::Half(time)) => {
                    // Held already is as good.
                    let _ = held.set(*time);
                }
            }
            Ok(response)
        })
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
