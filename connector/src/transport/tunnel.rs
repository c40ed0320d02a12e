//! Tunnel through a proxy: HTTP CONNECT, SOCKS5.

use std::fmt::Write;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_socks::{Error as SocksError, tcp::Socks5Stream};

use crate::{
    Transport,
    handshake::{HandshakeError, Response, read_response},
    header::basic_auth,
    proxy::{Proxy, ProxyKind},
    server_url::ServerUrl,
};

/// Proxy that opens no tunnel.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TunnelError {
    /// No valid response to HTTP CONNECT.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// Response to HTTP CONNECT with another status than 2xx.
    #[error("HTTP status {}", .0.status_line())]
    Refused(Box<Response>),
    /// Failure of SOCKS5, such as a destination that the proxy cannot reach.
    #[error(transparent)]
    Socks(#[from] SocksError),
}

impl TunnelError {
    /// True if the proxy wants a name and password, or other ones.
    pub(crate) fn asks_for_credentials(&self) -> bool {
        match self {
            Self::Handshake(_) => false,
            Self::Refused(response) => response.status == 407,
            Self::Socks(error) => matches!(
                error,
                SocksError::NoAcceptableAuthMethods | SocksError::PasswordAuthFailure(_)
            ),
        }
    }

    /// True for the answer of a proxy that does not reach the server, or may not.
    pub(crate) fn is_reply(&self) -> bool {
        let is_other = |error: &SocksError| {
            matches!(error, SocksError::Io(_) | SocksError::InvalidResponseVersion)
        };
        !matches!(self, Self::Handshake(_))
            && !matches!(self, Self::Socks(error) if is_other(error))
    }
}

/// Opens a tunnel to the server over a connection to the proxy.
pub(crate) async fn open(
    mut stream: impl Transport + 'static,
    proxy: &Proxy,
    url: &ServerUrl,
) -> Result<Box<dyn Transport>, TunnelError> {
    let target = (url.host(), url.port());
    let credentials = proxy.credentials.as_deref();
    Ok(match (proxy.kind, credentials.and_then(|pair| pair.split_once(':'))) {
        (ProxyKind::Http, _) => {
            connect(&mut stream, credentials, target).await?;
            Box::new(stream)
        }
        (ProxyKind::Socks5, Some((name, password))) => Box::new(
            Socks5Stream::connect_with_password_and_socket(stream, target, name, password).await?,
        ),
        (ProxyKind::Socks5, None) => {
            Box::new(Socks5Stream::connect_with_socket(stream, target).await?)
        }
    })
}

/// Opens a tunnel with CONNECT (RFC 9110 section 9.3.6).
async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    credentials: Option<&str>,
    (host, port): (&str, u16),
) -> Result<(), TunnelError> {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some(credentials) = credentials {
        let _ = write!(request, "Proxy-Authorization: {}\r\n", basic_auth(credentials));
    }
    let sent = stream.write_all((request + "\r\n").as_bytes()).await;
    sent.map_err(HandshakeError::from)?;
    let response = read_response(stream).await?;
    match response.status {
        // A WebSocket server speaks second: no bytes of it can follow the response.
        200..=299 => Ok(()),
        _ => Err(TunnelError::Refused(Box::new(response))),
    }
}
