//! Transport below TLS and WebSocket: TCP, Unix socket, HTTP or SOCKS5 proxy.

mod address;
mod attempts;
mod resolver;
mod tunnel;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use session::Stage;
use tokio::net::TcpStream;

pub use self::{
    address::{AddressClass, AddressFilter, Candidate, RefusedAddress},
    resolver::Resolver,
};
use self::{attempts::dial_any, resolver::Query, tunnel::TunnelError};
use crate::{
    Target, Transport,
    handshake::io_error_kind,
    opening::{Deadline, OpeningReport, TimedOut},
    opening_step::{OpeningStep, Trace},
    proxy::Proxy,
    route::Route,
};

/// Server unreachable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    /// Error of TCP, such as a refused connection.
    #[error("{}", io_error_kind(.0))]
    Io(#[from] io::Error),
    /// Name without an address, with the resolver's error.
    #[error("unknown host {} ({})", .0, resolver_error(.1))]
    UnknownHost(String, io::Error),
    /// Name without an address of the requested IP version.
    #[error("{0} has no IPv{1} address")]
    NoAddress(String, u8),
    /// Address that the filter refuses.
    #[error(transparent)]
    Refused(#[from] RefusedAddress),
    /// Name that a proxy would resolve, and the filter does not admit unresolved.
    #[error("only the proxy can resolve {0}, so it cannot be checked")]
    Unchecked(String),
    /// Stage over its limit.
    #[error(transparent)]
    TimedOut(#[from] TimedOut),
    /// Unix socket that is missing, refuses, or may not be opened.
    #[error("the socket {} cannot be opened ({})", path.display(), io_error_kind(source))]
    Unix { path: PathBuf, source: io::Error },
    /// Proxy that cannot be reached, by its address without credentials.
    #[error("the proxy {0}: {1}")]
    Proxy(String, Box<DialError>),
    /// Proxy that was reached, and opens no tunnel.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
}

/// Resolver's error, without glibc's words in front of it.
fn resolver_error(error: &io::Error) -> String {
    error.to_string().trim_start_matches("failed to lookup address information: ").to_lowercase()
}

/// Opens a stream to the server. Reports progress to `trace`, and the address connected to, or tried
/// first, and the time of each stage to `opening`.
pub(crate) async fn dial(
    target: &Target,
    opening: &mut OpeningReport,
    deadline: &Deadline,
    trace: Trace<'_>,
) -> Result<Box<dyn Transport>, DialError> {
    let url = &target.url;
    let (family, resolutions) = match &target.route {
        Route::Direct { family, resolutions } => (*family, &resolutions[..]),
        Route::Unix(path) => return opening.within(deadline, Stage::Tcp, dial_unix(path)).await,
        Route::Proxy(proxy) => return dial_through(proxy, target, opening, deadline, trace).await,
        Route::Environment(environment) => match environment.proxy_for(url) {
            Some(proxy) => return dial_through(proxy, target, opening, deadline, trace).await,
            None => (None, &[][..]),
        },
    };
    let query = Query { host: url.host(), port: url.port(), family, resolutions, is_proxy: false };
    Ok(Box::new(dial_host(&query, target, opening, deadline, trace).await?))
}

/// Connects to a host: the server or the proxy.
async fn dial_host(
    query: &Query<'_>,
    target: &Target,
    opening: &mut OpeningReport,
    deadline: &Deadline,
    trace: Trace<'_>,
) -> Result<TcpStream, DialError> {
    let work = query.resolve(&target.resolver, &target.filter);
    let addresses = opening.within(deadline, Stage::Name, work).await?;
    trace(OpeningStep::Resolved(&addresses));
    opening.address = addresses.first().copied();
    let work = async { Ok::<_, DialError>(dial_any(&addresses, trace).await?) };
    let (stream, address) = opening.within(deadline, Stage::Tcp, work).await?;
    opening.address = Some(address);
    Ok(stream)
}

/// Connects to a Unix socket.
#[cfg(unix)]
async fn dial_unix(path: &Path) -> Result<Box<dyn Transport>, DialError> {
    let stream = tokio::net::UnixStream::connect(path).await;
    let stream = stream.map_err(|source| DialError::Unix { path: path.to_owned(), source })?;
    Ok(Box::new(stream))
}

/// Fails: there are no Unix sockets on this system.
#[cfg(not(unix))]
async fn dial_unix(path: &Path) -> Result<Box<dyn Transport>, DialError> {
    let source = io::ErrorKind::Unsupported.into();
    Err(DialError::Unix { path: path.to_owned(), source })
}

/// Connects through a proxy.
async fn dial_through(
    proxy: &Proxy,
    target: &Target,
    opening: &mut OpeningReport,
    deadline: &Deadline,
    trace: Trace<'_>,
) -> Result<Box<dyn Transport>, DialError> {
    let url = &target.url;
    let addresses = url.known_addresses();
    if addresses.is_empty() && !target.filter.lets_resolve(url.host()) {
        return Err(DialError::Unchecked(url.host().to_owned()));
    }
    for address in addresses {
        target.filter.check(url.host(), SocketAddr::new(address, url.port()), false)?;
    }
    trace(OpeningStep::Through(proxy));
    let failed = |error| match error {
        DialError::Refused(_) | DialError::TimedOut(_) => error,
        error => DialError::Proxy(proxy.name(), Box::new(error)),
    };
    let query = Query {
        host: &proxy.host,
        port: proxy.port,
        family: None,
        resolutions: &[],
        is_proxy: true,
    };
    let stream = dial_host(&query, target, opening, deadline, trace).await.map_err(failed)?;
    let work = async { Ok(tunnel::open(stream, proxy, url).await?) };
    opening.within(deadline, Stage::Proxy, work).await.map_err(failed)
}
