//! Outgoing connection: from a target to an open WebSocket.
//!
//! [`connect`] is the door: TCP, Unix socket or proxy (`transport`), TLS (`tls`), opening handshake
//! (`handshake`). Knows nothing of flags and prints nothing.

mod error;
mod handshake;
mod header;
mod route;
mod server_url;
mod tls;
mod transport;

use std::time::Duration;

use futures::FutureExt;
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{Role, WebSocketConfig},
};

use self::handshake::{HandshakeError, Request};
pub(crate) use self::{
    error::{ConnectError, io_error_kind},
    handshake::RequestOptions,
    header::{Header, basic_auth, header_value, subprotocol},
    route::{Family, Proxy, Resolution, Route},
    server_url::ServerUrl,
    tls::{TlsOptions, tls_connector},
    transport::{Trace, Transport},
};

/// Target of a connection: URL, route, request headers, TLS and time limit.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) url: ServerUrl,
    pub(crate) route: Route,
    pub(crate) request: RequestOptions,
    /// For `wss://`.
    pub(crate) tls: Option<TlsConnector>,
    /// For TCP, TLS and handshake together.
    pub(crate) timeout: Duration,
}

/// Connection after the opening handshake.
pub(crate) struct Connection {
    pub(crate) stream: Box<dyn Transport>,
    /// Bytes received after the response head.
    pub(crate) rest: Vec<u8>,
    pub(crate) subprotocol: Option<String>,
}

/// Connects to `target`. Reports progress, request and response to `trace`.
pub(crate) async fn connect(target: &Target, trace: Trace<'_>) -> Result<Connection, ConnectError> {
    let deadline = Instant::now() + target.timeout;
    match timeout_at(deadline, open(target, deadline, trace)).await {
        Ok(result) => result,
        Err(_) => {
            Err(ConnectError::TimedOut { url: target.url.to_string(), timeout: target.timeout })
        }
    }
}

/// Dials, encrypts and shakes hands.
async fn open(
    target: &Target,
    deadline: Instant,
    trace: Trace<'_>,
) -> Result<Connection, ConnectError> {
    let url = || target.url.to_string();
    let mut stream = transport::dial(&target.route, &target.url, trace)
        .await
        .map_err(|source| ConnectError::Unreachable { url: url(), source })?;
    if let Some(connector) = &target.tls {
        let encrypted = tls::encrypt(connector, target.url.host(), stream, trace).await;
        stream = encrypted.map_err(|error| ConnectError::from_tls(url(), error))?;
    }
    shake_hands(target, stream, deadline, trace).await.map_err(|source| match source {
        HandshakeError::Refused(response) => ConnectError::Refused { url: url(), response },
        source => ConnectError::Handshake { url: url(), source },
    })
}

/// Opening handshake (RFC 6455 section 4.1). A refusal is read as far as it is shown.
async fn shake_hands(
    target: &Target,
    mut stream: Box<dyn Transport>,
    deadline: Instant,
    trace: Trace<'_>,
) -> Result<Connection, HandshakeError> {
    let request = Request::new(&target.url, &target.request);
    for line in request.head.trim_end().lines() {
        trace(&format!("> {line}"));
    }
    stream.write_all(request.head.as_bytes()).await?;
    stream.flush().await?;
    let mut response = handshake::read_response(&mut stream).await?;
    trace(&response.to_string());
    if response.status != 101 {
        response.read_body(&mut stream, deadline).await;
        return Err(HandshakeError::Refused(Box::new(response)));
    }
    let subprotocol = request.check(&response)?;
    Ok(Connection { stream, rest: response.rest, subprotocol })
}

/// Wraps a stream whose handshake is done; `rest` are bytes received after it. Messages are bounded
/// by `max_message` bytes.
pub(crate) fn websocket<S: Transport>(
    stream: S,
    rest: Vec<u8>,
    max_message: usize,
) -> WebSocketStream<S> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(max_message))
        .max_frame_size(Some(max_message));
    // Asynchronous by its signature only: nothing in it waits.
    let made = WebSocketStream::from_partially_read(stream, rest, Role::Client, Some(config));
    made.now_or_never().unwrap_or_else(|| unreachable!("it does not wait"))
}
