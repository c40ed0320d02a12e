//! The way to the server: TCP, a socket in the file system, or a proxy.

use std::{fmt::Write, io, net::SocketAddr, path::PathBuf, time::Duration};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::sleep,
};
use tokio_socks::tcp::Socks5Stream;

use crate::{
    handshake::{self, Answer, HandshakeError},
    target::{Address, Family, Proxy, ProxyKind, Resolution, Route, basic},
};

/// How much later than the one before each address of a host is tried (RFC 8305 section 5), so that
/// one which swallows packets does not hold up the others.
const STAGGER: Duration = Duration::from_millis(250);

/// Bytes both ways, over whatever carries them.
pub(crate) trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

/// Why the server could not be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the name {0} is not known ({1})")]
    Unknown(String, io::Error),
    #[error("{0} has no IPv{1} address")]
    NoAddress(String, u8),
    #[error("the socket {} cannot be opened ({source})", path.display())]
    Unix { path: PathBuf, source: io::Error },
    #[error("the proxy {0}: {1}")]
    Proxy(String, String),
}

impl DialError {
    /// What to look at next.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Io(_) | Self::Unix { .. } => "Is the server running?",
            Self::Unknown(..) => "Is it written right?",
            Self::NoAddress(..) => "Leave -4 or -6 out to use any.",
            Self::Proxy(..) => "Is the proxy's address right?",
        }
    }
}

/// Opens the way to the server; says on the way what it does to `tell`.
pub(crate) async fn dial(
    route: &Route,
    address: &Address,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Box<dyn Carrier>, DialError> {
    match route {
        Route::Direct { family, resolutions } => {
            let addresses = resolve(address.host(), address.port(), *family, resolutions).await?;
            Ok(Box::new(dial_any(&addresses, tell).await?))
        }
        Route::Unix(path) => dial_unix(path).await,
        Route::Proxy(proxy) => dial_through(proxy, address, tell).await,
    }
}

async fn resolve(
    host: &str,
    port: u16,
    family: Option<Family>,
    resolutions: &[Resolution],
) -> Result<Vec<SocketAddr>, DialError> {
    let is_meant = |resolution: &&Resolution| resolution.host == host && resolution.port == port;
    let mut addresses: Vec<_> = resolutions
        .iter()
        .filter(is_meant)
        .map(|resolution| SocketAddr::new(resolution.address, port))
        .collect();
    if addresses.is_empty() {
        let found = lookup_host((host, port)).await;
        addresses.extend(found.map_err(|error| DialError::Unknown(host.to_owned(), error))?);
    }
    if let Some(family) = family {
        addresses.retain(|address| family.has(address.ip()));
    }
    if addresses.is_empty() {
        let version = if family == Some(Family::V6) { 6 } else { 4 };
        return Err(DialError::NoAddress(host.to_owned(), version));
    }
    Ok(addresses)
}

/// Connects to the first address that answers; if none does, gives the first one's error.
async fn dial_any(addresses: &[SocketAddr], tell: &(dyn Fn(&str) + Sync)) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    let mut first_error = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(async move { (address, TcpStream::connect(address).await) });
        } else if attempts.is_empty() {
            return Err(first_error.unwrap_or_else(|| io::ErrorKind::NotFound.into()));
        }
        let next_is_due = async {
            match waiting.len() {
                0 => std::future::pending().await,
                _ => sleep(STAGGER).await,
            }
        };
        tokio::select! {
            Some((address, result)) = attempts.next() => match result {
                Ok(stream) => {
                    tell(&format!("* Connected to {address}"));
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(error) => {
                    tell(&format!("* {address}: {error}"));
                    first_error = first_error.or(Some(error));
                }
            },
            () = next_is_due => {}
        }
    }
}

#[cfg(unix)]
async fn dial_unix(path: &std::path::Path) -> Result<Box<dyn Carrier>, DialError> {
    let stream = tokio::net::UnixStream::connect(path).await;
    let stream = stream.map_err(|source| DialError::Unix { path: path.to_owned(), source })?;
    Ok(Box::new(stream))
}

#[cfg(not(unix))]
async fn dial_unix(path: &std::path::Path) -> Result<Box<dyn Carrier>, DialError> {
    let source = io::ErrorKind::Unsupported.into();
    Err(DialError::Unix { path: path.to_owned(), source })
}

async fn dial_through(
    proxy: &Proxy,
    address: &Address,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Box<dyn Carrier>, DialError> {
    let name = format!("{}:{}", proxy.host, proxy.port);
    let failed = |why: String| DialError::Proxy(name.clone(), why);
    let addresses = resolve(&proxy.host, proxy.port, None, &[]).await;
    let addresses = addresses.map_err(|error| failed(error.to_string()))?;
    let stream = dial_any(&addresses, tell).await.map_err(|error| failed(error.to_string()))?;
    match proxy.kind {
        ProxyKind::Socks5 => {
            let target = (address.host(), address.port());
            let stream = match proxy.user.as_deref().and_then(|user| user.split_once(':')) {
                Some((name, password)) => {
                    Socks5Stream::connect_with_password_and_socket(stream, target, name, password)
                        .await
                }
                None => Socks5Stream::connect_with_socket(stream, target).await,
            };
            Ok(Box::new(stream.map_err(|error| failed(error.to_string()))?))
        }
        ProxyKind::Http => {
            let stream = connect_through_http(stream, proxy, address).await;
            Ok(Box::new(stream.map_err(|error| failed(error.to_string()))?))
        }
    }
}

/// CONNECT of RFC 9110 section 9.3.6.
async fn connect_through_http(
    mut stream: TcpStream,
    proxy: &Proxy,
    address: &Address,
) -> Result<TcpStream, HandshakeError> {
    let host = address.host();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let target = format!("{host}:{}", address.port());
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(user) = &proxy.user {
        // Writing to a String cannot fail.
        let _ = write!(request, "Proxy-Authorization: {}\r\n", basic(user));
    }
    stream.write_all((request + "\r\n").as_bytes()).await?;
    let answer: Answer = handshake::read_answer(&mut stream).await?;
    match answer.status {
        // The server speaks second, so that nothing of it can have come yet.
        200..=299 => Ok(stream),
        _ => Err(HandshakeError::Refused(Box::new(answer))),
    }
}
