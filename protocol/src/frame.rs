//! Frame headers (RFC 6455 section 5.2).

use crate::violation::Violation;

/// Payload bytes of a control frame, at most (RFC 6455 section 5.5).
pub const CONTROL_LEN: usize = 125;

/// Bytes of a header, at most: two, eight of length, four of mask.
pub(crate) const HEADER_LEN: usize = 14;

/// Marker of a length in the next two bytes.
const LEN_16: u8 = 126;
/// Marker of a length in the next eight bytes.
const LEN_64: u8 = 127;

/// Kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text in UTF-8.
    Text,
    /// Binary data.
    Binary,
}

/// Opcode of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// Continues the message of the frames before.
    Continuation = 0,
    /// Begins a text message.
    Text = 1,
    /// Begins a binary message.
    Binary = 2,
    /// Begins or answers the closing handshake.
    Close = 8,
    /// Requests a pong.
    Ping = 9,
    /// Answers a ping.
    Pong = 10,
}

impl Opcode {
    /// True for Close, Ping and Pong, which may come between the frames of a message.
    #[must_use]
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }

    /// Kind of the message that the frame begins; `None` if it begins none.
    #[must_use]
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Text => Some(Kind::Text),
            Self::Binary => Some(Kind::Binary),
            _ => None,
        }
    }
}

impl TryFrom<u8> for Opcode {
    type Error = Violation;

    fn try_from(opcode: u8) -> Result<Self, Violation> {
        match opcode {
            0 => Ok(Self::Continuation),
            1 => Ok(Self::Text),
            2 => Ok(Self::Binary),
            8 => Ok(Self::Close),
            9 => Ok(Self::Ping),
            10 => Ok(Self::Pong),
            reserved => Err(Violation::ReservedOpcode(reserved)),
        }
    }
}

/// Header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// FIN: the frame is the last one of its message.
    pub fin: bool,
    /// RSV1: the message that the frame begins is compressed (RFC 7692 section 7.2.3.1).
    pub compressed: bool,
    /// Opcode.
    pub opcode: Opcode,
    /// Masking key; `None` for an unmasked payload.
    pub mask: Option<[u8; 4]>,
    /// Payload length in bytes.
    pub len: u64,
}

impl Header {
    /// Decodes a header at the start of `bytes`, with its length; `None` if it is incomplete.
    ///
    /// # Errors
    /// [`Violation`] that does not depend on the sender or on other frames: reserved bits and opcodes,
    /// lengths, fragmented or long control frames.
    #[inline]
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, Violation> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        if first & 0x30 != 0 {
            return Err(Violation::ReservedBit(first & 0x30));
        }
        let fin = first & 0x80 != 0;
        let compressed = first & 0x40 != 0;
        let opcode = Opcode::try_from(first & 0x0f)?;
        let short = second & 0x7f;
        if opcode.is_control() {
            if !fin {
                return Err(Violation::FragmentedControl);
            }
            if usize::from(short) > CONTROL_LEN {
                return Err(Violation::LongControl);
            }
        }
        let Some((len, rest)) = payload_len(short, rest) else { return Ok(None) };
        // "The minimal number of bytes MUST be used", and "the most significant bit MUST be 0".
        let is_minimal = match short {
            LEN_16 => len > CONTROL_LEN as u64,
            LEN_64 => len > u64::from(u16::MAX) && len >> 63 == 0,
            _ => true,
        };
        if !is_minimal {
            return Err(Violation::Length);
        }
        let (mask, rest) = if second & 0x80 == 0 {
            (None, rest)
        } else {
            let Some((mask, rest)) = rest.split_first_chunk() else { return Ok(None) };
            (Some(*mask), rest)
        };
        Ok(Some((Self { fin, compressed, opcode, mask, len }, bytes.len() - rest.len())))
    }

    /// Bytes of the header on the wire, 2 to 14.
    #[must_use]
    pub fn encoded_len(&self) -> u8 {
        let len = match self.len {
            0..=125 => 0,
            126..=0xffff => 2,
            _ => 8,
        };
        2 + len + if self.mask.is_some() { 4 } else { 0 }
    }

    /// Appends the header, 2 to 14 bytes, to `out`.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>) {
        let fin = if self.fin { 0x80 } else { 0 };
        let compressed = if self.compressed { 0x40 } else { 0 };
        let masked = if self.mask.is_some() { 0x80 } else { 0 };
        let first = fin | compressed | self.opcode as u8;
        match u8::try_from(self.len) {
            Ok(len @ ..=125) => out.extend_from_slice(&[first, masked | len]),
            _ => encode_long(first, masked, self.len, out),
        }
        if let Some(mask) = self.mask {
            out.extend_from_slice(&mask);
        }
    }
}

/// Payload length by the second byte of a header and the extended length, and the bytes that
/// follow; `None` if it is incomplete.
#[inline]
fn payload_len(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    match short {
        LEN_16 => {
            let (len, rest) = rest.split_first_chunk()?;
            Some((u64::from(u16::from_be_bytes(*len)), rest))
        }
        LEN_64 => {
            let (len, rest) = rest.split_first_chunk()?;
            Some((u64::from_be_bytes(*len), rest))
        }
        short => Some((u64::from(short), rest)),
    }
}

/// Header that [`Header::decode`] refuses, as far as it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHeader {
    /// First byte: FIN, RSV1 to RSV3, opcode.
    pub first: u8,
    /// Masking key; `None` for an unmasked payload, or before all of the key has arrived.
    pub mask: Option<[u8; 4]>,
    /// Payload length in bytes; `None` before all of it has arrived.
    pub len: Option<u64>,
    /// Bytes of the header on the wire, 2 to 14.
    pub encoded_len: u8,
}

impl InvalidHeader {
    /// Reads a header at the start of `bytes`; `None` if there are fewer than two.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let &[first, second, ref rest @ ..] = bytes else { return None };
        let (is_masked, short) = (second & 0x80 != 0, second & 0x7f);
        let len_bytes = match short {
            LEN_16 => 2,
            LEN_64 => 8,
            _ => 0,
        };
        let (len, rest) = payload_len(short, rest).unzip();
        let mask = rest.filter(|_| is_masked).and_then(|rest| rest.first_chunk().copied());
        let encoded_len = 2 + len_bytes + if is_masked { 4 } else { 0 };
        Some(Self { first, mask, len, encoded_len })
    }
}

/// Appends a header with a length in two or eight bytes. Not inlined, as the short one is.
#[inline(never)]
fn encode_long(first: u8, masked: u8, len: u64, out: &mut Vec<u8>) {
    if let Ok(len) = u16::try_from(len) {
        out.extend_from_slice(&[first, masked | LEN_16]);
        out.extend_from_slice(&len.to_be_bytes());
    } else {
        out.extend_from_slice(&[first, masked | LEN_64]);
        out.extend_from_slice(&len.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_header_is_that_of_its_bytes() {
        for len in [0, 125, 126, 0xffff, 0x1_0000, 1 << 62] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let header =
                    Header { fin: true, compressed: false, opcode: Opcode::Binary, mask, len };
                let mut bytes = Vec::new();
                header.encode(&mut bytes);
                assert_eq!(usize::from(header.encoded_len()), bytes.len(), "{header:?}");
            }
        }
    }
}
