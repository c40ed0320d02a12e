//! One message looked at closely: as text, as an outline of its JSON, as hexadecimal, and beside
//! another message.

mod blocks;
mod compare;
mod decode;
mod hex;
mod outline;
mod size;

use std::sync::Arc;

use session::{Direction, Time};

pub use crate::json::{Expected, Kind, Mistake};
pub use blocks::{BLOCK, BLOCK_LINES, Block, blocks};
pub use compare::{CONTEXT, Change, Comparison, Form, MAX_DIFFERENT, MAX_LINES, Row, Shown};
pub use decode::{Decoded, Encoding};
pub use hex::{BYTES_PER_LINE, HexLine, hex_line, hex_line_count};
pub use outline::{End, MAX_DEPTH, MAX_NODES, Node, Outline};
pub use size::size_in_words;

/// Bytes of a message that are looked at, at most: its first 256 KiB. Larger than what anyone reads
/// through, and every view of it is made within a frame or two.
pub const PART: usize = 256 << 10;

/// A message that was picked to be looked at: as much of it as is shown, and what is known of the
/// whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// Its entry in the transcript.
    pub id: u64,
    /// When it was sent or received.
    pub at: Time,
    /// Which way it went.
    pub direction: Direction,
    /// Whether it is a text message (RFC 6455 section 5.6), not a binary one.
    pub is_text: bool,
    /// Bytes of the whole message.
    pub size: u64,
    /// Its first bytes, at most [`PART`].
    pub part: Arc<[u8]>,
}

impl Inspected {
    /// Whether `part` is the whole message.
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
