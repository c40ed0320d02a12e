//! Which path does what.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, Uri},
    middleware,
    response::Response,
    routing::{MethodFilter, get, on},
};
use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_http::compression::CompressionLayer;

use crate::{
    Server,
    accept::{Guest, full},
    connection::Connection,
    echo::Echo,
    handshake::{Handshake, check_host, count_refusal},
    operation, page,
    patient::Patient,
    socket::Socket,
};

/// WebSockets are opened with GET, over HTTP/2 with CONNECT (RFC 8441 section 4).
const OPEN: MethodFilter = MethodFilter::GET.or(MethodFilter::CONNECT);

/// The public paths; and those for who runs the server, unless they have a listener of their own.
pub(crate) fn public(server: &Arc<Server>, with_operation: bool) -> Router {
    let routes = Router::new()
        .route("/", on(OPEN, page_or_greeting))
        .route(
            "/ws",
            on(OPEN, async |server, guest, asked| open(server, guest, asked, Echo::Greeting)),
        )
        .route(
            "/echo",
            on(OPEN, async |server, guest, asked| open(server, guest, asked, Echo::Verbatim)),
        )
        .fallback(get(async |uri: Uri, asked: HeaderMap| page_file(uri.path(), &asked)));
    let routes = if with_operation { routes.merge(operation::router()) } else { routes };
    routes
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(check_host))
        .layer(middleware::from_fn_with_state(Arc::clone(server), count_refusal))
        .with_state(Arc::clone(server))
}

/// The paths for who runs the server, on a listener of their own.
pub(crate) fn admin(server: &Arc<Server>) -> Router {
    operation::router().with_state(Arc::clone(server))
}

/// `/` is a page to a browser's address bar and an endpoint to a WebSocket client.
async fn page_or_greeting(
    server: State<Arc<Server>>,
    guest: Extension<Guest>,
    asked: HeaderMap,
    handshake: Option<Handshake>,
) -> Response {
    match handshake {
        Some(handshake) => open(server, guest, handshake, Echo::Greeting),
        None => page_file("/", &asked),
    }
}

fn page_file(path: &str, asked: &HeaderMap) -> Response {
    page::file::<page::Built>(path, asked)
}

/// Completes the opening handshake (RFC 6455 section 4.2.2) and lets the connection run by itself.
fn open(
    State(server): State<Arc<Server>>,
    Extension(guest): Extension<Guest>,
    handshake: Handshake,
    echo: Echo,
) -> Response {
    // The WebSockets of one HTTP/2 connection share its place; each needs one of its own.
    let own_place = if handshake.shares_connection() {
        let Some(place) = server.places.take(guest.peer.ip()) else {
            server.metrics.refused("full");
            return full();
        };
        Some(place)
    } else {
        None
    };
    let number = server.connections.fetch_add(1, Relaxed) + 1;
    let (response, deflate, upgrade) = handshake.accept(server.config.compression.offered);
    let running = Arc::clone(&server);
    server.open.spawn(async move {
        let connection = Connection { number, guest };
        match upgrade.await.map(Upgraded::downcast) {
            // The stream itself: hyper's own wrapper would be asked on each read and write.
            Ok(Ok(Parts { io, read_buf, .. })) => {
                let io = TokioIo::<Patient<TcpStream>>::into_inner(io).into_inner();
                let socket = Socket::new(io, read_buf.to_vec(), deflate, &running.config);
                drop(read_buf);
                connection.serve(socket, echo, &running).await;
            }
            // TLS, or a stream of HTTP/2.
            Ok(Err(upgraded)) => {
                let io = TokioIo::new(upgraded);
                let socket = Socket::new(io, Vec::new(), deflate, &running.config);
                connection.serve(socket, echo, &running).await;
            }
            Err(error) => tracing::debug!(connection = number, "Not upgraded: {error}"),
        }
        drop(own_place);
    });
    response
}
