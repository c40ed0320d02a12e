//! A connection from nothing to an open WebSocket, and what can go wrong on the way in words.

use std::{io, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout_at},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{self, pki_types::ServerName},
};

use crate::{
    dial::{Carrier, DialError, dial},
    handshake::{self, HandshakeError, Request, RequestOptions},
    target::{Address, Route},
};

/// Everything that making a connection needs to know.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: Address,
    pub(crate) route: Route,
    pub(crate) request: RequestOptions,
    /// For `wss://`.
    pub(crate) tls: Option<TlsConnector>,
    /// Time for all of it.
    pub(crate) time: Duration,
}

/// A stream on which the opening handshake is done.
pub(crate) struct Connection {
    pub(crate) stream: Box<dyn Carrier>,
    /// What came after the server's answer already.
    pub(crate) rest: Vec<u8>,
    pub(crate) subprotocol: Option<String>,
}

/// Why there is no connection, as one sentence that says what to do next; a refusing answer's
/// headers and body stand on lines beneath it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("Nothing answers at {url}: {source}. {}", source.advice())]
    Unreachable { url: String, source: DialError },
    #[error("{url} did not answer within {} s. Is it a WebSocket server?", time.as_secs_f64())]
    Silent { url: String, time: Duration },
    #[error(
        "{url} answered with HTTP status {} instead of opening a WebSocket. \
         Is the path right?{}", answer.status_line(), answer.details()
    )]
    Refused { url: String, answer: Box<handshake::Answer> },
    #[error("The server at {url} does not complete the WebSocket handshake: {source}.")]
    Handshake { url: String, source: HandshakeError },
    #[error(
        "The certificate of {url} is not to be trusted: {source}. --cacert FILE trusts the one who \
         issued it, --insecure anyone."
    )]
    Certificate { url: String, source: rustls::Error },
    #[error("The server at {url} does not complete the TLS handshake: {source}. Does it use TLS?")]
    Tls { url: String, source: io::Error },
}

impl ConnectError {
    /// Whether trying again would only repeat it: the server decided, or is another kind of server.
    pub(crate) fn is_decision(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Silent { .. } | Self::Tls { .. } => false,
            // 408 Request Timeout, 425 Too Early, 429 Too Many Requests.
            Self::Refused { answer, .. } => !matches!(answer.status, 408 | 425 | 429 | 500..=599),
            Self::Handshake { source, .. } => {
                !matches!(source, HandshakeError::Io(_) | HandshakeError::Ended)
            }
            Self::Certificate { .. } => true,
        }
    }

    /// What is the same for all connections that fail alike, in a few words; none are the server's.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Unreachable { source, .. } => match source {
                DialError::Io(error) | DialError::Unix { source: error, .. } => kind_of(error),
                DialError::Unknown(..) | DialError::NoAddress(..) => "unknown host".to_owned(),
                DialError::Proxy(..) => "proxy".to_owned(),
            },
            Self::Silent { .. } => "no answer to the handshake".to_owned(),
            Self::Refused { answer, .. } => format!("HTTP {}", answer.status),
            Self::Handshake { source: HandshakeError::Io(error), .. } => kind_of(error),
            Self::Handshake { .. } => "handshake".to_owned(),
            Self::Certificate { .. } => "certificate".to_owned(),
            Self::Tls { .. } => "TLS".to_owned(),
        }
    }
}

/// `connection refused`: what the system says of it, without a number.
pub(crate) fn kind_of(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Connects to `target`. What `-v` shows is said to `tell`.
pub(crate) async fn connect(
    target: &Target,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Connection, ConnectError> {
    let until = Instant::now() + target.time;
    match timeout_at(until, open(target, until, tell)).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::Silent { url: target.address.shown(), time: target.time }),
    }
}

async fn open(
    target: &Target,
    until: Instant,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Connection, ConnectError> {
    let url = || target.address.shown();
    let mut stream = dial(&target.route, &target.address, tell)
        .await
        .map_err(|source| ConnectError::Unreachable { url: url(), source })?;
    if let Some(connector) = &target.tls {
        stream = secure(connector, &target.address, stream, tell).await?;
    }
    shake_hands(target, stream, until, tell).await.map_err(|source| match source {
        HandshakeError::Refused(answer) => ConnectError::Refused { url: url(), answer },
        source => ConnectError::Handshake { url: url(), source },
    })
}

async fn secure(
    connector: &TlsConnector,
    address: &Address,
    stream: Box<dyn Carrier>,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Box<dyn Carrier>, ConnectError> {
    let failed = |source| ConnectError::Tls { url: address.shown(), source };
    let name = ServerName::try_from(address.host().to_owned())
        .map_err(|error| failed(io::Error::other(error)))?;
    match connector.connect(name, stream).await {
        Ok(stream) => {
            let (_, session) = stream.get_ref();
            if let (Some(version), Some(suite)) =
                (session.protocol_version(), session.negotiated_cipher_suite())
            {
                tell(&format!("* {version:?}, {:?}", suite.suite()));
            }
            Ok(Box::new(stream))
        }
        Err(error) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(source @ rustls::Error::InvalidCertificate(_)) => {
                ConnectError::Certificate { url: address.shown(), source: source.clone() }
            }
            _ => failed(error),
        }),
    }
}

async fn shake_hands(
    target: &Target,
    mut stream: Box<dyn Carrier>,
    until: Instant,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Connection, HandshakeError> {
    let request = Request::new(&target.address, &target.request);
    for line in request.head.trim_end().lines() {
        tell(&format!("> {line}"));
    }
    stream.write_all(request.head.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = handshake::read_answer(&mut stream).await?;
    tell(&answer.to_string());
    if answer.status != 101 {
        answer.read_body(&mut stream, until).await;
        return Err(HandshakeError::Refused(Box::new(answer)));
    }
    let subprotocol = request.check(&answer)?;
    Ok(Connection { stream, rest: answer.rest, subprotocol })
}
