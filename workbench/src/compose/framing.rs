//! Framing: frames other than one of a message, which only a connection through the page's server sends.

use ::relay::{Fragments, MAX_FRAMES};
use serde::{Deserialize, Serialize};
use session::Message;

use super::draft_error::DraftError;

/// Payload of a ping or pong in bytes, at most (RFC 6455 section 5.5).
const MAX_CONTROL_BYTES: usize = 125;

/// Frames that carry the bytes of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Framing {
    /// Message in this many uncompressed fragments of about the same length, in spite of negotiated compression.
    Uncompressed(u32),
    /// Message in fragments of this many bytes each, at most [`MAX_FRAMES`] of them.
    FragmentBytes(u32),
    /// Message in this many fragments of about the same length, at most [`MAX_FRAMES`].
    FragmentCount(u32),
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
    /// False of frames that end the connection, or may.
    #[must_use]
    pub fn can_repeat(self) -> bool {
        !matches!(self, Self::Close(_) | Self::Raw)
    }

    /// Returns the message if the frames can carry it; one without a choice of them is in any.
    ///
    /// # Errors
    /// [`DraftError::TooLongFor`] if it is too long.
    pub fn checked(framing: Option<Self>, message: Message) -> Result<Message, DraftError> {
        let most = match framing {
            Some(Self::Ping | Self::Pong) => MAX_CONTROL_BYTES,
            // The code takes two bytes of the payload.
            Some(Self::Close(Some(_))) => MAX_CONTROL_BYTES - 2,
            Some(Self::Close(None)) => 0,
            Some(Self::FragmentBytes(bytes)) => MAX_FRAMES.saturating_mul(bytes as usize),
            Some(Self::Uncompressed(_) | Self::FragmentCount(_) | Self::Raw) | None => usize::MAX,
        };
        let is_short = message.len() <= most;
        is_short.then_some(message).ok_or(DraftError::TooLongFor { most })
    }

    /// Fragments of a message of `len` bytes.
    pub(crate) fn fragments(self, len: usize) -> Fragments {
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        match self {
            Self::FragmentBytes(bytes) => {
                Fragments::Bytes(bytes.max(number(len.div_ceil(MAX_FRAMES))).max(1))
            }
            Self::FragmentCount(count) | Self::Uncompressed(count) => {
                Fragments::Count(count.min(number(MAX_FRAMES)))
            }
            _ => Fragments::NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_frame_carries_as_much_as_the_protocol_allows() {
        let fits = |framing: Framing, len| {
            Framing::checked(Some(framing), Message::Binary(vec![0; len])).is_ok()
        };
        assert!(fits(Framing::Ping, 125) && !fits(Framing::Ping, 126));
        assert!(fits(Framing::Close(Some(1)), 123) && !fits(Framing::Close(Some(1)), 124));
        assert!(fits(Framing::Close(None), 0) && !fits(Framing::Close(None), 1));
        assert!(fits(Framing::Raw, 4_096));
        let [most, more] = [4_096, 4_097].map(|len| fits(Framing::FragmentBytes(1), len));
        assert!(most && !more && fits(Framing::FragmentBytes(2), 4_097));
        assert!(Framing::checked(None, Message::Binary(vec![0; 126])).is_ok());
    }

    #[test]
    fn a_message_is_in_no_more_fragments_than_the_server_makes() {
        assert_eq!(Framing::FragmentBytes(3).fragments(10), Fragments::Bytes(3));
        assert_eq!(Framing::FragmentBytes(0).fragments(0), Fragments::Bytes(1));
        assert_eq!(Framing::FragmentBytes(1).fragments(MAX_FRAMES + 1), Fragments::Bytes(2));
        assert_eq!(Framing::FragmentCount(3).fragments(2), Fragments::Count(3));
        assert_eq!(Framing::FragmentCount(u32::MAX).fragments(2), Fragments::Count(4_096));
        assert_eq!(Framing::Ping.fragments(10), Fragments::NONE);
    }
}
