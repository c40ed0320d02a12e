//! Connection errors: what happened, in a sentence, and what may help, as a type.

use std::{fmt, io, net::SocketAddr};

use session::Stage;
use tokio_rustls::rustls::{self, AlertDescription, CertificateError, InvalidMessage};

use crate::{
    advice::Advice,
    handshake::{HandshakeError, Response, io_error_kind},
    opening::{OpeningReport, TimedOut},
    redirect::RedirectError,
    server_url::ServerUrl,
    tls::certificate_error,
    transport::{DialError, RefusedAddress},
};

/// Maximum number of names of a certificate in a sentence.
const MAX_NAMES: usize = 5;

/// Connection failure. Displayed as a sentence without [advice](Self::advice), which programs word themselves.
#[derive(Debug)]
pub struct ConnectError {
    pub(crate) url: ServerUrl,
    /// Record of the opening, up to the failure.
    pub(crate) opening: Box<OpeningReport>,
    /// Cause, with the error that it came from.
    pub(crate) cause: Cause,
}

/// Cause of a connection failure.
#[derive(Debug)]
pub(crate) enum Cause {
    /// No route to the server: DNS, TCP, Unix socket or proxy.
    Unreachable(DialError),
    /// Stage that took too long.
    TimedOut(TimedOut),
    /// HTTP response other than 101, which is in the report.
    Refused,
    /// Invalid response, or an I/O error while waiting for it.
    Handshake(HandshakeError),
    /// Certificate rejected.
    Certificate(CertificateError),
    /// Any other TLS error.
    Tls(io::Error),
    /// Redirect that cannot be followed.
    Redirect(RedirectError),
}

/// Category of a [`ConnectError`]. Displayed in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Error of the system, by [`io_error_kind`].
    Io(String),
    /// Name without an address.
    UnknownHost,
    /// Address that the filter refuses.
    RefusedAddress,
    /// Redirect that cannot be followed.
    Redirect,
    /// Proxy.
    Proxy,
    /// Stage that took too long.
    TimedOut(Stage),
    /// HTTP response other than 101.
    Status(u16),
    /// Invalid response.
    Handshake,
    /// Certificate that was rejected.
    Certificate,
    /// Any other TLS error.
    Tls,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(kind) => kind.as_str(),
            Self::UnknownHost => "unknown host",
            Self::RefusedAddress => "refused address",
            Self::Redirect => "redirect",
            Self::Proxy => "proxy",
            Self::TimedOut(stage) => return write!(f, "{stage} timed out"),
            Self::Status(status) => return write!(f, "HTTP {status}"),
            Self::Handshake => "handshake",
            Self::Certificate => "certificate",
            Self::Tls => "TLS",
        })
    }
}

