//! Requests to test endpoints: options to plan, plan to WebSocket or HTTP response.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{FromRequestParts, RawPathParams, Request},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use tokio::time::sleep;

use super::{
    answering::echo,
    endpoint::{Endpoint, HandlerContext, Plan, PlannedResponse},
    options::Options,
};
use crate::{
    accept::{no_response::NoResponse, peer::Peer},
    state::Server,
    websocket::{
        echo::Echo,
        handler::Handler,
        handshake::{
            refusal::Refusal,
            request::Handshake,
            response::{Compress, Negotiation, Subprotocol},
        },
        open::{CustomHandler, HandlerKind, OpenRequest, open},
    },
};

/// Response header with the seed of random choices, as the option `seed` takes it.
pub(crate) const SEED: HeaderName = HeaderName::from_static("x-wsbench-seed");

/// Header of a refusal: the subprotocol that the endpoint selects whatever is offered; empty for none.
const SUBPROTOCOL: HeaderName = HeaderName::from_static("x-wsbench-subprotocol");

/// Opens a WebSocket of an endpoint, or responds otherwise.
pub(crate) async fn respond(
    endpoint: &'static Endpoint,
    server: &Arc<Server>,
    peer: Peer,
    request: Request,
) -> Response {
    match try_open(endpoint, server, peer, request).await {
        Ok(response) | Err(response) => response,
    }
}

/// Opens a WebSocket. `Err` is a response that opens none: disabled endpoint, wrong option, refused
/// handshake, or the endpoint's own.
async fn try_open(
    endpoint: &'static Endpoint,
    server: &Arc<Server>,
    peer: Peer,
    request: Request,
) -> Result<Response, Response> {
    server.config.endpoints.check(endpoint).map_err(IntoResponse::into_response)?;
    let (mut parts, _) = request.into_parts();
    let (plan, seed) = plan(endpoint, server, &mut parts).await?;
    let Plan { response, negotiation, throttle, handler } = plan;
    if let PlannedResponse::Http(response) = response {
        return Err(response);
    }
    let handshake =
        server.handshake(&mut parts).map_err(|refusal| refuse(refusal, &negotiation))?;
    withhold(response, &handshake, server).await?;
    handshake.check(&negotiation).map_err(IntoResponse::into_response)?;
    let deflate = handshake.deflate(&negotiation, &server.config.compression);
    let handler = match handler {
        Some(make) => Some(make(&HandlerContext {
            peer: &peer,
            parts: &parts,
            handshake: &handshake,
            deflate,
            rooms: &server.rooms,
            max_waiting: server.config.limits.waiting,
        })),
        None if throttle.is_limited() => Some(Box::new(Echo::Verbatim) as Box<dyn Handler>),
        None => None,
    };
    let compresses_all = negotiation.compress == Compress::All;
    let handler = match handler {
        Some(handler) => {
            HandlerKind::Custom(Box::new(CustomHandler { handler, throttle, compresses_all }))
        }
        None => HandlerKind::Echo(Echo::Verbatim),
    };
    let request = OpenRequest { peer, endpoint: endpoint.path, parts: &parts };
    let mut response = open(server, request, handshake, negotiation, handler);
    response.headers_mut().extend(seed);
    Ok(response)
}

/// Response to a refused handshake. A page that asks by a plain request why its browser failed a
/// connection learns which subprotocol would be selected.
fn refuse(refusal: Refusal, negotiation: &Negotiation) -> Response {
    let mut response = refusal.into_response();
    let selected = match &negotiation.subprotocol {
        Subprotocol::First => return response,
        Subprotocol::Omitted => HeaderValue::from_static(""),
        Subprotocol::Always(name) => name.clone(),
    };
    response.headers_mut().insert(SUBPROTOCOL, selected);
    response
}

/// Plan for a request, and the header with its seed. `Err` is the response to a wrong option.
async fn plan(
    endpoint: &Endpoint,
    server: &Arc<Server>,
    parts: &mut Parts,
) -> Result<(Plan, Option<(HeaderName, HeaderValue)>), Response> {
    let uri = parts.uri.clone();
    let query = uri.query().unwrap_or_default();
    if query.is_empty() && endpoint.path == echo::PATH {
        // The plain echo opens as fast as it can: without parsing options.
        return Ok((Plan::echo(Negotiation::default()), None));
    }
    let segments = RawPathParams::from_request_parts(parts, server).await;
    let segments = segments.map_err(IntoResponse::into_response)?;
    let segment = segments.iter().next().map(|(_, value)| value);
    let mut options = Options::new(query, segment);
    let plan = endpoint.plan(&mut options);
    let seed = options.seed.map(|seed| (SEED, seed.into()));
    options.finish(endpoint.path).map_err(IntoResponse::into_response)?;
    Ok((plan, seed))
}

/// Withholds the response, if planned. `Err` is the stand-in for it.
async fn withhold(
    response: PlannedResponse,
    handshake: &Handshake,
    server: &Server,
) -> Result<(), Response> {
    match response {
        // Not over HTTP/2: the other streams of the connection would stall, too.
        PlannedResponse::Stall(time) if !handshake.is_http2() => {
            Err(no_response(NoResponse::Stall(time)))
        }
        PlannedResponse::Stall(time) | PlannedResponse::Never(time) => {
            tokio::select! {
                () = sleep(time) => {}
                () = server.shutdown.requested() => {}
            }
            Err(no_response(NoResponse::Drop))
        }
        PlannedResponse::Open | PlannedResponse::Http(_) => Ok(()),
    }
}

/// Response that stands in for a withheld one.
fn no_response(how: NoResponse) -> Response {
    (StatusCode::SWITCHING_PROTOCOLS, Extension(how)).into_response()
}

/// Handler of the endpoint at `path` with these options.
#[cfg(test)]
pub(crate) fn handler(
    path: &str,
    query: &str,
    server: &Arc<Server>,
    peer: &Peer,
) -> Box<dyn Handler> {
    let endpoints = &super::registry::ENDPOINTS;
    let endpoint = endpoints.iter().find(|endpoint| endpoint.path == path).unwrap();
    let mut options = Options::new(query, None);
    let plan = endpoint.plan(&mut options);
    options.finish(endpoint.path).unwrap();
    let (parts, ()) = Request::new(()).into_parts();
    let handshake = Handshake::dummy();
    let context = HandlerContext {
        peer,
        parts: &parts,
        handshake: &handshake,
        deflate: None,
        rooms: &server.rooms,
        max_waiting: server.config.limits.waiting,
    };
    plan.handler.map_or_else(|| Box::new(Echo::Verbatim) as _, |make| make(&context))
}
