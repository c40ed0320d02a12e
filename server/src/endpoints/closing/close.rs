//! `/close`: a closing handshake begun by the server.
//!
//! `/close?code=4001&reason=bye&after=3` closes after the third echo. The connection ends when the
//! client has answered the Close frame, or after [`Limits::close_timeout`](crate::Limits).

use std::{
    borrow::Cow,
    task::{Context, Poll},
    time::Duration,
};

use protocol::{Close, Kind, REASON_LEN, close_code};

use crate::{
    endpoints::{
        countdown::Countdown,
        endpoint::{Endpoint, Group, Plan},
        options::{After, Options},
    },
    websocket::handler::{Finish, Handler, Responder},
};

/// Declares `/close`, with any code that may be sent (RFC 6455 section 7.4).
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Closes with a given code and reason";
    Endpoint::new("/close", Group::Close, summary, |options| {
        let close = close_option(options);
        let after = after_option(options, "Messages or time before the close");
        Plan::handler(move |_| EchoUntil::new(after, Finish::Close(close)))
    })
    .details("Echoes until then")
}

/// Reads close code and reason; `None` for an empty Close frame.
pub(in crate::endpoints) fn close_option(options: &mut Options<'_>) -> Option<Close> {
    let code = options.parsed(
        "code",
        "Close code; 1005 for an empty Close frame",
        ("1000", close_code::NORMAL),
        "1000 to 1003, 1005, 1007 to 1014, or 3000 to 4999 (RFC 6455 section 7.4; \
         for others see /fault/close-code)",
        |text| {
            let is_allowed = |code: &u16| *code == close_code::NONE || close_code::is_valid(*code);
            text.parse().ok().filter(is_allowed)
        },
    );
    let reason = options.text("reason", "Close reason", "", REASON_LEN);
    (code != close_code::NONE).then_some(Close { code, reason })
}

/// Reads the trigger of an event, at once by default.
pub(in crate::endpoints) fn after_option(
    options: &mut Options<'_>,
    summary: &'static str,
) -> After {
    options.after("after", summary).or(After::Time(Duration::ZERO))
}

/// Handler that echoes until a trigger, then ends the connection.
pub(super) struct EchoUntil {
    countdown: Countdown,
    finish: Finish,
}

impl EchoUntil {
    /// Starts the countdown with the opening.
    pub(super) fn new(after: After, finish: Finish) -> Self {
        Self { countdown: Countdown::begin(after), finish }
    }
}

impl Handler for EchoUntil {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, responder: &mut Responder<'_>) {
        if !self.countdown.is_over() {
            responder.message(kind, payload);
            self.countdown.count();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, _: &mut Responder<'_>) -> Poll<Finish> {
        self.countdown.poll(context).map(|()| self.finish.clone())
    }
}
