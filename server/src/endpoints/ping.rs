//! `/ping` and `/no-pong`: pings in plenty, and pings without an answer.

use std::{
    borrow::Cow,
    task::{Context, Poll},
    time::Duration,
};

use protocol::Kind;
use tokio::time::{Interval, interval};

use super::{Endpoint, Plan, ask::LONGEST};
use crate::conduct::{Conduct, Finish, Speech};

pub(super) fn ping() -> Endpoint {
    let summary = "Pings the client, each time with the next number from 0 as payload \
                   (RFC 6455 section 5.5.2); echoes";
    Endpoint::new("/ping", "Speaks", summary, |ask| {
        let every = ask.time(
            "every",
            "From one ping to the next; the first comes at once",
            Duration::from_secs(1),
            Duration::from_millis(1)..=LONGEST,
        );
        Plan::conduct(move |_| Pings { interval: interval(every), next: 0 })
    })
}

pub(super) fn no_pong() -> Endpoint {
    let summary = "Answers no ping, though RFC 6455 section 5.5.2 asks for a pong; echoes";
    Endpoint::new("/no-pong", "Speaks", summary, |_| Plan::conduct(|_| NoPong))
}

struct Pings {
    interval: Interval,
    next: u64,
}

impl Conduct for Pings {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        speech.message(kind, payload);
    }

    fn poll(&mut self, context: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        while speech.has_room() && self.interval.poll_tick(context).is_ready() {
            speech.outbox.ping(self.next.to_string().as_bytes());
            self.next += 1;
        }
        Poll::Pending
    }
}

struct NoPong;

impl Conduct for NoPong {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        speech.message(kind, payload);
    }

    fn answer_ping(&mut self, _: &[u8], _: &mut Speech<'_>) {}

    fn acts(&self) -> bool {
        false
    }
}
