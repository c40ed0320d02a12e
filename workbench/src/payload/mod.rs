//! One message in detail: text, JSON outline, hexadecimal, base64, and comparison with another.

mod base64;
mod blocks;
mod comparison;
mod decode;
mod hex;
mod hex_dump;
mod inspected;
pub(crate) mod json;
mod line_column;
mod outline;
mod wrap;

pub use base64::Base64Error;
pub(crate) use base64::encode_base64;
pub use blocks::{Block, blocks};
pub use comparison::{Change, ComparedAs, ComparedRow, Comparison, MAX_LINES, Shown};
pub use decode::{Decoded, Encoding};
pub use hex::{HexError, encode_hex};
pub use hex_dump::{BYTES_PER_LINE, HexLine, hex_line, hex_line_count};
pub use inspected::{Inspected, MAX_PART_BYTES};
pub use json::{Expected, JsonError, Kind};
pub use line_column::LineColumn;
pub use outline::{End, MAX_DEPTH, MAX_NODES, Node, Outline, OutlineLine};
pub use wrap::wrap;

pub use base64::decode as decode_base64;
pub use hex::decode as decode_hex;
