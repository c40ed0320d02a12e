//! `/time`: the time, periodically.

use std::{
    borrow::Cow,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use protocol::Kind;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::{
    endpoints::{
        endpoint::{Endpoint, Group, Plan},
        options::MAX_DURATION,
    },
    websocket::handler::{Finish, Handler, Responder},
};

/// Declares `/time`, with an interval of 1 ms to an hour.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Sends the time periodically; ignores input";
    Endpoint::new("/time", Group::Streams, summary, |options| {
        let range = Duration::from_millis(1)..=MAX_DURATION;
        let every = options.time("every", "Interval of the messages", range);
        let every = every.or(Duration::from_secs(1));
        Plan::handler(move |_| {
            let mut interval = interval(every);
            // A slow reader gets no backlog of old times.
            interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
            Clock(interval)
        })
    })
    .details("The time is UTC, as in RFC 3339; the first is sent at once")
}

/// Handler that sends the time at an interval.
struct Clock(Interval);

impl Handler for Clock {
    fn on_message(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Responder<'_>) {}

    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        while responder.has_room() && self.0.poll_tick(context).is_ready() {
            responder.message(Kind::Text, rfc3339(SystemTime::now()).into_bytes().into());
        }
        Poll::Pending
    }
}

/// Formats a time by RFC 3339, in UTC with microseconds.
pub(in crate::endpoints) fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_micros(time).to_string()
}