impl ConnectError {
    /// URL of the attempt, after redirects.
    #[must_use]
    pub fn url(&self) -> &ServerUrl {
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

    /// Response that refuses the WebSocket.
    #[must_use]
    pub fn refusal(&self) -> Option<&Response> {
        self.opening.response.as_ref().filter(|_| matches!(self.cause, Cause::Refused))
    }

    /// HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|response| response.status)
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
            Cause::Unreachable(DialError::Proxy(_, source)) => {
                matches!(&**source, DialError::Tunnel(error) if error.asks_for_credentials())
            }
            Cause::Unreachable(source) => {
                matches!(source, DialError::Refused(_) | DialError::Unchecked(_))
            }
            Cause::TimedOut(_) | Cause::Tls(_) => false,
            // 408 Request Timeout, 425 Too Early, 429 Too Many Requests.
            Cause::Refused => !matches!(self.status(), Some(408 | 425 | 429 | 500..=599)),
            Cause::Handshake(source) => {
                !matches!(source, HandshakeError::Io(_) | HandshakeError::Closed)
            }
            Cause::Certificate(_) | Cause::Redirect(_) => true,
        }
    }

    /// Category, without text of the server: equal failures are counted together.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.cause {
            Cause::Unreachable(DialError::Io(error) | DialError::Unix { source: error, .. })
            | Cause::Handshake(HandshakeError::Io(error)) => ErrorKind::Io(io_error_kind(error)),
            Cause::Unreachable(DialError::UnknownHost(..) | DialError::NoAddress(..)) => {
                ErrorKind::UnknownHost
            }
            Cause::Unreachable(DialError::Refused(_)) => ErrorKind::RefusedAddress,
            Cause::Unreachable(DialError::Unchecked(_)) | Cause::Redirect(_) => ErrorKind::Redirect,
            Cause::Unreachable(_) => ErrorKind::Proxy,
            Cause::TimedOut(error) => ErrorKind::TimedOut(error.stage),
            Cause::Refused => ErrorKind::Status(self.status().unwrap_or_default()),
            Cause::Handshake(_) => ErrorKind::Handshake,
            Cause::Certificate(_) => ErrorKind::Certificate,
            Cause::Tls(_) => ErrorKind::Tls,
        }
    }

    /// Remedy that may help; `None` where the sentence says all.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        Some(match &self.cause {
            Cause::Unreachable(source) => match source {
                DialError::UnknownHost(..) => Advice::CheckName,
                DialError::NoAddress(..) => Advice::UseAnyFamily,
                DialError::Refused(_) => Advice::AllowAddress,
                DialError::Unchecked(_) => return None,
                DialError::Proxy(_, source) => match &**source {
                    DialError::Tunnel(error) if error.asks_for_credentials() => {
                        Advice::GiveProxyCredentials
                    }
                    DialError::Tunnel(error) if error.is_reply() => return None,
                    _ => Advice::CheckProxy,
                },
                _ => Advice::StartServer,
            },
            Cause::TimedOut(error) => match error.stage {
                Stage::Name => Advice::CheckNameServer,
                Stage::Tcp => Advice::CheckAddress,
                Stage::Proxy => Advice::CheckProxy,
                Stage::Tls => Advice::CheckTls,
                Stage::Http => Advice::CheckServer,
            },
            Cause::Refused => {
                let response = self.refusal()?;
                match response.status {
                    _ if response.expects_tls() => Advice::UseTls,
                    _ if response.is_redirect() => Advice::FollowRedirects,
                    401 => Advice::GiveCredentials,
                    404 => Advice::CheckPath,
                    // The body says more.
                    _ => return None,
                }
            }
            Cause::Handshake(HandshakeError::ExpectsTls) => Advice::UseTls,
            Cause::Handshake(HandshakeError::Io(error)) | Cause::Tls(error) => {
                return tls_advice(error);
            }
            Cause::Handshake(_) | Cause::Redirect(_) => return None,
            Cause::Certificate(error) => match error {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    Advice::RenewCertificate
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    Advice::CheckClock
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => Advice::UseCertificateName,
                CertificateError::UnknownIssuer => Advice::TrustIssuer,
                error if is_authority(error) => Advice::TrustIssuer,
                _ => Advice::AcceptCertificate,
            },
        })
    }

    /// Sentence about the failure, with `url` in place of the server's, such as one without credentials; with "the
    /// server" for a reader who sees the URL beside it.
    #[must_use]
    pub fn sentence(&self, url: Option<&str>) -> String {
        let (start, url) = url.map_or(("The server", "the server"), |url| (url, url));
        match &self.cause {
            Cause::Unreachable(source @ (DialError::Refused(_) | DialError::Unchecked(_))) => {
                format!("{start} was not dialed: {source}.")
            }
            Cause::Unreachable(source) => format!("Cannot connect to {url}: {source}."),
            Cause::TimedOut(TimedOut { stage, limit }) => {
                let seconds = limit.as_secs_f64();
                format!("{start} did not answer within {seconds} s: {stage} was not done.")
            }
            Cause::Refused => {
                let status = self.refusal().map(Response::status_line).unwrap_or_default();
                format!(
                    "{start} answered with HTTP status {status} instead of opening a WebSocket."
                )
            }
            Cause::Handshake(source) if self.url.is_secure() && ends_at_once(source) => format!(
                "{start} closed the connection after TLS. Does it require a client certificate, or another one?"
            ),
            Cause::Handshake(source) => {
                let remark = match source {
                    HandshakeError::Io(error) => tls_remark(error),
                    _ => "",
                };
                format!("WebSocket handshake with {url} failed: {source}.{remark}")
            }
            Cause::Certificate(source) => {
                format!("The certificate of {url} {}.", certificate_fault(source))
            }
            Cause::Tls(source) => {
                let (reason, remark) = (io_error_kind(source), tls_remark(source));
                format!("TLS handshake with {url} failed: {reason}.{remark}")
            }
            Cause::Redirect(source) => format!("{start} cannot be followed: {source}."),
        }
    }
}

