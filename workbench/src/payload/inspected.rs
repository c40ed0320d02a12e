//! Inspected message: its first bytes and metadata.

use std::str;

use serde::{Deserialize, Serialize};
use session::{Direction, Payload, Time};

use super::{
    decode::{Decoded, Encoding},
    outline::Outline,
};
use crate::relay::MessageFrames;

/// Maximum inspected bytes: every view of them renders within a frame or two.
pub const MAX_PART_BYTES: usize = 256 << 10;

/// Inspected message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// Entry id.
    pub id: u64,
    /// Time of sending or receipt.
    pub at: Time,
    /// Direction.
    pub direction: Direction,
    /// True for a text message (RFC 6455 section 5.6), `false` for a binary one.
    pub is_text: bool,
    /// Size of the whole message in bytes.
    pub size: u64,
    /// First bytes, at most [`MAX_PART_BYTES`]; more of one that is copied or edited. Text is valid.
    pub part: Vec<u8>,
    /// Frames of the message; none of one that the browser sent or received itself.
    pub frames: MessageFrames,
}

impl Inspected {
    /// True if `part` is the whole message.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.part.len() as u64 == self.size
    }

    /// Payload, as far as it is known.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        match str::from_utf8(&self.part) {
            Ok(text) if self.is_text => Payload::Text(text),
            _ => Payload::Binary(&self.part),
        }
    }

    /// Text of the message; hexadecimal pairs if it is binary.
    #[must_use]
    pub fn as_text(&self) -> String {
        self.payload().preview(self.part.len()).text
    }

    /// Outline of the JSON, read as UTF-8 (RFC 8259 section 8.1).
    #[must_use]
    pub fn outline(&self) -> Outline {
        let text = Decoded::new(&self.part, Encoding::Utf8, self.is_whole()).text;
        Outline::new(text, self.is_whole())
    }
}
