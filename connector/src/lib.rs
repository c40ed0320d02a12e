//! Outgoing connection: from a target to an open WebSocket.
//!
//! [`connect`] is the door: name, TCP, Unix socket or proxy (`transport`), TLS (`tls`), opening
//! handshake (`handshake`), redirects. [`OpeningReport`] records the findings and times of each
//! stage, of a failure as well. Knows nothing of flags and prints nothing.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use connector::{
//!     AddressClass, AddressFilter, OpeningStep, Target, TlsOptions, connect, tls_connector,
//! };
//!
//! let target = Target {
//!     tls: Some(tls_connector(&TlsOptions::default())?),
//!     timeout: Duration::from_secs(10),
//!     filter: AddressFilter::new(|candidate| candidate.class == AddressClass::Public),
//!     ..Target::new("wss://example.org/feed".parse()?)
//! };
//! let trace = |step: OpeningStep<'_>| {
//!     if let OpeningStep::Connected(address) = step {
//!         eprintln!("connected to {address}");
//!     }
//! };
//! let connection = connect(&target, &trace).await?;
//! for (stage, time) in connection.opening.times.iter() {
//!     println!("{}: {time:?}", stage.name());
//! }
//! # Ok(())
//! # }
//! ```

mod advice;
mod environment;
mod error;
mod handshake;
mod header;
mod opening;
mod opening_step;
mod proxy;
mod redirect;
mod route;
mod secret;
mod server_url;
mod tls;
mod transport;

use std::{io, net::SocketAddr, time::Duration};

use futures::TryFutureExt;
use protocol::{Client, Deflate, Negotiated, SEED_LEN};
pub use session::{Certificate, Stage};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::Instant,
};
pub use tokio_rustls::TlsConnector;

pub use crate::{
    advice::Advice,
    environment::ProxyEnvironment,
    error::{ConnectError, ErrorKind},
    handshake::{Head, RequestOptions, Response, io_error_kind},
    header::{Header, basic_auth, header_value, subprotocol},
    opening::{Limits, OpeningReport, Times},
    opening_step::{OpeningStep, Trace},
    proxy::{Proxy, ProxyKind},
    route::{Family, Resolution, Route},
    secret::{REDACTED, redact, redact_all, redact_header, redact_subprotocols, redact_url},
    server_url::{ServerUrl, is_localhost, unbracketed},
    tls::{PemFile, TlsError, TlsInfo, TlsOptions, Trust, tls_connector},
    transport::{AddressClass, AddressFilter, Candidate, RefusedAddress, Resolver},
};
use crate::{
    error::Cause,
    handshake::{HandshakeError, Request},
    opening::Deadline,
    redirect::{MAX_REDIRECTS, RedirectError},
};

/// Byte stream in both directions.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// Time limit of [`Target::new`].
const TIMEOUT: Duration = Duration::from_secs(10);

/// Target of a connection: URL, route, request headers, TLS and time limits.
#[derive(Clone)]
pub struct Target {
    /// Server.
    pub url: ServerUrl,
    /// Way to it.
    pub route: Route,
    /// Lookup of names.
    pub resolver: Resolver,
    /// Addresses that may be dialed.
    pub filter: AddressFilter,
    /// Headers and offers of the opening handshake.
    pub request: RequestOptions,
    /// For `wss://`, which fails without it.
    pub tls: Option<TlsConnector>,
    /// Time limit of all stages together, redirects included.
    pub timeout: Duration,
    /// Time limits of the stages.
    pub limits: Limits,
    /// Follow redirects, to other hosts with this: without the client certificate.
    pub follow: Option<TlsConnector>,
    /// Send headers that hold no known credentials to another host that a redirect leads to.
    pub shares_headers: bool,
}

impl Target {
    /// Target that is reached directly, at any address, without TLS, within 10 seconds.
    #[must_use]
    pub fn new(url: ServerUrl) -> Self {
        Self {
            url,
            route: Route::Direct { family: None, resolutions: Vec::new() },
            resolver: Resolver::default(),
            filter: AddressFilter::default(),
            request: RequestOptions::default(),
            tls: None,
            timeout: TIMEOUT,
            limits: Limits::default(),
            follow: None,
            shares_headers: true,
        }
    }
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
    /// Record of the opening.
    pub opening: Box<OpeningReport>,
}

