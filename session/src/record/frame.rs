//! Frame on the wire, as a record shows it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Frame (RFC 6455 section 5.2), without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "bits of the frame, each a member of its JSON")]
pub struct Frame {
    /// Opcode.
    pub opcode: FrameOpcode,
    /// FIN: the last frame of its message.
    pub fin: bool,
    /// RSV1: the message that begins is compressed (RFC 7692 section 6).
    pub rsv1: bool,
    /// RSV2, which no extension here defines.
    #[serde(default, skip_serializing_if = "is_not_set")]
    pub rsv2: bool,
    /// RSV3, as RSV2.
    #[serde(default, skip_serializing_if = "is_not_set")]
    pub rsv3: bool,
    /// Masking key; `None` if unmasked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// Bytes of the header on the wire.
    pub header: u8,
    /// Bytes of the payload on the wire; `None` of a header that was refused before they arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Bytes that the payload inflates to; `None` if it is not compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflated: Option<u64>,
}

/// True for a flag that is not set.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_not_set(flag: &bool) -> bool {
    !flag
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
    type Error = &'static str;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        // Neither fewer digits nor a sign, which a number may have.
        let is_key = digits.len() == 8 && !digits.starts_with('+');
        let key = u32::from_str_radix(&digits, 16).ok().filter(|_| is_key);
        key.map(|key| Self(key.to_be_bytes())).ok_or("a masking key is eight hexadecimal digits")
    }
}

/// Opcode of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameOpcode {
    /// 0x0
    Continuation,
    /// 0x1
    Text,
    /// 0x2
    Binary,
    /// 0x8
    Close,
    /// 0x9
    Ping,
    /// 0xA
    Pong,
    /// 3 to 7 and 11 to 15, written as the number.
    #[serde(untagged)]
    Reserved(u8),
}

impl fmt::Display for FrameOpcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Continuation => "continuation",
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Close => "close",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Reserved(opcode) => return write!(f, "opcode {opcode}"),
        })
    }
}

impl From<u8> for FrameOpcode {
    fn from(opcode: u8) -> Self {
        match opcode {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            reserved => Self::Reserved(reserved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masking_key_is_eight_digits() {
        let key = |digits: &str| Mask::try_from(digits.to_owned()).ok();
        assert_eq!(key("0a1b2c3d"), Some(Mask([0x0a, 0x1b, 0x2c, 0x3d])));
        for wrong in ["", "1", "+a1b2c3d", "-a1b2c3d", "0a1b2c3d4", "0a1b2c3g"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
