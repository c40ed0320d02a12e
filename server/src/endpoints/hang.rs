//! `/hang`: a stage of a connection that is never completed.

use std::{borrow::Cow, time::Duration};

use protocol::Kind;

use super::{Answer, Endpoint, Plan, ask::LONGEST};
use crate::conduct::{Conduct, Speech};

/// How long a hanging connection keeps its place, unless the URL says.
const HANG: Duration = Duration::from_mins(1);

#[derive(Clone, Copy)]
enum Stage {
    Accept,
    Handshake,
    Close,
}

pub(super) fn endpoint() -> Endpoint {
    let summary = "Never completes a stage of the connection, and drops it after a time";
    Endpoint::new("/hang", "Ends", summary, |ask| {
        let stage = ask.choice(
            "stage",
            "accept: the request is read and nothing is answered; handshake: the answer begins and \
             never ends (over HTTP/2 as accept); close: echoes, and leaves the client's Close frame \
             without an answer",
            &[("accept", Stage::Accept), ("handshake", Stage::Handshake), ("close", Stage::Close)],
            Stage::Accept,
        );
        let time = ask.time(
            "for",
            "Time after which the connection is dropped",
            HANG,
            Duration::from_millis(1)..=LONGEST,
        );
        match stage {
            Stage::Accept => Plan::no_websocket(Answer::Never(time)),
            Stage::Handshake => Plan::no_websocket(Answer::Half(time)),
            Stage::Close => Plan::conduct(move |_| DeafToClose(time)),
        }
    })
    .dangerous()
}

/// Echoes, and leaves a Close frame unanswered for a time.
struct DeafToClose(Duration);

impl Conduct for DeafToClose {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        speech.message(kind, payload);
    }

    fn acts(&self) -> bool {
        false
    }

    fn ignores_close(&self) -> Option<Duration> {
        Some(self.0)
    }
}
