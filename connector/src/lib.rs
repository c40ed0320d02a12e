//! Outgoing connection: from a target to an open WebSocket.
//!
//! [`connect`] is the door: TCP, Unix socket or proxy (`transport`), TLS (`tls`), opening handshake
//! (`handshake`). Knows nothing of flags and prints nothing.

mod environment;
mod error;
mod handshake;
mod header;
mod proxy;
mod redirect;
mod route;
mod secret;
mod server_url;
mod tls;
mod transport;

use std::{net::SocketAddr, time::Duration};

use protocol::{Client, Deflate, Negotiated, SEED_LEN};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout_at},
};
pub use tokio_rustls::TlsConnector;

pub use crate::{
    environment::ProxyEnvironment,
    error::{ConnectError, io_error_kind},
    handshake::RequestOptions,
    header::{Header, basic_auth, header_value, subprotocol},
    proxy::{Proxy, ProxyKind},
    redirect::Follow,
    route::{Family, Resolution, Route},
    secret::{redact_all, redact_header, redact_subprotocols, redact_url},
    server_url::ServerUrl,
    tls::{TlsOptions, tls_connector},
    transport::{Trace, Transport},
};
use crate::{
    error::Cause,
    handshake::{HandshakeError, Request, Response},
    redirect::{MAX_REDIRECTS, RedirectError},
};

/// Target of a connection: URL, route, request headers, TLS and time limit.
#[derive(Clone)]
pub struct Target {
    /// Server.
    pub url: ServerUrl,
    /// Way to it.
    pub route: Route,
    /// Headers and offers of the opening handshake.
    pub request: RequestOptions,
    /// For `wss://`.
    pub tls: Option<TlsConnector>,
    /// For TCP, TLS and handshake together, redirects included.
    pub timeout: Duration,
    /// Follow redirects.
    pub follow: Option<Follow>,
    /// Show credentials in errors and to the trace.
    pub shows_secrets: bool,
}

/// Connection after the opening handshake.
pub struct Connection {
    /// Encrypted stream of a `wss://` URL, plain one of a `ws://` URL.
    pub stream: Box<dyn Transport>,
    /// Bytes received after the response head.
    pub rest: Vec<u8>,
    /// Subprotocol that the server selected.
    pub subprotocol: Option<String>,
    /// Parameters of permessage-deflate, if it was agreed on.
    pub deflate: Option<Deflate>,
    /// Role of this side, with the masking keys of the connection.
    pub client: Client,
    /// URL of the server, after redirects.
    pub url: ServerUrl,
    /// Address of the TCP connection: the server's or the proxy's.
    pub address: Option<SocketAddr>,
}

/// Connects to `target`. Reports progress, request and response to `trace`.
///
/// # Errors
///
/// [`ConnectError`] if the target cannot be reached, or refuses, within its time limit.
pub async fn connect(target: &Target, trace: Trace<'_>) -> Result<Connection, ConnectError> {
    let deadline = Instant::now() + target.timeout;
    let mut target = target.clone();
    let mut address = None;
    let opening = open_or_follow(&mut target, &mut address, deadline, trace);
    let result = timeout_at(deadline, opening).await;
    let result = result.unwrap_or(Err(Cause::TimedOut(target.timeout)));
    result.map_err(|cause| ConnectError { url: target.url.to_string(), address, cause })
}

/// Opens the target, or the one that it redirects to. Both are left in the arguments.
async fn open_or_follow(
    target: &mut Target,
    address: &mut Option<SocketAddr>,
    deadline: Instant,
    trace: Trace<'_>,
) -> Result<Connection, Cause> {
    for _ in 0..=MAX_REDIRECTS {
        *address = None;
        match open(target, address, deadline, trace).await {
            Err(Cause::Refused(response)) if target.follow.is_some() && response.is_redirect() => {
                target.redirect(&response)?;
                trace(&format!("* Redirected to {}", target.url));
            }
            result => return result,
        }
    }
    Err(RedirectError::TooMany.into())
}

/// Dials, encrypts and shakes hands.
async fn open(
    target: &Target,
    address: &mut Option<SocketAddr>,
    deadline: Instant,
    trace: Trace<'_>,
) -> Result<Connection, Cause> {
    let mut stream = transport::dial(&target.route, &target.url, address, trace).await?;
    if let Some(connector) = &target.tls {
        stream = tls::encrypt(connector, target.url.host(), stream, trace).await?;
    }
    let (response, request) = shake_hands(target, &mut stream, deadline, trace).await?;
    if response.status != 101 {
        return Err(Cause::Refused(Box::new(response)));
    }
    let Negotiated { subprotocol, deflate } = request.check(&response)?;
    let mut seed = [0; SEED_LEN];
    getrandom::fill(&mut seed).map_err(|error| HandshakeError::Io(error.into()))?;
    Ok(Connection {
        stream,
        rest: response.rest,
        subprotocol,
        deflate,
        client: Client::new(seed),
        url: target.url.clone(),
        address: *address,
    })
}

/// Opening handshake (RFC 6455 section 4.1). A refusal is read as far as it is shown.
async fn shake_hands(
    target: &Target,
    stream: &mut Box<dyn Transport>,
    deadline: Instant,
    trace: Trace<'_>,
) -> Result<(Response, Request), HandshakeError> {
    let request = Request::new(&target.url, &target.request)?;
    for line in request.lines(target.shows_secrets) {
        trace(&format!("> {line}"));
    }
    stream.write_all(request.head.as_bytes()).await?;
    stream.flush().await?;
    let mut response = handshake::read_response(stream).await?;
    response.shows_secrets = target.shows_secrets;
    trace(&response.to_string());
    if response.status != 101 && !(target.follow.is_some() && response.is_redirect()) {
        response.read_body(stream, deadline).await;
    }
    Ok((response, request))
}
