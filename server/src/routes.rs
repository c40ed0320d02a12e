//! Which path does what.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    http::{HeaderMap, Uri},
    middleware,
    response::Response,
    routing::{MethodFilter, get, on},
};
use protocol::Deflate;
use tower_http::compression::CompressionLayer;

use crate::{
    Server,
    accept::{Guest, full},
    connection::Connection,
    echo::Echo,
    endpoints::{self, Asked, Endpoint, Special},
    handshake::{Handshake, Terms, check_host, count_refusal},
    operation,
    outbox::Outbox,
    pace::Paced,
    page,
    socket::Socket,
    upgrade::Upgrade,
    wire::Wire,
};

/// WebSockets are opened with GET, over HTTP/2 with CONNECT (RFC 8441 section 4).
const OPEN: MethodFilter = MethodFilter::GET.or(MethodFilter::CONNECT);

/// The public paths; and those for who runs the server, unless they have a listener of their own.
pub(crate) fn public(server: &Arc<Server>, with_operation: bool) -> Router {
    let mut routes = Router::new()
        .route("/", on(OPEN, page_or_greeting))
        .route("/ws", on(OPEN, greet))
        .route(
            "/endpoints.json",
            get(async |State(server): State<Arc<Server>>| {
                endpoints::list(&server.config.endpoints)
            }),
        )
        .route(
            "/fault/{name}",
            get(async |Path(name): Path<String>| endpoints::no_such_fault(&name)),
        );
    for endpoint in endpoints::ENDPOINTS.iter() {
        routes = routes.route(
            endpoint.path,
            on(OPEN, async move |server, guest, request| {
                open_endpoint(endpoint, server, guest, request).await
            }),
        );
    }
    let routes =
        routes.fallback(get(async |uri: Uri, asked: HeaderMap| page_file(uri.path(), &asked)));
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
        Some(handshake) => greet(server, guest, handshake).await,
        None => page_file("/", &asked),
    }
}

async fn greet(
    server: State<Arc<Server>>,
    guest: Extension<Guest>,
    handshake: Handshake,
) -> Response {
    open(server, guest, handshake, Terms::default(), How::Echo(Echo::Greeting))
}

fn page_file(path: &str, asked: &HeaderMap) -> Response {
    page::file::<page::Built>(path, asked)
}

/// Opens a WebSocket of a test endpoint, or answers why not.
async fn open_endpoint(
    endpoint: &Endpoint,
    server: State<Arc<Server>>,
    guest: Extension<Guest>,
    request: Request,
) -> Response {
    match endpoints::asked(endpoint, &server, &guest, request).await {
        Ok(Asked { handshake, terms, special, seed }) => {
            let how = special.map_or(How::Echo(Echo::Verbatim), How::Special);
            let mut response = open(server, guest, handshake, terms, how);
            response.headers_mut().extend(seed);
            response
        }
        Err(response) => response,
    }
}

/// How a WebSocket is served.
enum How {
    /// By the shortest way.
    Echo(Echo),
    Special(Box<Special>),
}

/// Completes the opening handshake (RFC 6455 section 4.2.2) and lets the connection run by itself.
fn open(
    State(server): State<Arc<Server>>,
    Extension(guest): Extension<Guest>,
    handshake: Handshake,
    terms: Terms,
    how: How,
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
    let number = server.last_number.fetch_add(1, Relaxed) + 1;
    let (response, deflate, upgrade) = handshake.accept(terms, &server.config.compression);
    let running = Arc::clone(&server);
    server.open.spawn(async move {
        let connection = Connection { number, guest };
        match (Upgrade::of(upgrade).await, how) {
            (Ok(Upgrade::Tcp(stream, unread)), How::Echo(echo)) => {
                let socket = Socket::new(stream, unread, deflate, &running.config);
                connection.serve(socket, echo, &running).await;
            }
            (Ok(Upgrade::Tls(stream, unread)), How::Echo(echo)) => {
                let socket = Socket::new(stream, unread, deflate, &running.config);
                Box::pin(connection.serve(socket, echo, &running)).await;
            }
            (Ok(Upgrade::Http2(stream)), How::Echo(echo)) => {
                let socket = Socket::new(stream, Vec::new(), deflate, &running.config);
                Box::pin(connection.serve(socket, echo, &running)).await;
            }
            (Ok(upgrade), How::Special(special)) => {
                Box::pin(serve_special(connection, upgrade, *special, deflate, &running)).await;
            }
            (Err(error), _) => tracing::debug!(connection = number, "Not upgraded: {error}"),
        }
        drop(own_place);
    });
    response
}

/// Serves what is more than an echo. Built once for all transports: it need not be fast.
async fn serve_special(
    connection: Connection,
    upgrade: Upgrade,
    special: Special,
    deflate: Option<Deflate>,
    server: &Server,
) {
    let (wire, unread): (Box<dyn Wire>, _) = match upgrade {
        Upgrade::Tcp(stream, unread) => (Box::new(stream), unread),
        Upgrade::Tls(stream, unread) => (stream, unread),
        Upgrade::Http2(stream) => (Box::new(stream), Vec::new()),
    };
    let Special { paces, compresses_all, conduct } = special;
    let wire = if paces.are_limited() { Box::new(Paced::new(wire, paces)) } else { wire };
    let mut socket = Socket::new(wire, unread, deflate, &server.config);
    if compresses_all {
        socket.outbox = Outbox::new(deflate, 0);
    }
    connection.serve(socket, conduct, server).await;
}
