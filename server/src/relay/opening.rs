//! Opening: from a page's command to an open WebSocket, with everything that was found on the way.

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use connector::{
    Connection, Header, Limits, OpeningStep, RequestOptions, Resolution, Route, ServerUrl, Target,
    TlsConnector, TlsInfo, TlsOptions, Trust, connect, header_value, subprotocol, tls_connector,
    unbracketed,
};
use protocol::{Deflate, ExtensionError, Offer};
use relay::{Event, Failure, Open, Opened, Response, Tls};
use session::is_of_connection;
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking};

use super::{
    destination::Destination,
    failure::{failure, stage_times, wrong_option},
};
use crate::state::Server;

/// Time limit up to the end of the opening handshake, unless the page gives another.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest time limit that a page can give.
const MAX_TIMEOUT: Duration = Duration::from_mins(1);

/// Maximum number of headers that a page can add to the request.
const MAX_HEADERS: usize = 100;
/// Maximum size of their names and values together, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// Opens the connection of a page's command, and sends each step to `events`.
pub(super) async fn open(
    server: Arc<Server>,
    open: Open,
    events: UnboundedSender<Event<'static>>,
) -> Result<Connection, Failure> {
    let (target, destination) = prepare(&server, &open).await.map_err(wrong_option)?;
    // The page may be gone meanwhile.
    let tell = |event| drop(events.send(event));
    let trace = |step: OpeningStep<'_>| {
        destination.take_resolved().into_iter().for_each(tell);
        event(step, &open).into_iter().for_each(tell);
    };
    let result = connect(&target, &trace).await;
    destination.take_resolved().into_iter().for_each(tell);
    let connection = result.map_err(|error| failure(&error, &target.url, &destination))?;
    tell(opened(&connection));
    Ok(connection)
}

/// Target that the options describe, and the rules for its addresses.
async fn prepare(server: &Arc<Server>, open: &Open) -> Result<(Target, Destination), String> {
    let flags = &server.config.relay;
    let url: ServerUrl =
        open.url.parse().map_err(|why| format!("The address cannot be used: {why}."))?;
    let (route, proxy_host) = route(open, &url)?;
    let request = request(open)?;
    let (tls, follow) = tls(server, open, url.is_secure()).await?;
    let host = url.host().to_owned();
    let destination = Destination::new(host, proxy_host, open.confirmed.clone(), flags.link_local);
    let admin = server.relay.as_deref().map_or(&[][..], |relay| &relay.admin);
    let (timeout, limits) = match open.timeout {
        0 => (TIMEOUT, Limits::default()),
        timeout => {
            let timeout = Duration::from_millis(timeout.into()).min(MAX_TIMEOUT);
            (timeout, Limits::each(timeout))
        }
    };
    let target = Target {
        route,
        resolver: flags.resolver.clone(),
        filter: destination.filter(admin),
        request,
        tls,
        timeout,
        limits,
        // Only the person knows which of them are secret.
        shares_headers: false,
        follow,
        ..Target::new(url)
    };
    Ok((target, destination))
}

/// Route, and the host of the proxy.
fn route(open: &Open, url: &ServerUrl) -> Result<(Route, Option<String>), String> {
    if !open.proxy.is_empty() {
        let proxy = open.proxy.parse::<connector::Proxy>();
        let proxy = proxy.map_err(|why| format!("The proxy cannot be used: {why}."))?;
        let host = proxy.host.clone();
        return Ok((Route::Proxy(proxy), Some(host)));
    }
    let mut resolutions = Vec::new();
    if !open.address.is_empty() {
        let address = unbracketed(&open.address).parse::<IpAddr>();
        let address = address.map_err(|_| "The address to connect to must be an IP address.")?;
        let (host, port) = (url.host().to_owned(), url.port());
        resolutions.push(Resolution { host, port, address });
    }
    Ok((Route::Direct { family: None, resolutions }, None))
}

/// Headers, subprotocols and offers of the request.
fn request(open: &Open) -> Result<RequestOptions, String> {
    let sizes = open.headers.iter().map(|(name, value)| name.len() + value.len());
    if open.headers.len() > MAX_HEADERS || sizes.sum::<usize>() > MAX_HEAD {
        return Err(format!(
            "There are more than {MAX_HEADERS} headers, or they take more than {} KiB.",
            MAX_HEAD >> 10
        ));
    }
    let headers =
        open.headers.iter().map(|(name, value)| header(name, value)).collect::<Result<_, _>>();
    let subprotocols = open.subprotocols.iter().map(|name| subprotocol(name));
    let offers = open.offers.iter().map(|offer| offer.parse::<Offer>());
    Ok(RequestOptions {
        headers: headers?,
        subprotocols: subprotocols
            .collect::<Result<_, _>>()
            .map_err(|why| format!("A subprotocol cannot be used: {why}."))?,
        offers: offers.collect::<Result<_, _>>().map_err(|why| match why {
            ExtensionError::NotOffered(name) => {
                format!("Only permessage-deflate can be offered, not '{name}'.")
            }
            why => format!("The offer of compression cannot be used: {why}."),
        })?,
    })
}

