//! Connection errors, as sentences for a person.

use std::{fmt, io, net::SocketAddr, time::Duration};

use tokio_rustls::rustls::{self, AlertDescription, CertificateError, InvalidMessage};

use crate::{
    handshake::{HandshakeError, Response},
    opening::{OpeningReport, Stage},
    redirect::RedirectError,
    transport::{DialError, RefusedAddress},
};

/// Maximum number of names of a certificate in a sentence.
const MAX_NAMES: usize = 5;

/// Connection failure: one sentence and a hint. For a refusal, headers and body of the response
/// follow on lines of their own.
#[derive(Debug)]
pub struct ConnectError {
    /// URL of the attempt, after redirects.
    pub(crate) url: String,
    pub(crate) opening: Box<OpeningReport>,
    pub(crate) cause: Cause,
}

/// Cause of a connection failure.
#[derive(Debug)]
pub(crate) enum Cause {
    /// No route to the server: DNS, TCP, Unix socket or proxy.
    Unreachable(DialError),
    /// No response within the time limit; the stage under way.
    TimedOut(Duration, Option<Stage>),
    /// HTTP response other than 101.
    Refused(Box<Response>),
    /// Invalid response, or an I/O error while waiting for it.
    Handshake(HandshakeError),
    /// Certificate rejected.
    Certificate(CertificateError),
    /// Any other TLS error.
    Tls(io::Error),
    /// Redirect that cannot be followed.
    Redirect(RedirectError),
}

impl ConnectError {
    /// URL of the attempt, after redirects.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Address of the TCP connection, or tried first.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.opening.address
    }

    /// Record of the opening, as far as it came.
    #[must_use]
    pub fn opening(&self) -> &OpeningReport {
        &self.opening
    }

    /// HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.cause {
            Cause::Refused(response) => Some(response.status),
            _ => None,
        }
    }

    /// Address that the filter refuses.
    #[must_use]
    pub fn refused_address(&self) -> Option<&RefusedAddress> {
        match &self.cause {
            Cause::Unreachable(DialError::Refused(refused)) => Some(refused),
            _ => None,
        }
    }

    /// True if retrying is pointless: the server refused, or is another kind of server.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match &self.cause {
            Cause::Unreachable(source) => matches!(source, DialError::Refused(_)),
            Cause::TimedOut(..) | Cause::Tls(_) => false,
            // 408 Request Timeout, 425 Too Early, 429 Too Many Requests.
            Cause::Refused(response) => !matches!(response.status, 408 | 425 | 429 | 500..=599),
            Cause::Handshake(source) => {
                !matches!(source, HandshakeError::Io(_) | HandshakeError::Closed)
            }
            Cause::Certificate(_) | Cause::Redirect(_) => true,
        }
    }

    /// Category in a few words, without text of the server: equal failures are counted together.
    #[must_use]
    pub fn kind(&self) -> String {
        match &self.cause {
            Cause::Unreachable(source) => match source {
                DialError::Io(error) | DialError::Unix { source: error, .. } => {
                    io_error_kind(error)
                }
                DialError::UnknownHost(..) | DialError::NoAddress(..) => "unknown host".to_owned(),
                DialError::Refused(_) => "refused address".to_owned(),
                DialError::Proxy(..) => "proxy".to_owned(),
            },
            Cause::TimedOut(..) => "no answer to the handshake".to_owned(),
            Cause::Refused(response) => format!("HTTP {}", response.status),
            Cause::Handshake(HandshakeError::Io(error)) => io_error_kind(error),
            Cause::Handshake(_) => "handshake".to_owned(),
            Cause::Certificate(_) => "certificate".to_owned(),
            Cause::Tls(_) => "TLS".to_owned(),
            Cause::Redirect(_) => "redirect".to_owned(),
        }
    }
}

