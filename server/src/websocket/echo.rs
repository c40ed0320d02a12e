//! Plain echo: the handler of `/`, `/ws`, and `/echo` without options.

use std::borrow::Cow;

use protocol::Kind;

use super::handler::{Handler, Responder};

/// Prefix of a text in [`Echo::Greeting`].
const GREETING: &[u8] = b"Echo: ";

/// Form of an echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    /// Text `M` as text `Echo: M`; binary unchanged.
    Greeting,
    /// Text and binary unchanged.
    Verbatim,
}

impl Echo {
    /// Payload of the answer, in a message of the same kind.
    fn reply(self, kind: Kind, payload: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
        match (self, kind) {
            (Self::Greeting, Kind::Text) => Cow::Owned([GREETING, &payload].concat()),
            _ => payload,
        }
    }
}

impl Handler for Echo {
    #[inline]
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, responder: &mut Responder<'_>) {
        responder.message(kind, self.reply(kind, payload));
    }

    fn is_active(&self) -> bool {
        false
    }
}