/// Header that the page may set.
fn header(name: &str, value: &str) -> Result<Header, String> {
    let wrong = |why: &str| format!("The header '{}' cannot be used: {why}.", name.escape_debug());
    // Those of the handshake are refused below.
    if is_of_connection(name) {
        return Err(wrong("it is the server's own to set"));
    }
    // A colon in the name would end it.
    let header = if name.contains(':') { None } else { Some(format!("{name}:")) };
    let header = header.ok_or_else(|| wrong("a name has no colon"))?.parse::<Header>();
    let header = header.map_err(|why| wrong(&why))?;
    Ok(Header { value: header_value(value.trim()).map_err(|why| wrong(&why))?, ..header })
}

/// TLS for the target if it `is_secure`, and for hosts that it redirects to if that is followed: without the client
/// certificate.
async fn tls(
    server: &Arc<Server>,
    open: &Open,
    is_secure: bool,
) -> Result<(Option<TlsConnector>, Option<TlsConnector>), String> {
    if !is_secure && !open.follow {
        return Ok((None, None));
    }
    let (server, certificate) = (Arc::clone(server), open.certificate.clone());
    let (insecure, authorities, accepted) =
        (open.insecure, open.authorities.clone(), open.accepted);
    let follows = open.follow;
    // Reads files: those of the client certificate, and the system's certificates.
    let building = spawn_blocking(move || {
        let identities = &server.config.relay.identities;
        let identity = match &*certificate {
            "" => None,
            name => Some(identities.iter().find(|it| it.name == name).ok_or_else(|| {
                "The server has no client certificate of this name; --client-cert adds one."
                    .to_owned()
            })?),
        };
        let build = |identity: Option<(&Path, &Path)>, accepted| {
            let trust =
                if authorities.is_empty() { Trust::System } else { Trust::Pem(&authorities) };
            tls_connector(&TlsOptions { trust, identity, insecure, accepted })
                .map_err(|error| error.to_string())
        };
        let own = is_secure.then(|| build(identity.map(|it| (&*it.chain, &*it.key)), accepted));
        let follow = follows.then(|| build(None, None));
        Ok((own.transpose()?, follow.transpose()?))
    });
    building.await.unwrap_or_else(|_| Err("TLS could not be set up.".to_owned()))
}

/// Event of a step; none of one that the page is not told.
fn event(step: OpeningStep<'_>, open: &Open) -> Option<Event<'static>> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(match step {
        OpeningStep::Connected(address) => Event::Connected(address.to_string()),
        OpeningStep::Encrypted(tls) => {
            let own = tls.certificates().next().map(|own| own.fingerprint);
            let is_accepted = open.insecure || open.accepted.is_some() && own == open.accepted;
            Event::Tls(of_tls(tls, !is_accepted))
        }
        OpeningStep::Untrusted(tls) => Event::Tls(of_tls(tls, false)),
        OpeningStep::Request(head) => Event::Request(text(head.as_bytes())),
        OpeningStep::Response(response) => {
            let headers = response.head.headers();
            Event::Response(Response {
                status: response.status,
                reason: response.reason().into_owned(),
                headers: headers.map(|(name, value)| (name.to_owned(), text(value))).collect(),
                body: response.text().unwrap_or_default().to_owned(),
            })
        }
        _ => return None,
    })
}

fn of_tls(tls: &TlsInfo, is_trusted: bool) -> Tls {
    Tls {
        version: tls.version.clone(),
        cipher_suite: tls.cipher_suite.clone(),
        alpn: tls.alpn.clone(),
        is_trusted,
        certificates: tls.certificates().collect(),
    }
}

/// Event of an open WebSocket.
fn opened(connection: &Connection) -> Event<'static> {
    Event::Opened(Opened {
        url: connection.url.to_string(),
        subprotocol: connection.subprotocol.clone(),
        deflate: connection.deflate.as_ref().map(Deflate::to_string),
        times: stage_times(&connection.opening),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_no_space_around_it_and_headers_have_a_bound() {
        let sent = header("Origin", " https://example.org ").unwrap();
        assert_eq!((&*sent.name, &*sent.value), ("Origin", "https://example.org"));
        let headers = vec![("X".to_owned(), "y".repeat(1_000)); MAX_HEADERS];
        assert!(request(&Open { headers, ..Open::default() }).is_err());
    }
}
