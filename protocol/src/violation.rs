//! Violations: errors of a peer, and the close codes for them.

use crate::close_code;

/// Breach of the protocol or of a limit.
///
/// The connection must fail: send a Close frame with [`Violation::close_code`], then end it (RFC 6455
/// section 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// RSV2 or RSV3 set; or RSV1 without an extension that defines it. In the places of a frame's first byte.
    #[error("{} set (RFC 6455 section 5.2)", reserved_bits(*.0))]
    ReservedBit(u8),
    /// Opcode 3 to 7, or 11 to 15.
    #[error("Opcode {0} is reserved (RFC 6455 section 5.2)")]
    ReservedOpcode(u8),
    /// Length in more bytes than needed, or above 2^63 - 1.
    #[error("Payload length is not minimally encoded, or above 2^63 - 1 (RFC 6455 section 5.2)")]
    Length,
    /// Frame of a client without a mask.
    #[error("Client frame is not masked (RFC 6455 section 5.1)")]
    Unmasked,
    /// Frame of a server with a mask.
    #[error("Server frame is masked (RFC 6455 section 5.1)")]
    Masked,
    /// Control frame without FIN.
    #[error("Control frame is fragmented (RFC 6455 section 5.5)")]
    FragmentedControl,
    /// Control frame of more than 125 bytes.
    #[error("Control frame is longer than 125 bytes (RFC 6455 section 5.5)")]
    LongControl,
    /// Continuation frame without a message to continue.
    #[error("Continuation frame without a message (RFC 6455 section 5.4)")]
    NothingToContinue,
    /// New message before the last one is complete.
    #[error("New message inside a fragmented message (RFC 6455 section 5.4)")]
    Interleaved,
    /// Close frame with a payload of one byte.
    #[error("Payload of a Close frame is one byte (RFC 6455 section 5.5.1)")]
    CloseLength,
    /// Code that a Close frame must not contain.
    #[error("Close code {0} is not allowed in a Close frame (RFC 6455 section 7.4)")]
    CloseCode(u16),
    /// Text or close reason that is not UTF-8.
    #[error("Text is not UTF-8 (RFC 6455 section 8.1)")]
    Utf8,
    /// Compressed message that does not inflate.
    #[error("Compressed message does not inflate (RFC 7692 section 7.2.2)")]
    Deflate,
    /// Frame above the limit, in bytes.
    #[error("Frame is larger than {} bytes", grouped(*.0))]
    LargeFrame(usize),
    /// Message above the limit, in bytes, inflated.
    #[error("Message is larger than {} bytes", grouped(*.0))]
    LargeMessage(usize),
}

/// Number with its digits grouped by thousands.
fn grouped(number: usize) -> String {
    match number {
        ..1_000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
    }
}

/// Names of reserved bits, with their verb.
fn reserved_bits(bits: u8) -> &'static str {
    match bits & 0x70 {
        0x40 => "Reserved bit RSV1 is",
        0x20 => "Reserved bit RSV2 is",
        0x10 => "Reserved bit RSV3 is",
        0x30 => "Reserved bits RSV2 and RSV3 are",
        _ => "Reserved bits are",
    }
}

impl Violation {
    /// Close code for the peer (RFC 6455 section 7.4.1): 1002, 1007 or 1009.
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Self::Utf8 | Self::Deflate => close_code::INVALID,
            Self::LargeFrame(_) | Self::LargeMessage(_) => close_code::TOO_BIG,
            _ => close_code::PROTOCOL,
        }
    }
}
