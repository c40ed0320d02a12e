//! The plain echo, which answers where no option asks for more.

use std::borrow::Cow;

use protocol::Kind;

use crate::conduct::{Conduct, Speech};

/// What the greeting puts before a text.
const GREETING: &[u8] = b"Echo: ";

/// What a message is answered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    /// Text `M` with text `Echo: M`; binary with the same bytes.
    Greeting,
    /// Both as they came.
    Verbatim,
}

impl Echo {
    /// The payload that answers `payload`, in a message of the same kind.
    fn reply(self, kind: Kind, payload: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
        match (self, kind) {
            (Self::Greeting, Kind::Text) => Cow::Owned([GREETING, &payload].concat()),
            _ => payload,
        }
    }
}

impl Conduct for Echo {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        speech.message(kind, self.reply(kind, payload));
    }

    fn acts(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(echo: Echo, kind: Kind, payload: &[u8]) -> Vec<u8> {
        echo.reply(kind, Cow::Borrowed(payload)).into_owned()
    }

    #[test]
    fn the_greeting_is_for_text_only() {
        assert_eq!(answer(Echo::Greeting, Kind::Text, b"hi"), b"Echo: hi");
        assert_eq!(answer(Echo::Greeting, Kind::Binary, &[0xff, 0x00]), [0xff, 0x00]);
    }

    #[test]
    fn verbatim_changes_nothing() {
        for (kind, payload) in
            [(Kind::Text, &b"hi"[..]), (Kind::Text, b""), (Kind::Binary, b"\xff")]
        {
            assert_eq!(answer(Echo::Verbatim, kind, payload), payload);
        }
    }
}
