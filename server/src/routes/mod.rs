//! Routes: paths of the public and the admin listeners.
//!
//! | path | response |
//! | --- | --- |
//! | `/` | the page, or an echo with a greeting |
//! | `/ws` | an echo with a greeting |
//! | `/endpoints.json` | description of the test endpoints |
//! | `/echo`, `/stream`, … | a test endpoint, see `endpoints` |
//! | `/relay`, `/relay/token` | connections that the page makes through the server, see `relay` |
//! | `/healthz`, `/readyz`, `/metrics` | see `operation::admin` |
//! | `/mock` | what was asked of a mock, if there is one |
//! | any other | a path of a mock, a file of the page, or 404 |

mod guard;
pub(crate) mod page;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    http::HeaderMap,
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodFilter, get, on},
};
use tower_http::compression::CompressionLayer;

use crate::{
    accept::peer::Peer,
    endpoints, mock,
    operation::admin,
    relay::endpoint as relay,
    state::Server,
    websocket::{
        echo::Echo,
        handshake::{
            request::{OPEN, is_websocket},
            response::Negotiation,
        },
        open::{HandlerKind, OpenRequest, open},
    },
};

/// Path of the list of requests to a mock.
const MOCK: &str = "/mock";

/// Public paths; with the admin paths, unless they have a listener of their own.
pub(crate) fn public(server: &Arc<Server>, with_admin: bool) -> Router {
    let mock = &server.config.mock;
    let mut routes = if mock.is_alone() { Router::new() } else { own() };
    if mock.is_on() {
        routes = routes.route(
            MOCK,
            get(async |State(server): State<Arc<Server>>| mock::list(&server.config.mock)),
        );
    }
    let routes = routes.fallback(on(if mock.is_on() { OPEN } else { MethodFilter::GET }, other));
    let routes = if with_admin { routes.merge(admin::router()) } else { routes };
    let hosts = Arc::new(server.config.hosts.clone());
    routes
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(hosts, guard::check_host))
        .layer(middleware::from_fn_with_state(Arc::clone(server), guard::identify_client))
        .layer(middleware::from_fn_with_state(Arc::clone(server), guard::count_refusal))
        .with_state(Arc::clone(server))
}

/// The server's own paths: greeting, list and test endpoints.
fn own() -> Router<Arc<Server>> {
    let mut routes = Router::new()
        .route("/", on(OPEN, page_or_greeting))
        .route("/ws", on(OPEN, async |server, peer, request| greet("/ws", server, peer, request)))
        .route(
            "/endpoints.json",
            get(async |State(server): State<Arc<Server>>| {
                endpoints::list::list(&server.config.endpoints)
            }),
        )
        .route("/chat/", get(async || endpoints::list::unnamed_room()))
        .route(
            "/fault/{name}",
            get(async |Path(name): Path<String>| endpoints::list::unknown_fault(&name)),
        );
    routes = routes.merge(relay::routes());
    for endpoint in endpoints::registry::ENDPOINTS.iter() {
        routes = routes.route(
            endpoint.path,
            on(OPEN, async move |server: State<Arc<Server>>, peer: Extension<Peer>, request| {
                endpoints::open::respond(endpoint, &server.0, peer.0, request).await
            }),
        );
    }
    routes
}

/// Paths that no mock can have, beside it or if it `is_alone`.
pub(crate) fn own_paths(is_alone: bool) -> Vec<&'static str> {
    let mut paths = vec![MOCK, "/healthz", "/readyz", "/metrics"];
    if !is_alone {
        paths.extend(["/", "/ws", "/endpoints.json", "/chat/", "/fault/{name}"]);
        paths.extend([relay::PATH, relay::TOKEN]);
        paths.extend(endpoints::registry::ENDPOINTS.iter().map(|endpoint| endpoint.path));
    }
    paths
}

/// Any other path: a mock's, or a file of the page.
async fn other(
    State(server): State<Arc<Server>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    match mock::respond(&server.config.mock, &server, peer, request).await {
        Ok(response) => response,
        Err(request) => page_file(request.uri().path(), request.headers()),
    }
}

/// Admin paths, on a listener of their own.
pub(crate) fn admin(server: &Arc<Server>) -> Router {
    let hosts = Arc::new(server.config.hosts.and(&server.config.admin_hosts));
    admin::router()
        .layer(middleware::from_fn_with_state(hosts, guard::check_host))
        .layer(middleware::from_fn_with_state(Arc::clone(server), guard::count_refusal))
        .with_state(Arc::clone(server))
}

/// `/`: the page for a browser, an echo for a WebSocket client.
async fn page_or_greeting(
    server: State<Arc<Server>>,
    peer: Extension<Peer>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if is_websocket(&parts) {
        greet("/", server, peer, Request::from_parts(parts, body))
    } else {
        page_file("/", &parts.headers)
    }
}

/// `/` and `/ws`: an echo with a greeting.
fn greet(
    endpoint: &'static str,
    State(server): State<Arc<Server>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    match server.handshake(&mut parts) {
        Ok(handshake) => {
            let handler = HandlerKind::Echo(Echo::Greeting);
            let request = OpenRequest { peer, endpoint, parts: &parts };
            open(&server, request, handshake, Negotiation::default(), handler)
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// File of the page.
fn page_file(path: &str, headers: &HeaderMap) -> Response {
    page::file::<page::Built>(path, headers)
}
