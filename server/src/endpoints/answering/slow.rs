//! `/slow`: a throttled connection.

use crate::{
    endpoints::endpoint::{Endpoint, Group, Plan},
    websocket::{handshake::response::Negotiation, transport::throttle::Throttle},
};

/// Declares `/slow`. Each direction has a limit of its own; without any it is a plain echo.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Echoes with limited bandwidth";
    Endpoint::new("/slow", Group::Echo, summary, |options| {
        let read = options.byte_rate_if("read", "Maximum receive rate, frame headers included");
        let write = options.byte_rate_if("write", "Maximum send rate, frame headers included");
        Plan { throttle: Throttle { read, write }, ..Plan::echo(Negotiation::default()) }
    })
}
