//! Tunnel through a proxy: HTTP CONNECT, SOCKS5.

use std::fmt::Write;

use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_socks::tcp::Socks5Stream;

use crate::{
    Transport,
    handshake::{self, HandshakeError},
    header::basic_auth,
    proxy::{Proxy, ProxyKind},
    server_url::ServerUrl,
};

/// Opens a tunnel to the server over a connection to the proxy. The error is a sentence part.
pub(super) async fn open(
    stream: TcpStream,
    proxy: &Proxy,
    url: &ServerUrl,
) -> Result<Box<dyn Transport>, String> {
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
            Ok(Box::new(stream.map_err(|error| error.to_string())?))
        }
        ProxyKind::Http => {
            let stream = connect(stream, proxy, url).await;
            Ok(Box::new(stream.map_err(|error| error.to_string())?))
        }
    }
}

/// Opens a tunnel with CONNECT (RFC 9110 section 9.3.6).
async fn connect(
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