/// Connects to `target`. Reports each step to `trace`.
///
/// # Errors
///
/// [`ConnectError`] if the target cannot be reached, or refuses, within its time limits.
pub async fn connect(target: &Target, trace: Trace<'_>) -> Result<Connection, ConnectError> {
    let Target { limits, timeout: total, .. } = *target;
    let now = Instant::now();
    let deadline = Deadline { limits, total, end: now.checked_add(total).unwrap_or(now) };
    let mut target = target.clone();
    let mut opening = Box::<OpeningReport>::default();
    match open_or_follow(&mut target, &mut opening, &deadline, trace).await {
        Ok(Opened { stream, rest, negotiated: Negotiated { subprotocol, deflate }, client }) => {
            let (url, address) = (target.url, opening.address);
            Ok(Connection { stream, rest, subprotocol, deflate, client, url, address, opening })
        }
        Err(cause) => Err(ConnectError { url: target.url, opening, cause }),
    }
}

/// Stream with an open WebSocket, and the negotiated parameters.
struct Opened {
    /// Stream above TCP, proxy and TLS.
    stream: Box<dyn Transport>,
    /// Bytes received after the response: frames of the server.
    rest: Vec<u8>,
    /// Subprotocol and compression.
    negotiated: Negotiated,
    /// Role for frames, with its source of masking keys.
    client: Client,
}

/// Opens the target, or the one that it redirects to. Both are left in the arguments.
async fn open_or_follow(
    target: &mut Target,
    opening: &mut OpeningReport,
    deadline: &Deadline,
    trace: Trace<'_>,
) -> Result<Opened, Cause> {
    loop {
        match (open(target, opening, deadline, trace).await, &opening.response) {
            (Err(Cause::Refused), Some(response))
                if target.follow.is_some() && response.is_redirect() =>
            {
                if opening.redirects.len() == MAX_REDIRECTS {
                    return Err(RedirectError::after(&opening.redirects, &target.url).into());
                }
                let from = target.url.clone();
                target.redirect(response)?;
                trace(OpeningStep::Redirected(&target.url));
                let mut redirects = std::mem::take(&mut opening.redirects);
                redirects.push(from);
                *opening = OpeningReport { redirects, ..OpeningReport::default() };
            }
            (result, _) => return result,
        }
    }
}

/// Dials, encrypts and shakes hands.
async fn open(
    target: &Target,
    opening: &mut OpeningReport,
    deadline: &Deadline,
    trace: Trace<'_>,
) -> Result<Opened, Cause> {
    let mut stream = transport::dial(target, opening, deadline, trace).await?;
    if target.url.is_secure() {
        let connector = target.tls.as_ref();
        let connector = connector.ok_or_else(|| io::Error::other("no certificates are set up"))?;
        let work = tls::encrypt(connector, target.url.host(), stream).map_err(|failed| {
            failed.refused.iter().for_each(|info| trace(OpeningStep::Untrusted(info)));
            Cause::from(failed.error)
        });
        let (encrypted, info) = opening.within(deadline, Stage::Tls, work).await?;
        trace(OpeningStep::Encrypted(opening.tls.insert(info)));
        stream = encrypted;
    }
    let request = Request::new(&target.url, &target.request).map_err(HandshakeError::from)?;
    trace(OpeningStep::Request(opening.request.insert(request.head.clone())));
    let work = shake_hands(&request, &mut stream).map_err(Cause::from);
    let response = opening.within(deadline, Stage::Http, work).await?;
    let response = opening.response.insert(response);
    let rest = std::mem::take(&mut response.body);
    if response.status != 101 {
        if target.follow.is_none() || !response.is_redirect() {
            response.body = rest;
            response.read_body(&mut stream, deadline.end).await;
        }
        trace(OpeningStep::Response(response));
        return Err(Cause::Refused);
    }
    trace(OpeningStep::Response(response));
    let negotiated = request.check(response)?;
    let mut seed = [0; SEED_LEN];
    getrandom::fill(&mut seed).map_err(|error| HandshakeError::Io(error.into()))?;
    Ok(Opened { stream, rest, negotiated, client: Client::new(seed) })
}

/// Opening handshake (RFC 6455 section 4.1), up to the end of the response's head.
async fn shake_hands(
    request: &Request,
    stream: &mut Box<dyn Transport>,
) -> Result<Response, HandshakeError> {
    stream.write_all(request.head.as_bytes()).await?;
    stream.flush().await?;
    handshake::read_response(stream).await
}
