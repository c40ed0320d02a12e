//! Transport below TLS and WebSocket: TCP, Unix socket, HTTP or SOCKS5 proxy.

mod address;
mod attempts;
mod resolver;
mod tunnel;

use std::{
    fmt::Write,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

pub use self::{
    address::{AddressClass, AddressFilter, Candidate, RefusedAddress},
    resolver::Resolver,
};
use self::{attempts::dial_any, resolver::Query};
use crate::{
    Target, Trace, Transport,
    opening::{OpeningReport, Stage},
    proxy::Proxy,
    route::Route,
};

/// Server unreachable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("unknown host {0} ({1})")]
    UnknownHost(String, io::Error),
    #[error("{0} has no IPv{1} address")]
    NoAddress(String, u8),
    #[error(transparent)]
    Refused(#[from] RefusedAddress),
    #[error("the socket {} cannot be opened ({source})", path.display())]
    Unix { path: PathBuf, source: io::Error },
    #[error("the proxy {0}: {1}")]
    Proxy(String, String),
}

impl DialError {
    /// Hint for a person.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Io(_) | Self::Unix { .. } => "Is the server running?",
            Self::UnknownHost(..) => "Is the name right?",
            Self::NoAddress(..) => "Leave out -4 or -6 to use any.",
            Self::Refused(_) => "Connections to it are not allowed.",
            Self::Proxy(..) => "Is the proxy's address right?",
        }
    }
}

/// Opens a stream to the server. Reports progress to `trace`, and the address connected to, or tried
/// first, and the time of each stage to `opening`.
pub(crate) async fn dial(
    target: &Target,
    opening: &mut OpeningReport,
    trace: Trace<'_>,
) -> Result<Box<dyn Transport>, DialError> {
    let url = &target.url;
    let (family, resolutions) = match &target.route {
        Route::Direct { family, resolutions } => (*family, &resolutions[..]),
        Route::Unix(path) => {
            opening.begin(Stage::Tcp);
            return dial_unix(path).await;
        }
        Route::Proxy(proxy) => return dial_through(proxy, target, opening, trace).await,
        Route::Environment(environment) => match environment.proxy_for(url) {
            Some(proxy) => return dial_through(proxy, target, opening, trace).await,
            None => (None, &[][..]),
        },
    };
    opening.begin(Stage::Name);
    let query = Query { host: url.host(), port: url.port(), family, resolutions };
    let addresses = query.resolve(&target.resolver, &target.filter).await?;
    opening.begin(Stage::Tcp);
    Ok(Box::new(dial_any(&addresses, &mut opening.address, trace).await?))
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
    trace: Trace<'_>,
) -> Result<Box<dyn Transport>, DialError> {
    let url = &target.url;
    for address in known_addresses(url.host()) {
        target.filter.check(url.host(), SocketAddr::new(address, url.port()))?;
    }
    let mut name = format!("{}:{}", proxy.host, proxy.port);
    if let Some(variable) = proxy.variable {
        // Writing to a String cannot fail.
        let _ = write!(name, " of {variable}");
    }
    trace(&format!("* Through the proxy {name}"));
    let failed = |why: String| DialError::Proxy(name.clone(), why);
    opening.begin(Stage::Name);
    let query = Query { host: &proxy.host, port: proxy.port, family: None, resolutions: &[] };
    let addresses = query.resolve(&target.resolver, &target.filter).await;
    let addresses = addresses.map_err(|error| match error {
        DialError::Refused(_) => error,
        error => failed(error.to_string()),
    })?;
    opening.begin(Stage::Tcp);
    let stream = dial_any(&addresses, &mut opening.address, trace).await;
    let stream = stream.map_err(|error| failed(error.to_string()))?;
    opening.begin(Stage::Proxy);
    tunnel::open(stream, proxy, url).await.map_err(failed)
}

/// Addresses of a host that no resolver is asked for: a literal, or a name of this machine (RFC 6761 section 6.3).
fn known_addresses(host: &str) -> Vec<IpAddr> {
    let name = host.strip_suffix('.').unwrap_or(host);
    if name == "localhost" || name.ends_with(".localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    host.parse().into_iter().collect()
}
