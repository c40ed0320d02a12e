//! Which path does what.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use axum::{
    Router,
    extract::{
        ConnectInfo, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{Server, connection::Connection, echo::Echo, page};

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;
type Peer = ConnectInfo<SocketAddr>;

pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(page_or_greeting))
        .route("/ws", get(greeting))
        .route("/echo", get(verbatim))
        .fallback(get(page_file))
        .with_state(server)
}

/// `/` is a page to a browser's address bar and an endpoint to a WebSocket client.
async fn page_or_greeting(
    server: State<Arc<Server>>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let wants = |upgrade: &HeaderValue| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket");
    if headers.get(header::UPGRADE).is_some_and(wants) {
        greeting(server, peer, upgrade).await
    } else {
        page_file(uri).await
    }
}

async fn page_file(uri: Uri) -> Response {
    page::file::<page::Built>(uri.path())
}

async fn greeting(server: State<Arc<Server>>, peer: Peer, upgrade: Upgrade) -> Response {
    open(server, peer, upgrade, Echo::Greeting)
}

async fn verbatim(server: State<Arc<Server>>, peer: Peer, upgrade: Upgrade) -> Response {
    open(server, peer, upgrade, Echo::Verbatim)
}

/// Answers the opening handshake (RFC 6455 section 4.2.2) and lets the connection run by itself.
fn open(
    State(server): State<Arc<Server>>,
    ConnectInfo(peer): Peer,
    upgrade: Upgrade,
    echo: Echo,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(
            WebSocketUpgradeRejection::InvalidConnectionHeader(_)
            | WebSocketUpgradeRejection::InvalidUpgradeHeader(_),
        ) => return not_an_upgrade(),
        Err(rejection) => return rejection.into_response(),
    };
    let connection = Connection { number: server.connections.fetch_add(1, Relaxed) + 1, peer };
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

fn not_an_upgrade() -> Response {
    (
        StatusCode::UPGRADE_REQUIRED,
        [(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")],
        "This is a WebSocket endpoint. Open it with a WebSocket client: \
         the page at /, or `wsbench ws://…` in a terminal.\n",
    )
        .into_response()
}
