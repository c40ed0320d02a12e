//! Checks before a request reaches its route: its host, and the client that it comes from.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    accept::peer::{Peer, PeerAddress},
    access::{forwarded, hosts::Hosts},
    operation::event_log::RequestSummary,
    state::Server,
    websocket::handshake::refusal::{Refusal, Refused},
};

/// Counts and logs refused requests, by reason.
pub(super) async fn count_refusal(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    let summary = RequestSummary::new(request.uri(), request.headers());
    let peer = request.extensions().get::<Peer>().map(|peer| peer.address);
    let response = next.run(request).await;
    let extensions = response.extensions();
    if let Some(Refused(reason)) = extensions.get()
        && let Some(peer) = extensions.get::<PeerAddress>().copied().or(peer)
    {
        server.refused(reason, peer, Some(&summary));
    }
    Ok(response)
}

/// Refuses a request whose host is missing, malformed or not this server.
pub(super) async fn check_host(
    State(hosts): State<Arc<Hosts>>,
    request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    match host_refusal(&request, &hosts) {
        Some(refusal) => Ok(refusal.into_response()),
        None => Ok(next.run(request).await),
    }
}

/// Reason to refuse a request by its host: the `Host` header (RFC 9112 section 3.2), `:authority` over
/// HTTP/2 (RFC 9113 section 8.3.1), and the authority of an absolute target. Each that is given counts.
fn host_refusal(request: &Request, hosts: &Hosts) -> Option<Refusal> {
    let mut headers = request.headers().get_all(header::HOST).iter();
    let header = headers.next();
    let target = request.uri().authority();
    let is_missing = match request.version() {
        Version::HTTP_11 => header.is_none(),
        Version::HTTP_2 => header.is_none() && target.is_none(),
        _ => false,
    };
    if is_missing || headers.next().is_some() {
        return Some(Refusal::Host);
    }
    let Ok(header) = header.map(|it| Authority::try_from(it.as_bytes())).transpose() else {
        return Some(Refusal::Host);
    };
    // A user name belongs to no host (RFC 9110 section 7.2).
    if header.iter().chain(target).any(|authority| authority.as_str().contains('@')) {
        return Some(Refusal::Host);
    }
    let is_allowed = |authority: &Authority| hosts.contains(authority.host());
    let is_refused = !header.iter().chain(target).all(is_allowed);
    is_refused.then_some(Refusal::HostNotAllowed)
}

/// Replaces the peer of a request from a trusted proxy by the client that it names, and counts that for
/// the limit per address. The response has its address in its extensions.
pub(super) async fn identify_client(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    let proxies = &server.config.proxies;
    let peer = request.extensions().get::<Peer>();
    if let Some(proxy) = peer.filter(|peer| proxies.trusts(peer.address.ip)) {
        let client = forwarded::client(request.headers(), proxies).unwrap_or(proxy.address);
        let mut response = match server.connections.acquire_address(client.ip) {
            Ok(permit) => {
                let peer = proxy.on_behalf_of(client, permit);
                request.extensions_mut().insert(peer);
                next.run(request).await
            }
            Err(full) => full.into_response(),
        };
        response.extensions_mut().insert(client);
        return Ok(response);
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::request};

    use super::*;

    fn refusal(version: Version, target: &str, host: &[&str]) -> Option<Refusal> {
        let mut request = request::Builder::new().version(version).uri(target);
        for host in host {
            request = request.header(header::HOST, *host);
        }
        host_refusal(&request.body(Body::empty()).unwrap(), &Hosts::default())
    }

    #[test]
    fn every_host_of_a_request_must_be_this_server() {
        let evil = Some(Refusal::HostNotAllowed);
        let here = "http://localhost:8080/";
        for (version, target, host, expected) in [
            (Version::HTTP_11, "/", &["localhost:8080"][..], None),
            (Version::HTTP_11, "/", &["[::1]:9"], None),
            (Version::HTTP_11, "/", &["evil.example"], evil),
            (Version::HTTP_11, "/", &["evil.example:8080"], evil),
            (Version::HTTP_11, "http://evil.example/", &["localhost"], evil),
            (Version::HTTP_11, here, &["evil.example"], evil),
            (Version::HTTP_11, here, &[], Some(Refusal::Host)),
            (Version::HTTP_11, "/", &["me@localhost"], Some(Refusal::Host)),
            (Version::HTTP_11, "http://me@localhost/", &["localhost"], Some(Refusal::Host)),
            (Version::HTTP_2, "http://me@localhost/", &[], Some(Refusal::Host)),
            (Version::HTTP_11, "/", &[], Some(Refusal::Host)),
            (Version::HTTP_11, "/", &["localhost", "localhost"], Some(Refusal::Host)),
            (Version::HTTP_11, "/", &["local host"], Some(Refusal::Host)),
            (Version::HTTP_11, "/", &[""], Some(Refusal::Host)),
            (Version::HTTP_10, "/", &[], None),
            (Version::HTTP_10, "/", &["evil.example"], evil),
            (Version::HTTP_2, here, &[], None),
            (Version::HTTP_2, "http://evil.example/", &[], evil),
            (Version::HTTP_2, here, &["evil.example"], evil),
            (Version::HTTP_2, "/", &["localhost"], None),
            (Version::HTTP_2, "/", &[], Some(Refusal::Host)),
        ] {
            let found = refusal(version, target, host);
            assert_eq!(found, expected, "{version:?} {target} {host:?}");
        }
    }
}
