//! What a peer can do wrong.

use crate::close::code;

/// A breach of the protocol or of a bound. The connection cannot go on after it: send a Close frame
/// with [`Violation::close_code`], then end it (RFC 6455 section 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// RSV2 or RSV3; or RSV1 where no extension gives it a meaning.
    #[error("A reserved bit is set (RFC 6455 section 5.2)")]
    ReservedBit,
    /// 3 to 7, or 11 to 15.
    #[error("Opcode {0} is reserved (RFC 6455 section 5.2)")]
    ReservedOpcode(u8),
    /// A length in more bytes than it takes, or past 2^63 - 1.
    #[error("The payload length is not encoded in the fewest bytes (RFC 6455 section 5.2)")]
    Length,
    /// A client's frame without a mask.
    #[error("A frame from a client is not masked (RFC 6455 section 5.1)")]
    Unmasked,
    /// A control frame without FIN.
    #[error("A control frame is fragmented (RFC 6455 section 5.5)")]
    FragmentedControl,
    /// A control frame of more than 125 bytes.
    #[error("A control frame is longer than 125 bytes (RFC 6455 section 5.5)")]
    LongControl,
    /// A continuation frame without a message to continue.
    #[error("There is no message to continue (RFC 6455 section 5.4)")]
    NothingToContinue,
    /// A new message before the last one was complete.
    #[error("A message began inside another (RFC 6455 section 5.4)")]
    Interleaved,
    /// A Close frame with a payload of one byte.
    #[error("A Close frame's payload is one byte (RFC 6455 section 5.5.1)")]
    CloseLength,
    /// A code that must not stand in a Close frame.
    #[error("{0} is not a code for a Close frame (RFC 6455 section 7.4)")]
    CloseCode(u16),
    /// A close reason or a text that is not UTF-8.
    #[error("Text is not UTF-8 (RFC 6455 section 8.1)")]
    Utf8,
    /// A compressed message that does not inflate.
    #[error("A compressed message does not inflate (RFC 7692 section 7.2.2)")]
    Deflate,
    /// More bytes in one frame than the bound.
    #[error("A frame is larger than {0} bytes")]
    LargeFrame(usize),
    /// More bytes in one message, after it was inflated, than the bound.
    #[error("A message is larger than {0} bytes")]
    LargeMessage(usize),
}

impl Violation {
    /// The code that tells the peer (RFC 6455 section 7.4.1): 1002, 1007 or 1009.
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Self::Utf8 | Self::Deflate => code::INVALID,
            Self::LargeFrame(_) | Self::LargeMessage(_) => code::TOO_BIG,
            _ => code::PROTOCOL,
        }
    }
}
