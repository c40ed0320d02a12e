//! `/time`: what time it is, again and again.

use std::{
    borrow::Cow,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use protocol::Kind;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{Endpoint, Plan, ask::LONGEST};
use crate::conduct::{Conduct, Finish, Speech};

pub(super) fn endpoint() -> Endpoint {
    let summary = "Says the time (RFC 3339, UTC) at once and again and again; answers nothing";
    Endpoint::new("/time", "Speaks", summary, |ask| {
        let every = ask.time(
            "every",
            "From one message to the next",
            Duration::from_secs(1),
            Duration::from_millis(1)..=LONGEST,
        );
        Plan::conduct(move |_| {
            let mut interval = interval(every);
            // Who is late is not told what time it was.
            interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
            Clock(interval)
        })
    })
}

struct Clock(Interval);

impl Conduct for Clock {
    fn answer(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Speech<'_>) {}

    fn poll(&mut self, context: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        while speech.has_room() && self.0.poll_tick(context).is_ready() {
            speech.message(Kind::Text, shown(SystemTime::now()).into_bytes().into());
        }
        Poll::Pending
    }
}

/// A moment as RFC 3339 has it, to the microsecond.
pub(super) fn shown(moment: SystemTime) -> String {
    humantime::format_rfc3339_micros(moment).to_string()
}
