//! Failure to open a connection: its cause, as the page tells it apart.

use connector::{ConnectError, Stage};
use relay::{Failure, FailureCause};

use super::destination::Destination;

/// Failure of an attempt to `destination`.
pub(super) fn failure(error: &ConnectError, destination: &Destination) -> Failure {
    let cause = match error.refused_address() {
        Some(refused) => destination.cause(refused),
        None => match cause(&error.kind()) {
            // Accepted for the target, it would be for where a redirect led: that is another question.
            FailureCause::Certificate if !destination.is_target(error.url().host()) => {
                FailureCause::Redirect
            }
            cause => cause,
        },
    };
    let stage = error.opening().times.iter().last().map(|(stage, _)| stage_of(stage));
    Failure { cause, stage, sentence: error.to_string() }
}

/// Failure by an option that cannot be used.
pub(super) fn wrong_option(sentence: String) -> Failure {
    Failure { cause: FailureCause::Option, stage: None, sentence }
}

/// Stage of an opening, as the page knows it.
pub(super) fn stage_of(stage: Stage) -> relay::Stage {
    match stage {
        Stage::Name => relay::Stage::Name,
        Stage::Tcp => relay::Stage::Tcp,
        Stage::Proxy => relay::Stage::Proxy,
        Stage::Tls => relay::Stage::Tls,
        Stage::Http => relay::Stage::Http,
    }
}

/// Cause by the category of an error.
fn cause(kind: &str) -> FailureCause {
    match kind {
        "unknown host" => FailureCause::UnknownHost,
        "proxy" => FailureCause::Proxy,
        "no answer to the handshake" => FailureCause::TimedOut,
        "handshake" => FailureCause::Handshake,
        "certificate" => FailureCause::Certificate,
        "TLS" => FailureCause::Tls,
        "redirect" => FailureCause::Redirect,
        kind if kind.starts_with("HTTP ") => FailureCause::Status,
        // Errors of the system, such as `connection refused`.
        _ => FailureCause::Unreachable,
    }
}
