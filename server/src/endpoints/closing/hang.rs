//! `/hang`: a connection stage that never completes.
//!
//! Tests a client's own timeouts: of the request, of the handshake, and of the closing handshake. A hanging
//! connection keeps its permit of the connection limit until it is dropped.

use std::time::Duration;

use crate::{
    endpoints::endpoint::{Endpoint, Group, Plan, PlannedResponse},
    websocket::handler::Handler,
};

/// Default time before a hanging connection is dropped. Longer than the timeouts of most clients.
const HANG: Duration = Duration::from_mins(1);

/// Max time before a hanging connection is dropped. A client that is gone may leave it hanging, at no cost to itself.
const MAX_HANG: Duration = Duration::from_mins(5);

/// Point to hang at.
#[derive(Clone, Copy)]
enum HangPoint {
    /// After the request: no response.
    Accept,
    /// Within the response, after its status line.
    Handshake,
    /// After the client's Close frame.
    Close,
}

/// Declares `/hang`.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Hangs in a stage of the connection";
    Endpoint::new("/hang", Group::Close, summary, |options| {
        let stage = options.choice(
            "stage",
            "Stage. accept: no response to the request; handshake: a response that stops after the status \
             line (over HTTP/2 as accept); close: echoes, but does not answer the client's Close frame",
            &[
                ("accept", HangPoint::Accept),
                ("handshake", HangPoint::Handshake),
                ("close", HangPoint::Close),
            ],
        );
        let summary = "Time before the connection is dropped";
        let time = options.time("for", summary, Duration::from_millis(1)..=MAX_HANG).or(HANG);
        match stage {
            HangPoint::Accept => Plan::no_websocket(PlannedResponse::Never(time)),
            HangPoint::Handshake => Plan::no_websocket(PlannedResponse::Stall(time)),
            HangPoint::Close => Plan::handler(move |_| HangingClose(time)),
        }
    })
    .details("Drops the connection after a time")
    .dangerous()
}

/// Handler that echoes, and leaves the peer's Close frame unanswered for a time.
struct HangingClose(Duration);

impl Handler for HangingClose {
    fn is_active(&self) -> bool {
        false
    }

    fn close_delay(&self) -> Option<Duration> {
        Some(self.0)
    }
}
