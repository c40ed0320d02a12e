//! `/reject`: an answer of HTTP instead of a WebSocket.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};

use super::{Answer, Endpoint, Plan, ask::LONGEST};

/// What 401 must come with (RFC 9110 section 15.5.2).
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"wsbench\"");

pub(super) fn endpoint() -> Endpoint {
    let summary = "Answers with an HTTP status and opens no WebSocket (RFC 6455 section 4.2.2)";
    Endpoint::new("/reject", "Opens", summary, |ask| {
        let status = ask.integer("status", "The status", 401, 200..=599);
        let retry_after = ask.time_if(
            "retry_after",
            "What Retry-After says, in seconds that are begun",
            Duration::ZERO..=LONGEST,
        );
        // The range has none that is not a status.
        let status = u16::try_from(status).ok().and_then(|it| StatusCode::from_u16(it).ok());
        let status = status.unwrap_or(StatusCode::UNAUTHORIZED);
        // Some have no content, nor the length of one (RFC 9110 sections 8.6 and 15.3.6).
        let mut response = match status {
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED => {
                status.into_response()
            }
            _ => (status, format!("Refused with {status}, as asked.\n")).into_response(),
        };
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        if let Some(wait) = retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        Plan::no_websocket(Answer::Http(response))
    })
}
