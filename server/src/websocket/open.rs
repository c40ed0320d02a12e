//! Opening: answers the handshake, and starts the task of the connection.

use std::sync::Arc;

use axum::{
    http::request::Parts,
    response::{IntoResponse, Response},
};
use protocol::Deflate;

use super::{
    connection::Connection,
    echo::Echo,
    handler::Handler,
    handshake::{request::Handshake, response::Negotiation},
    outbox::Outbox,
    socket::Socket,
    transport::{
        Transport,
        throttle::{Throttle, Throttled},
        upgrade::Upgrade,
    },
};
use crate::{
    accept::{http2_connection::Http2Connection, peer::Peer},
    operation::event_log::RequestSummary,
    state::Server,
};

/// Handler of a WebSocket: the plain echo, or another one. Compiled apart: the echo is the case
/// that has to be fast and small.
pub(crate) enum HandlerKind {
    /// Plain echo, by the fastest path.
    Echo(Echo),
    /// Any handler, over any transport.
    Custom(Box<CustomHandler>),
}

impl HandlerKind {
    /// A handler that changes nothing about its connection.
    pub(crate) fn custom(handler: impl Handler + 'static) -> Self {
        Self::Custom(Box::new(CustomHandler {
            handler: Box::new(handler),
            throttle: Throttle::default(),
            compresses_all: false,
        }))
    }
}

/// Handler of an endpoint, with its changes to the connection.
pub(crate) struct CustomHandler {
    pub(crate) handler: Box<dyn Handler>,
    /// Limits on the bytes per second.
    pub(crate) throttle: Throttle,
    /// True to compress small messages, too.
    pub(crate) compresses_all: bool,
}

/// Request that opens a WebSocket.
pub(crate) struct OpenRequest<'a> {
    /// Client, with its permit.
    pub(crate) peer: Peer,
    /// Pattern of the path.
    pub(crate) endpoint: &'static str,
    /// Request line and headers.
    pub(crate) parts: &'a Parts,
}

/// Completes the opening handshake (RFC 6455 section 4.2.2), and serves the WebSocket in a task of
/// its own.
///
/// Over HTTP/2, a WebSocket past the connection limit gets HTTP 503.
pub(crate) fn open(
    server: &Arc<Server>,
    request: OpenRequest<'_>,
    handshake: Handshake,
    negotiation: Negotiation,
    handler: HandlerKind,
) -> Response {
    let OpenRequest { peer, endpoint, parts } = request;
    // The WebSockets of one HTTP/2 connection share its permit; each needs one of its own.
    let own_permit = if handshake.is_http2() {
        let address = (!peer.is_forwarded()).then_some(peer.address.ip);
        match server.connections.acquire(address) {
            Ok(permit) => Some(permit),
            Err(full) => return full.into_response(),
        }
    } else {
        None
    };
    let number = server.next_number();
    let (response, deflate, upgrade) = handshake.accept(negotiation, &server.config.compression);
    let request = RequestSummary::new(&parts.uri, &parts.headers);
    server.event_log.connected(number, peer.address, &request);
    let http2 = parts.extensions.get::<Http2Connection>().cloned();
    let running = Arc::clone(server);
    server.tasks.spawn(async move {
        let connection = Connection { number, peer, endpoint };
        let (wire, config) = (running.metrics.wire(), &running.config);
        match (Upgrade::complete(upgrade, http2).await, handler) {
            (Ok(Upgrade::Tcp(stream, unread)), HandlerKind::Echo(echo)) => {
                let socket = Socket::new(stream, unread, deflate, wire, config);
                // A task of its own: this one is as large as the handshake needs.
                let serving = connection.serve(socket, Box::new(echo), Arc::clone(&running));
                running.tasks.spawn(serving);
            }
            (Ok(Upgrade::Tls(stream, unread)), HandlerKind::Echo(echo)) => {
                let socket = Socket::new(stream, unread, deflate, wire, config);
                let serving = connection.serve(socket, Box::new(echo), Arc::clone(&running));
                running.tasks.spawn(serving);
            }
            (Ok(Upgrade::Http2(stream)), HandlerKind::Echo(echo)) => {
                let socket = Socket::new(stream, Vec::new(), deflate, wire, config);
                Box::pin(connection.serve(socket, Box::new(echo), Arc::clone(&running))).await;
            }
            (Ok(upgrade), HandlerKind::Custom(handler)) => {
                let serving = serve_custom(connection, upgrade, *handler, deflate, &running);
                Box::pin(serving).await;
            }
            (Err(error), _) => {
                tracing::debug!(connection = number, "Upgrade failed: {error}");
                connection.vanished(&running);
            }
        }
        drop(own_permit);
    });
    response
}

/// Serves more than a plain echo. Compiled once for all transports: it need not be fast.
async fn serve_custom(
    connection: Connection,
    upgrade: Upgrade,
    custom: CustomHandler,
    deflate: Option<Deflate>,
    server: &Arc<Server>,
) {
    let (stream, unread): (Box<dyn Transport>, _) = match upgrade {
        Upgrade::Tcp(stream, unread) => (Box::new(stream), unread),
        Upgrade::Tls(stream, unread) => (stream, unread),
        Upgrade::Http2(stream) => (Box::new(stream), Vec::new()),
    };
    let CustomHandler { handler, throttle, compresses_all } = custom;
    let stream =
        if throttle.is_limited() { Box::new(Throttled::new(stream, throttle)) } else { stream };
    let mut socket = Socket::new(stream, unread, deflate, server.metrics.wire(), &server.config);
    if compresses_all {
        socket.outbox = Outbox::new(deflate, 0);
    }
    connection.serve(socket, handler, Arc::clone(server)).await;
}
