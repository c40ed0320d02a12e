//! What the server answers.

use axum::extract::ws::{Message, Utf8Bytes};

/// How an endpoint answers a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    /// Text `M` with text `Echo: M`; binary with the same bytes.
    Greeting,
    /// Both as they came.
    Verbatim,
}

impl Echo {
    /// The answer to `message`; `None` for control frames, which the engine answers.
    pub(crate) fn answer(self, message: Message) -> Option<Message> {
        match (self, message) {
            (Self::Greeting, Message::Text(text)) => {
                Some(Message::Text(Utf8Bytes::from(format!("Echo: {text}"))))
            }
            (_, message @ (Message::Text(_) | Message::Binary(_))) => Some(message),
            (_, Message::Ping(_) | Message::Pong(_) | Message::Close(_)) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_is_for_text_only() {
        assert_eq!(Echo::Greeting.answer(Message::text("hi")), Some(Message::text("Echo: hi")));
        let bytes = Message::binary(vec![0xff, 0x00]);
        assert_eq!(Echo::Greeting.answer(bytes.clone()), Some(bytes));
    }

    #[test]
    fn verbatim_changes_nothing() {
        for message in [Message::text("hi"), Message::text(""), Message::binary(vec![0xff, 0x00])] {
            assert_eq!(Echo::Verbatim.answer(message.clone()), Some(message));
        }
    }
}
