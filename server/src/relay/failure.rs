//! Failure to open a connection: its cause, as the page tells it apart.

use std::time::Duration;

use connector::{Advice, ConnectError, ErrorKind, OpeningReport, ServerUrl};
use relay::{Failure, FailureCause, Stage};

use super::destination::Destination;

/// Failure of an attempt to `url`, which is `destination`.
pub(super) fn failure(error: &ConnectError, url: &ServerUrl, destination: &Destination) -> Failure {
    let cause = match error.refused_address() {
        Some(refused) => destination.cause(refused),
        None => match cause(&error.kind()) {
            // Accepted for the target, it would be for where a redirect led: that is another question.
            FailureCause::Certificate if is_redirected(error) => FailureCause::Redirect,
            cause => cause,
        },
    };
    let cause = match error.advice() {
        // An option that lacks something fails again and again.
        Some(Advice::GiveProxyCredentials) => FailureCause::Option,
        Some(Advice::UsePlain) if !is_redirected(error) => FailureCause::NoTls,
        Some(Advice::UseTls) if !is_redirected(error) => FailureCause::OnlyTls,
        _ => cause,
    };
    Failure { cause, times: stage_times(error.opening()), sentence: sentence(error, url, cause) }
}

/// True of a failure where a redirect led, which may be back to the first URL.
fn is_redirected(error: &ConnectError) -> bool {
    !error.opening().redirects.is_empty()
}

/// Sentence on a failure: the error, the redirect that led to it, and what may help. The page shows the URL beside it.
fn sentence(error: &ConnectError, url: &ServerUrl, cause: FailureCause) -> String {
    let mut sentence = error.sentence(None);
    if is_redirected(error) {
        sentence = format!("Redirected by {url}: {error}");
        if cause == FailureCause::RefusedAddress {
            sentence += " A redirect can only lead to the internet or to the same host.";
        }
    }
    sentence += match error.advice() {
        Some(Advice::GiveProxyCredentials) => {
            " Give a user name and password that the proxy accepts: http://name:password@host:port."
        }
        Some(Advice::GiveClientCertificate) => " The server requires a client certificate.",
        Some(Advice::StartServer) => " Is the server running?",
        Some(Advice::CheckName) => " Is the name right?",
        _ => "",
    };
    sentence
}

/// Failure by an option that cannot be used.
pub(super) fn wrong_option(sentence: String) -> Failure {
    Failure { cause: FailureCause::Option, times: Vec::new(), sentence }
}

/// Stages of an opening with their microseconds, as the page knows them.
pub(super) fn stage_times(opening: &OpeningReport) -> Vec<(Stage, u64)> {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    opening.times.iter().map(|(stage, time)| (stage, micros(time))).collect()
}

/// Cause by the category of an error.
fn cause(kind: &ErrorKind) -> FailureCause {
    match kind {
        ErrorKind::UnknownHost => FailureCause::UnknownHost,
        ErrorKind::RefusedAddress => FailureCause::RefusedAddress,
        ErrorKind::Proxy => FailureCause::Proxy,
        ErrorKind::TimedOut(_) => FailureCause::TimedOut,
        ErrorKind::Handshake => FailureCause::Handshake,
        ErrorKind::Certificate => FailureCause::Certificate,
        ErrorKind::Tls => FailureCause::Tls,
        ErrorKind::Redirect => FailureCause::Redirect,
        ErrorKind::Status(_) => FailureCause::Status,
        ErrorKind::Io(_) => FailureCause::Unreachable,
    }
}
