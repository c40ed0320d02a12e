//! Transport below TLS and WebSocket: TCP, Unix socket, HTTP or SOCKS5 proxy.

use std::{fmt::Write, io, net::SocketAddr, path::PathBuf, time::Duration};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, lookup_host},
    time::sleep,
};
use tokio_socks::tcp::Socks5Stream;

use crate::{
    Trace, Transport,
    handshake::{self, HandshakeError},
    header::basic_auth,
    opening::{OpeningReport, Stage},
    proxy::{Proxy, ProxyKind},
    route::{Family, Resolution, Route},
    server_url::ServerUrl,
};

/// Connection attempt delay between the addresses of a host (RFC 8305 section 5): one that drops
/// packets does not hold up the others.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Addresses of a name that are tried, at most: each is an attempt that may be under way beside the others.
const MAX_ADDRESSES: usize = 16;

/// Server unreachable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("unknown host {0} ({1})")]
    UnknownHost(String, io::Error),
    #[error("{0} has no IPv{1} address")]
    NoAddress(String, u8),
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
            Self::Proxy(..) => "Is the proxy's address right?",
        }
    }
}

/// Opens a stream to the server. Reports progress to `trace`, and the address connected to, or tried
/// first, and the time of each stage to `opening`.
pub(crate) async fn dial(
    route: &Route,
    url: &ServerUrl,
    opening: &mut OpeningReport,
    trace: Trace<'_>,
) -> Result<Box<dyn Transport>, DialError> {
    let (family, resolutions) = match route {
        Route::Direct { family, resolutions } => (*family, &resolutions[..]),
        Route::Unix(path) => {
            opening.begin(Stage::Tcp);
            return dial_unix(path).await;
        }
        Route::Proxy(proxy) => return dial_through(proxy, url, opening, trace).await,
        Route::Environment(environment) => match environment.proxy_for(url) {
            Some(proxy) => return dial_through(proxy, url, opening, trace).await,
            None => (None, &[][..]),
        },
    };
    opening.begin(Stage::Name);
    let addresses = resolve(url.host(), url.port(), family, resolutions).await?;
    opening.begin(Stage::Tcp);
    Ok(Box::new(dial_any(&addresses, &mut opening.address, trace).await?))
}

/// Addresses of a host: fixed ones if given, else by DNS, filtered by IP version.
async fn resolve(
    host: &str,
    port: u16,
    family: Option<Family>,
    resolutions: &[Resolution],
) -> Result<Vec<SocketAddr>, DialError> {
    let matches = |resolution: &&Resolution| resolution.host == host && resolution.port == port;
    let mut addresses: Vec<_> = resolutions
        .iter()
        .filter(matches)
        .map(|resolution| SocketAddr::new(resolution.address, port))
        .collect();
    if addresses.is_empty() {
        let found = lookup_host((host, port)).await;
        addresses.extend(found.map_err(|error| DialError::UnknownHost(host.to_owned(), error))?);
    }
    if let Some(family) = family {
        addresses.retain(|address| family.contains(address.ip()));
    }
    if addresses.is_empty() {
        let version = if family == Some(Family::V6) { 6 } else { 4 };
        return Err(DialError::NoAddress(host.to_owned(), version));
    }
    Ok(interleave(&addresses))
}

/// Takes addresses of both IP versions in turn (RFC 8305 section 4), beginning with that of the first: a
/// network without IPv6 costs one attempt delay, however many IPv6 addresses a name has.
fn interleave(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let is_first = |address: &&SocketAddr| address.is_ipv4() == addresses[0].is_ipv4();
    let mut first = addresses.iter().filter(is_first);
    let mut second = addresses.iter().filter(|address| !is_first(address));
    let mut ordered = Vec::new();
    while ordered.len() < addresses.len().min(MAX_ADDRESSES) {
        ordered.extend(first.next());
        ordered.extend(second.next());
    }
    ordered.truncate(MAX_ADDRESSES);
    ordered
}

/// Connects to the first address that answers (Happy Eyeballs). If none does, returns the error of
/// the first.
async fn dial_any(
    addresses: &[SocketAddr],
    used: &mut Option<SocketAddr>,
    trace: Trace<'_>,
) -> io::Result<TcpStream> {
    *used = addresses.first().copied();
    let mut waiting = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    let mut first_error = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(async move { (address, TcpStream::connect(address).await) });
        } else if attempts.is_empty() {
            return Err(first_error.unwrap_or_else(|| io::ErrorKind::NotFound.into()));
        }
        let attempt_delay = async {
            match waiting.len() {
                0 => std::future::pending().await,
                _ => sleep(ATTEMPT_DELAY).await,
            }
        };
        tokio::select! {
            Some((address, result)) = attempts.next() => match result {
                Ok(stream) => {
                    trace(&format!("* Connected to {address}"));
                    *used = Some(*address);
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(error) => {
                    trace(&format!("* {address}: {error}"));
                    first_error = first_error.or(Some(error));
                }
            },
            () = attempt_delay => {}
        }
    }
}

