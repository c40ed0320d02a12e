//! `/reject`: an HTTP status instead of a WebSocket.
//!
//! `/reject?status=503&retry_after=5s` tests how a client reports a refusal, and its retries.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};

use crate::endpoints::{
    endpoint::{Endpoint, Group, Plan, PlannedResponse},
    options::MAX_DURATION,
};

/// `WWW-Authenticate` of a 401, which requires it (RFC 9110 section 15.5.2).
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"wsbench\"");

/// Declares `/reject`, with any final status from 200 on: a client has to refuse a 200, too.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Rejects the handshake with an HTTP status";
    Endpoint::new("/reject", Group::Handshake, summary, |options| {
        let status = options.integer("status", "HTTP status", 200..=599).or(401);
        let summary = "Value of Retry-After, rounded up to seconds";
        let retry_after = options.time("retry_after", summary, Duration::ZERO..=MAX_DURATION);
        let retry_after = retry_after.optional();
        // Every number of the range is a status.
        let status = u16::try_from(status).ok().and_then(|it| StatusCode::from_u16(it).ok());
        let status = status.unwrap_or(StatusCode::UNAUTHORIZED);
        // Some have neither content nor Content-Length (RFC 9110 sections 8.6 and 15.3.6).
        let mut response = match status {
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED => {
                status.into_response()
            }
            _ => (status, format!("Rejected with {status}, as requested.\n")).into_response(),
        };
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        if let Some(wait) = retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        Plan::no_websocket(PlannedResponse::Http(response))
    })
    .details("As in RFC 6455 section 4.2.2")
}
