//! `/close`: a Close frame when it is asked for.

use std::{
    borrow::Cow,
    task::{Context, Poll},
    time::Duration,
};

use protocol::{Close, Kind, REASON_LEN, code};

use super::{
    Endpoint, Plan,
    after::Countdown,
    ask::{After, Ask},
};
use crate::conduct::{Conduct, Finish, Speech};

pub(super) fn endpoint() -> Endpoint {
    let summary = "Closes with a code and a reason of your choice; echoes until then";
    Endpoint::new("/close", "Ends", summary, |ask| {
        let close = ask_close(ask);
        let after = ask_after(ask, "When the server closes");
        Plan::conduct(move |_| EchoUntil::new(after, Finish::Close(close)))
    })
}

/// Asks for a code and a reason.
pub(super) fn ask_close(ask: &mut Ask<'_>) -> Option<Close> {
    let code = ask.word(
        "code",
        "The close code; with 1005 the Close frame is empty",
        ("1000", code::NORMAL),
        "1000 to 1003, 1005, 1007 to 1014, or 3000 to 4999 (RFC 6455 section 7.4; \
         for others there is /fault/close-code)",
        |text| text.parse().ok().filter(|code| *code == code::NONE || protocol::may_be_sent(*code)),
    );
    let reason = ask.text("reason", "The close reason", "", REASON_LEN);
    (code != code::NONE).then_some(Close { code, reason })
}

/// Asks when the end is to come: at once unless told otherwise.
pub(super) fn ask_after(ask: &mut Ask<'_>, summary: &'static str) -> After {
    ask.after("after", summary, After::Time(Duration::ZERO))
}

/// Echoes, and then ends the conversation.
pub(super) struct EchoUntil {
    countdown: Countdown,
    finish: Finish,
}

impl EchoUntil {
    pub(super) fn new(after: After, finish: Finish) -> Self {
        Self { countdown: Countdown::begin(after), finish }
    }
}

impl Conduct for EchoUntil {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        if !self.countdown.is_over() {
            speech.message(kind, payload);
            self.countdown.count();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, _: &mut Speech<'_>) -> Poll<Finish> {
        self.countdown.poll(context).map(|()| self.finish.clone())
    }
}