impl std::error::Error for ConnectError {}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Some(&self.url.to_string())))
    }
}

/// True if the connection ended in place of a response.
fn ends_at_once(error: &HandshakeError) -> bool {
    match error {
        HandshakeError::Closed => true,
        HandshakeError::Io(error) => error.kind() == io::ErrorKind::ConnectionReset,
        _ => false,
    }
}

/// Error of rustls within an error of a stream.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// Advice by the TLS alert or record of the server; `None` for other errors.
fn tls_advice(error: &io::Error) -> Option<Advice> {
    use rustls::Error::{AlertReceived, InvalidMessage as Invalid};
    match tls_error(error)? {
        Invalid(InvalidMessage::InvalidContentType) => Some(Advice::UsePlain),
        AlertReceived(AlertDescription::CertificateRequired) => Some(Advice::GiveClientCertificate),
        _ => None,
    }
}

/// Meaning of a TLS alert, as a sentence after a space, or nothing.
fn tls_remark(error: &io::Error) -> &'static str {
    let Some(rustls::Error::AlertReceived(alert)) = tls_error(error) else { return "" };
    match alert {
        AlertDescription::ProtocolVersion => " The server offers no TLS 1.2 or 1.3.",
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown => " The server rejects the client certificate.",
        _ => "",
    }
}

/// Reason why a certificate is not accepted, after "The certificate of …".
fn certificate_fault(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired => "has expired".to_owned(),
        CertificateError::ExpiredContext { time, not_after } => {
            match time.as_secs().saturating_sub(not_after.as_secs()) / (24 * 60 * 60) {
                0 => "expired today".to_owned(),
                1 => "expired a day ago".to_owned(),
                days => format!("expired {days} days ago"),
            }
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet".to_owned()
        }
        CertificateError::NotValidForName => "is for another host".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<_> = presented.iter().take(MAX_NAMES).map(|name| bare(name)).collect();
            format!("is for another host: {}", names.join(", "))
        }
        error if is_authority(error) => {
            "is not trusted: it is an authority's, or signed by itself".to_owned()
        }
        CertificateError::Other(_) if error.to_string().contains("UnsupportedCertVersion") => {
            "is of X.509 version 1 or 2, which is not supported: the server needs one of version 3"
                .to_owned()
        }
        CertificateError::UnknownIssuer => "is not trusted: its issuer is unknown".to_owned(),
        error => {
            format!("is not trusted: {}", rustls::Error::InvalidCertificate(error.clone()))
        }
    }
}

/// True of a certificate that is marked as an authority's, as most are that are signed by themselves.
fn is_authority(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(_)) && error.to_string().contains("CaUsedAsEndEntity")
}

/// Name in rustls's form, `DnsName("example.org")`, without that form.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, name)| name.strip_suffix(')')).unwrap_or(name);
    session::visible_line(inner.trim_matches('"')).into_owned()
}

impl From<DialError> for Cause {
    fn from(error: DialError) -> Self {
        match error {
            DialError::TimedOut(error) => Self::TimedOut(error),
            error => Self::Unreachable(error),
        }
    }
}

impl From<TimedOut> for Cause {
    fn from(error: TimedOut) -> Self {
        Self::TimedOut(error)
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
        match certificate_error(&error) {
            Some(source) => Self::Certificate(source.clone()),
            None => Self::Tls(error),
        }
    }
}
