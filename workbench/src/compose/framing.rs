//! Framing: frames other than one of a message, which only a connection through the page's server sends.

use ::relay::MAX_FRAMES;
use serde::{Deserialize, Serialize};
use session::Message;

use super::draft_error::DraftError;

/// Payload of a ping or pong in bytes, at most (RFC 6455 section 5.5).
const CONTROL_BYTES: usize = 125;

/// Frames that carry the bytes of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Framing {
    /// Message in fragments of this many bytes each; longer ones where it would take too many.
    Fragments(u32),
    /// Ping.
    Ping,
    /// Pong that answers no ping.
    Pong,
    /// Close frame with any code, also one that RFC 6455 section 7.4 forbids, and the draft as its reason; an
    /// empty frame without a code.
    Close(Option<u16>),
    /// Bytes in no frame.
    Raw,
}

impl Framing {
    /// Returns the message if the frame can carry it.
    ///
    /// # Errors
    ///
    /// [`DraftError::TooLongFor`] if it is too long.
    pub fn check(self, message: Message) -> Result<Message, DraftError> {
        let most = match self {
            Self::Ping | Self::Pong => CONTROL_BYTES,
            // The code takes two bytes of the payload.
            Self::Close(Some(_)) => CONTROL_BYTES - 2,
            Self::Close(None) => 0,
            Self::Fragments(_) | Self::Raw => usize::MAX,
        };
        let is_short = message.len() <= most;
        is_short.then_some(message).ok_or(DraftError::TooLongFor { most })
    }

    /// Bytes of a fragment of a message of `len` bytes; 0 if it is not fragmented.
    pub(crate) fn fragment(self, len: usize) -> u32 {
        let least = u32::try_from(len.div_ceil(MAX_FRAMES)).unwrap_or(u32::MAX);
        match self {
            Self::Fragments(bytes) => bytes.max(least).max(1),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_frame_carries_as_much_as_the_protocol_allows() {
        let fits = |framing: Framing, len| framing.check(Message::Binary(vec![0; len])).is_ok();
        assert!(fits(Framing::Ping, 125) && !fits(Framing::Ping, 126));
        assert!(fits(Framing::Close(Some(1)), 123) && !fits(Framing::Close(Some(1)), 124));
        assert!(fits(Framing::Close(None), 0) && !fits(Framing::Close(None), 1));
        assert!(fits(Framing::Raw, 4_096));
    }

    #[test]
    fn a_message_is_in_no_more_fragments_than_the_server_makes() {
        assert_eq!(Framing::Fragments(3).fragment(10), 3);
        assert_eq!(Framing::Fragments(0).fragment(0), 1);
        assert_eq!(Framing::Fragments(1).fragment(MAX_FRAMES + 1), 2);
        assert_eq!(Framing::Ping.fragment(10), 0);
    }
}
