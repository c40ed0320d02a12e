//! Connection errors, as sentences for a person.

use std::{io, time::Duration};

use tokio_rustls::rustls;

use super::{
    handshake::{HandshakeError, Response},
    transport::DialError,
};

/// Connection failure: one sentence and a hint. For a refusal, headers and body of the response
/// follow on lines of their own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// No route to the server: DNS, TCP, Unix socket or proxy.
    #[error("Nothing answers at {url}: {source}. {}", source.hint())]
    Unreachable { url: String, source: DialError },
    /// No response within the time limit.
    #[error("{url} did not answer within {} s. Is it a WebSocket server?", timeout.as_secs_f64())]
    TimedOut { url: String, timeout: Duration },
    /// HTTP response other than 101.
    #[error(
        "{url} answered with HTTP status {} instead of opening a WebSocket. \
         Is the path right?{}", response.status_line(), response.details()
    )]
    Refused { url: String, response: Box<Response> },
    /// Invalid response, or an I/O error while waiting for it.
    #[error("WebSocket handshake with {url} failed: {source}.")]
    Handshake { url: String, source: HandshakeError },
    /// Certificate rejected.
    #[error(
        "The certificate of {url} is not trusted: {source}. Use --cacert FILE to trust its issuer, \
         or --insecure to trust any certificate."
    )]
    Certificate { url: String, source: rustls::Error },
    /// Any other TLS error.
    #[error("TLS handshake with {url} failed: {source}. Does the server use TLS?")]
    Tls { url: String, source: io::Error },
}

impl ConnectError {
    /// Certificate error or any other TLS error.
    pub(super) fn from_tls(url: String, error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(source @ rustls::Error::InvalidCertificate(_)) => {
                Self::Certificate { url, source: source.clone() }
            }
            _ => Self::Tls { url, source: error },
        }
    }

    /// True if retrying is pointless: the server refused, or is another kind of server.
    pub(crate) fn is_permanent(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Tls { .. } => false,
            // 408 Request Timeout, 425 Too Early, 429 Too Many Requests.
            Self::Refused { response, .. } => {
                !matches!(response.status, 408 | 425 | 429 | 500..=599)
            }
            Self::Handshake { source, .. } => {
                !matches!(source, HandshakeError::Io(_) | HandshakeError::Closed)
            }
            Self::Certificate { .. } => true,
        }
    }

    /// Category in a few words, without text of the server: equal failures are counted together.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Unreachable { source, .. } => match source {
                DialError::Io(error) | DialError::Unix { source: error, .. } => {
                    io_error_kind(error)
                }
                DialError::UnknownHost(..) | DialError::NoAddress(..) => "unknown host".to_owned(),
                DialError::Proxy(..) => "proxy".to_owned(),
            },
            Self::TimedOut { .. } => "no answer to the handshake".to_owned(),
            Self::Refused { response, .. } => format!("HTTP {}", response.status),
            Self::Handshake { source: HandshakeError::Io(error), .. } => io_error_kind(error),
            Self::Handshake { .. } => "handshake".to_owned(),
            Self::Certificate { .. } => "certificate".to_owned(),
            Self::Tls { .. } => "TLS".to_owned(),
        }
    }
}

/// Text of an I/O error without its number: `connection refused`.
pub(crate) fn io_error_kind(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
