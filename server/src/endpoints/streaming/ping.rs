//! `/ping` and `/no-pong`: pings of the server, and pings left unanswered.
//!
//! `/ping?every=100ms` tests that a client answers pings with pongs; `/no-pong` that it notices missing
//! pongs. The server's own keep-alive works on both.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Interval, interval};

use crate::{
    endpoints::{
        endpoint::{Endpoint, Group, Plan},
        options::MAX_DURATION,
    },
    websocket::handler::{Finish, Handler, Responder},
};

/// Declares `/ping`, with an interval of 1 ms to an hour.
pub(in crate::endpoints) fn ping() -> Endpoint {
    let summary = "Sends pings with a counter; echoes";
    Endpoint::new("/ping", Group::Streams, summary, |options| {
        let summary = "Interval of the pings; the first is sent at once";
        let every = options.time("every", summary, Duration::from_millis(1)..=MAX_DURATION);
        let every = every.or(Duration::from_secs(1));
        Plan::handler(move |_| Ping { interval: interval(every), next: 0 })
    })
    .details("The payload counts from 0 (RFC 6455 section 5.5.2)")
}

/// Declares `/no-pong`. It is on even with `--no-faults`: it harms only the client that asks for
/// it.
pub(in crate::endpoints) fn no_pong() -> Endpoint {
    let summary = "Ignores pings; echoes";
    Endpoint::new("/no-pong", Group::Streams, summary, |_| Plan::handler(|_| NoPong))
        .details("A violation of RFC 6455 section 5.5.2")
}

/// Handler that echoes, and pings at an interval.
struct Ping {
    /// Timer of the pings; missed ones are made up for.
    interval: Interval,
    /// Counter in the payload of the next ping.
    next: u64,
}

impl Handler for Ping {
    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        while responder.has_room() && self.interval.poll_tick(context).is_ready() {
            responder.outbox.ping(self.next.to_string().as_bytes());
            self.next += 1;
        }
        Poll::Pending
    }
}

/// Handler that echoes, and ignores pings.
struct NoPong;

impl Handler for NoPong {
    fn on_ping(&mut self, _: &[u8], _: &mut Responder<'_>) {}

    fn is_active(&self) -> bool {
        false
    }
}
