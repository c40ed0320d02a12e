//! Which path does what.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, Uri},
    middleware,
    response::Response,
    routing::get,
};

use tower_http::compression::CompressionLayer;

use crate::{
    Server,
    accept::Guest,
    connection::Connection,
    echo::Echo,
    handshake::{Handshake, require_host},
    page,
};

pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(page_or_greeting))
        .route("/ws", get(async |server, guest, asked| open(server, guest, asked, Echo::Greeting)))
        .route(
            "/echo",
            get(async |server, guest, asked| open(server, guest, asked, Echo::Verbatim)),
        )
        .fallback(get(async |uri: Uri, asked: HeaderMap| page_file(uri.path(), &asked)))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(require_host))
        .with_state(server)
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
    Handshake(upgrade): Handshake,
    echo: Echo,
) -> Response {
    let number = server.connections.fetch_add(1, Relaxed) + 1;
    let connection = Connection { number, guest };
    let tracked = server.open.token();
    upgrade
        .read_buffer_size(server.limits.read_buffer)
        .max_message_size(server.limits.message)
        .max_frame_size(server.limits.message)
        .on_upgrade(async move |socket| {
            let Server { limits, journal, stop, .. } = &*server;
            connection.serve(socket, echo, limits, journal, stop).await;
            drop(tracked);
        })
}
