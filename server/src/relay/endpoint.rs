//! `/relay`, the relay's WebSocket, and `/relay/token`, by which the page learns the token.
//!
//! Both answer to pages of this server alone. The token is never cached. There are no headers of CORS, and no
//! request but a WebSocket makes the relay dial.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, on},
};

use super::{Relay, page, session::Session, user};
use crate::{
    accept::peer::Peer,
    state::Server,
    websocket::{
        handshake::{
            origins::Origins,
            refusal::{Refusal, Refused},
            request::{Handshake, OPEN},
            response::{Compress, Negotiation, Subprotocol},
        },
        open::{HandlerKind, OpenRequest, open},
    },
};

/// Path of the WebSocket.
pub(crate) const PATH: &str = "/relay";

/// Path of the token.
pub(crate) const TOKEN: &str = "/relay/token";

/// Answer where the relay is off.
const OFF: &str = "The relay is off: others can reach this server, or --relay off or an error in its log says so.\n";

/// Answer past the limit of relays.
const BUSY: &str = "Too many relayed connections are open. Close some.\n";

/// Routes of the relay.
pub(crate) fn routes() -> Router<Arc<Server>> {
    Router::new().route(PATH, on(OPEN, connect)).route(TOKEN, get(token).post(token))
}

/// Opens the relay's WebSocket.
async fn connect(
    State(server): State<Arc<Server>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let Some(relay) = &server.relay else { return off() };
    let (mut parts, _) = request.into_parts();
    let handshake = page::check(&parts, &relay.ports, &server.config.hosts)
        .and_then(|()| check_user(&server, &peer))
        .and_then(|()| Handshake::from_request(&mut parts, &Origins::default()));
    let handshake = match handshake {
        Ok(handshake) => handshake,
        Err(refusal) => return refusal.into_response(),
    };
    let Ok(permit) = Arc::clone(&relay.permits).try_acquire_owned() else { return busy() };
    let handler = HandlerKind::custom(Session::new(Arc::clone(relay), Arc::clone(&server), permit));
    let negotiation = Negotiation {
        // Between programs of one machine it would cost more than it saves.
        compress: Compress::Never,
        subprotocol: Subprotocol::Omitted,
        ..Negotiation::default()
    };
    let request = OpenRequest { peer, endpoint: PATH, parts: &parts };
    open(&server, request, handshake, negotiation, handler)
}

/// Tells the token to a page of this server, or that it would be of no use: a page does not see the status of a
/// handshake.
async fn token(
    State(server): State<Arc<Server>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let Some(Relay { token, ports, permits, .. }) = server.relay.as_deref() else { return off() };
    let (parts, _) = request.into_parts();
    let checked = page::check_fetch(&parts, ports, &server.config.hosts);
    match checked.and_then(|()| check_user(&server, &peer)) {
        Ok(()) if permits.available_permits() == 0 => busy(),
        Ok(()) => ([(header::CACHE_CONTROL, "no-store")], token.text()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Refuses another user of this machine, unless the relay is for others, too.
fn check_user(server: &Server, peer: &Peer) -> Result<(), Refusal> {
    let is_for_others = server.config.relay.is_for_others();
    match peer.address.socket() {
        Some(socket) if !is_for_others && user::is_another(socket) => Err(Refusal::AnotherUser),
        _ => Ok(()),
    }
}

/// HTTP 503 past the limit of relays.
fn busy() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Extension(Refused("full")), BUSY).into_response()
}

/// HTTP 404 while the relay is off, with the reason.
fn off() -> Response {
    (StatusCode::NOT_FOUND, OFF).into_response()
}
