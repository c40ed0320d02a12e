//! Message under inspection: its first bytes, and figures about the whole.

use std::sync::Arc;

use session::{Direction, Time};

use super::{
    decode::{Decoded, Encoding},
    outline::Outline,
};

/// Bytes of a message that are looked at, at most: its first 256 KiB. Larger than what anyone reads
/// through, and every view of it is made within a frame or two.
pub const PART: usize = 256 << 10;

/// A message that was picked to be looked at: as much of it as is shown, and what is known of the
/// whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// Its entry in the transcript.
    pub id: u64,
    /// Time of sending or receipt.
    pub at: Time,
    /// Direction.
    pub direction: Direction,
    /// `true` for a text message (RFC 6455 section 5.6), `false` for a binary one.
    pub is_text: bool,
    /// Bytes of the whole message.
    pub size: u64,
    /// Its first bytes, at most [`PART`].
    pub part: Arc<[u8]>,
}

impl Inspected {
    /// `true` if `part` is the whole message.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.part.len() as u64 == self.size
    }

    /// The outline of its JSON. JSON that is exchanged is UTF-8 (RFC 8259 section 8.1), so the bytes
    /// are read as that.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let text = Decoded::new(&self.part, Encoding::Utf8, self.is_whole()).text;
        Outline::new(text, self.is_whole())
    }
}