impl std::error::Error for ConnectError {}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.url;
        match &self.cause {
            Cause::Unreachable(source @ DialError::Refused(_)) => {
                write!(f, "{url} was not dialled: {source}. {}", source.hint())
            }
            Cause::Unreachable(source) => {
                write!(f, "Nothing answers at {url}: {source}. {}", source.hint())
            }
            Cause::TimedOut(timeout, stage) => {
                let seconds = timeout.as_secs_f64();
                write!(f, "{url} did not answer within {seconds} s")?;
                if let Some(stage) = stage {
                    write!(f, ": {stage} was not done")?;
                }
                f.write_str(match stage {
                    Some(Stage::Name) => ". Does this machine's DNS answer?",
                    Some(Stage::Tcp) => ". Is the address right, and no firewall on the way?",
                    Some(Stage::Proxy) => ". Is the proxy's address right?",
                    Some(Stage::Tls) => ". Does it use TLS at this port?",
                    Some(Stage::Http) | None => ". Is it a WebSocket server?",
                })
            }
            Cause::Refused(response) => {
                let status = response.status_line();
                write!(
                    f,
                    "{url} answered with HTTP status {status} instead of opening a WebSocket. "
                )?;
                f.write_str(&refusal_hint(url, response))?;
                f.write_str(&response.details())
            }
            Cause::Handshake(source) => {
                write!(f, "WebSocket handshake with {url} failed: {source}.")?;
                match source {
                    HandshakeError::ExpectsTls => write!(f, " Try {}.", with_tls(url)),
                    HandshakeError::Io(error) => f.write_str(tls_hint(error)),
                    _ => Ok(()),
                }
            }
            Cause::Certificate(source) => write_certificate_error(f, url, source),
            Cause::Tls(source) => {
                write!(f, "TLS handshake with {url} failed: {source}.{}", tls_hint(source))
            }
            Cause::Redirect(source) => write!(f, "{url} cannot be followed: {source}."),
        }
    }
}

/// Hint after the status of a refusal.
fn refusal_hint(url: &str, response: &Response) -> String {
    if response.expects_tls() {
        return format!("Try {}.", with_tls(url));
    }
    if response.is_redirect() {
        return "It redirects: --follow goes there.".to_owned();
    }
    match response.status {
        401 => "Are the credentials right? --user, --bearer and --cookie send them.".to_owned(),
        _ => "Is the path right?".to_owned(),
    }
}

/// The same URL for TLS.
fn with_tls(url: &str) -> String {
    url.replacen("ws://", "wss://", 1)
}

/// Hint after a TLS error, or nothing.
fn tls_hint(error: &io::Error) -> &'static str {
    use rustls::Error::{AlertReceived, InvalidMessage as Invalid};
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) else { return "" };
    match error {
        Invalid(InvalidMessage::InvalidContentType) => {
            " The server does not use TLS at this port: try ws://."
        }
        AlertReceived(AlertDescription::ProtocolVersion) => " The server offers no TLS 1.2 or 1.3.",
        AlertReceived(AlertDescription::CertificateRequired) => {
            " The server requires a client certificate: --cert FILE --key FILE."
        }
        AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown,
        ) => " The server rejects the client certificate.",
        _ => "",
    }
}

/// Writes why a certificate is not accepted, and what would help.
fn write_certificate_error(
    f: &mut fmt::Formatter<'_>,
    url: &str,
    error: &CertificateError,
) -> fmt::Result {
    write!(f, "The certificate of {url} ")?;
    match error {
        CertificateError::Expired => f.write_str("has expired. The server needs a new one"),
        CertificateError::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / (24 * 60 * 60);
            let ago = match days {
                0 => "today".to_owned(),
                1 => "a day ago".to_owned(),
                days => format!("{days} days ago"),
            };
            write!(f, "expired {ago}. The server needs a new one")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            f.write_str("is not valid yet. Is the clock of this machine right?")?;
            return f.write_str(" --insecure accepts any certificate.");
        }
        CertificateError::NotValidForName => {
            f.write_str("is for another host. Use its name in the URL")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<_> = presented.iter().take(MAX_NAMES).map(|name| bare(name)).collect();
            write!(f, "is for another host: {}. Use its name in the URL", names.join(", "))
        }
        CertificateError::UnknownIssuer => {
            f.write_str("is not trusted: its issuer is unknown. Use --cacert FILE to trust it")
        }
        error => {
            let error = rustls::Error::InvalidCertificate(error.clone());
            return write!(f, "is not trusted: {error}. --insecure accepts any certificate.");
        }
    }?;
    f.write_str(", or --insecure to accept any certificate.")
}

/// Name in rustls's form, `DnsName("example.org")`, without that form.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, name)| name.strip_suffix(')')).unwrap_or(name);
    session::visible_line(inner.trim_matches('"')).into_owned()
}

impl From<DialError> for Cause {
    fn from(error: DialError) -> Self {
        Self::Unreachable(error)
    }
}

impl From<HandshakeError> for Cause {
    fn from(error: HandshakeError) -> Self {
        Self::Handshake(error)
    }
}

impl From<RedirectError> for Cause {
    fn from(error: RedirectError) -> Self {
        Self::Redirect(error)
    }
}

/// Error of a TLS handshake.
impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(rustls::Error::InvalidCertificate(source)) => Self::Certificate(source.clone()),
            _ => Self::Tls(error),
        }
    }
}

/// Text of an I/O error without its number: `connection refused`.
#[must_use]
pub fn io_error_kind(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