/// Connects to a Unix socket.
#[cfg(unix)]
async fn dial_unix(path: &std::path::Path) -> Result<Box<dyn Transport>, DialError> {
    let stream = tokio::net::UnixStream::connect(path).await;
    let stream = stream.map_err(|source| DialError::Unix { path: path.to_owned(), source })?;
    Ok(Box::new(stream))
}

/// Fails: there are no Unix sockets on this system.
#[cfg(not(unix))]
async fn dial_unix(path: &std::path::Path) -> Result<Box<dyn Transport>, DialError> {
    let source = io::ErrorKind::Unsupported.into();
    Err(DialError::Unix { path: path.to_owned(), source })
}

/// Connects through a proxy.
async fn dial_through(
    proxy: &Proxy,
    url: &ServerUrl,
    opening: &mut OpeningReport,
    trace: Trace<'_>,
) -> Result<Box<dyn Transport>, DialError> {
    let mut name = format!("{}:{}", proxy.host, proxy.port);
    if let Some(variable) = proxy.variable {
        // Writing to a String cannot fail.
        let _ = write!(name, " of {variable}");
    }
    trace(&format!("* Through the proxy {name}"));
    let failed = |why: String| DialError::Proxy(name.clone(), why);
    opening.begin(Stage::Name);
    let addresses = resolve(&proxy.host, proxy.port, None, &[]).await;
    let addresses = addresses.map_err(|error| failed(error.to_string()))?;
    opening.begin(Stage::Tcp);
    let stream = dial_any(&addresses, &mut opening.address, trace).await;
    let stream = stream.map_err(|error| failed(error.to_string()))?;
    opening.begin(Stage::Proxy);
    match proxy.kind {
        ProxyKind::Socks5 => {
            let target = (url.host(), url.port());
            let stream = match proxy.credentials.as_deref().and_then(|pair| pair.split_once(':')) {
                Some((name, password)) => {
                    Socks5Stream::connect_with_password_and_socket(stream, target, name, password)
                        .await
                }
                None => Socks5Stream::connect_with_socket(stream, target).await,
            };
            Ok(Box::new(stream.map_err(|error| failed(error.to_string()))?))
        }
        ProxyKind::Http => {
            let stream = connect_through_http(stream, proxy, url).await;
            Ok(Box::new(stream.map_err(|error| failed(error.to_string()))?))
        }
    }
}

/// Opens a tunnel with CONNECT (RFC 9110 section 9.3.6).
async fn connect_through_http(
    mut stream: TcpStream,
    proxy: &Proxy,
    url: &ServerUrl,
) -> Result<TcpStream, HandshakeError> {
    let host = url.host();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let target = format!("{host}:{}", url.port());
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(credentials) = &proxy.credentials {
        // Writing to a String cannot fail.
        let _ = write!(request, "Proxy-Authorization: {}\r\n", basic_auth(credentials));
    }
    stream.write_all((request + "\r\n").as_bytes()).await?;
    let response = handshake::read_response(&mut stream).await?;
    match response.status {
        // A WebSocket server speaks second: no bytes of it can follow the response.
        200..=299 => Ok(stream),
        _ => Err(HandshakeError::Refused(Box::new(response))),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_of_both_versions_are_tried_in_turn() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 1)).collect()
        };
        let resolved = addresses(&["::1", "::2", "::3", "10.0.0.1"]);
        assert_eq!(interleave(&resolved), addresses(&["::1", "10.0.0.1", "::2", "::3"]));
        let resolved = addresses(&["10.0.0.1", "10.0.0.2", "::1"]);
        assert_eq!(interleave(&resolved), addresses(&["10.0.0.1", "::1", "10.0.0.2"]));
        assert_eq!(interleave(&[resolved[0]; 100]).len(), MAX_ADDRESSES);
    }

    #[tokio::test]
    async fn an_address_that_refuses_does_not_hold_up_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        // Bound and let go: nothing listens there.
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let mut used = None;
        dial_any(&[closed, open], &mut used, &|_| {}).await.unwrap();
        assert_eq!(used, Some(open));
        dial_any(&[closed], &mut used, &|_| {}).await.unwrap_err();
        assert_eq!(used, Some(closed));
    }
}
