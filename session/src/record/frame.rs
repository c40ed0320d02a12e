//! Frame on the wire, as a record shows it.

use std::{fmt, num::ParseIntError};

use serde::{Deserialize, Serialize};

/// Frame (RFC 6455 section 5.2), without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Opcode.
    pub opcode: FrameOpcode,
    /// FIN: the last frame of its message.
    pub fin: bool,
    /// RSV1: the message that begins is compressed (RFC 7692 section 6).
    pub rsv1: bool,
    /// Masking key; `None` if unmasked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// Bytes of the header on the wire.
    pub header: u8,
    /// Bytes of the payload on the wire.
    pub size: u64,
    /// Bytes that the payload inflates to; `None` if it is not compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflated: Option<u64>,
}

/// Masking key, written as eight hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Mask(pub [u8; 4]);

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl From<Mask> for String {
    fn from(mask: Mask) -> Self {
        mask.to_string()
    }
}

impl TryFrom<String> for Mask {
    type Error = ParseIntError;

    fn try_from(digits: String) -> Result<Self, ParseIntError> {
        u32::from_str_radix(&digits, 16).map(|key| Self(key.to_be_bytes()))
    }
}

/// Opcode of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "named as in RFC 6455 section 5.2")]
pub enum FrameOpcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}
