//! Frames of the load generator: encoded once, decoded without looking at payloads.
//!
//! tungstenite masks every message sent and copies every message received; a load generator doing
//! so would measure itself.

use std::fmt;

/// Maximum size of a header without a mask.
const MAX_HEADER: usize = 10;

/// MASK bit in the second byte of a header.
const MASKED: u8 = 0x80;

/// Maximum size of a batch of frames.
const MAX_BATCH: usize = 256 << 10;

/// Copies of one masked frame, contiguous so that one write sends many.
pub(super) struct FrameBatch {
    bytes: Vec<u8>,
    frame: usize,
}

impl FrameBatch {
    /// Message of `size` bytes, up to `count` times.
    pub(super) fn new(size: usize, is_binary: bool, count: u32) -> Self {
        let frame = masked(if is_binary { 0x2 } else { 0x1 }, &vec![b'x'; size]);
        let copies = (MAX_BATCH / frame.len()).clamp(1, count as usize);
        Self { frame: frame.len(), bytes: frame.repeat(copies) }
    }

    /// Size of a frame.
    pub(super) fn frame(&self) -> usize {
        self.frame
    }

    /// Bytes from `offset` in the first frame on, up to `wanted`.
    pub(super) fn slice(&self, offset: usize, wanted: usize) -> &[u8] {
        &self.bytes[offset..(offset + wanted).min(self.bytes.len())]
    }
}

/// Encodes a frame of a client (RFC 6455 section 5.2), masked with a random key.
pub(super) fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    let len = payload.len();
    if let Ok(len @ 0..=125) = u8::try_from(len) {
        frame.push(MASKED | len);
    } else if let Ok(len) = u16::try_from(len) {
        frame.push(MASKED | 0x7e);
        frame.extend_from_slice(&len.to_be_bytes());
    } else {
        frame.push(MASKED | 0x7f);
        frame.extend_from_slice(&(len as u64).to_be_bytes());
    }
    let key: [u8; 4] = fastrand::u32(..).to_ne_bytes();
    frame.extend_from_slice(&key);
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// Content of the bytes given to a reader.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Messages completed.
    pub(super) messages: u32,
    /// Bytes of data payload, complete or not.
    pub(super) payload: u64,
    /// Payload of the last ping.
    pub(super) ping: Option<Vec<u8>>,
    /// Code of a Close frame.
    pub(super) close: Option<u16>,
}

/// Protocol violation by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Violation(&'static str);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "protocol error: {}", self.0)
    }
}

/// Incremental decoder of the frames in a byte stream.
#[derive(Default)]
pub(super) struct Reader {
    /// Partial header.
    header: [u8; MAX_HEADER],
    have: usize,
    /// Bytes left of the current payload.
    left: u64,
    opcode: u8,
    is_final: bool,
    /// Payload of the current control frame.
    control: Vec<u8>,
    /// True inside a message.
    in_message: bool,
}

impl Reader {
    /// Decodes bytes.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Result<Found, Violation> {
        let mut found = Found::default();
        loop {
            if self.left > 0 {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                let (payload, rest) = bytes.split_at(here);
                if self.opcode >= 0x8 {
                    self.control.extend_from_slice(payload);
                } else {
                    found.payload += here as u64;
                }
                self.left -= here as u64;
                bytes = rest;
                if self.left > 0 {
                    return Ok(found);
                }
                self.end_frame(&mut found);
            }
            // Fast path: a whole short header.
            match bytes {
                [] => return Ok(found),
                [first, second @ 0..=125, rest @ ..] if self.have == 0 => {
                    self.begin_frame(*first, u64::from(*second))?;
                    bytes = rest;
                }
                [byte, rest @ ..] => {
                    self.header[self.have] = *byte;
                    self.have += 1;
                    bytes = rest;
                    let Some(length) = self.header_length()? else { continue };
                    self.have = 0;
                    self.begin_frame(self.header[0], length)?;
                }
            }
            if self.left == 0 {
                self.end_frame(&mut found);
            }
        }
    }

    /// Payload length, once the header is complete.
    fn header_length(&self) -> Result<Option<u64>, Violation> {
        let header = &self.header[..self.have];
        Ok(match *header {
            [_, second, ..] if second & MASKED != 0 => return Err(Violation("a masked frame")),
            [_, second @ 0..=125] => Some(second.into()),
            [_, 126, high, low] => Some(u16::from_be_bytes([high, low]).into()),
            [_, 127, ref length @ ..] => length.try_into().ok().map(u64::from_be_bytes),
            _ => None,
        })
    }

    /// Checks the first byte of a header (RFC 6455 section 5.2) and starts its payload.
    fn begin_frame(&mut self, first: u8, length: u64) -> Result<(), Violation> {
        let opcode = first & 0x0f;
        if first & 0x70 != 0 {
            return Err(Violation("a reserved bit is set"));
        }
        match opcode {
            0x0 if self.in_message => {}
            0x1 | 0x2 if !self.in_message => {}
            0x8..=0xa if length <= 125 && first & 0x80 != 0 => {}
            _ => return Err(Violation("an unexpected frame")),
        }
        self.opcode = opcode;
        self.is_final = first & 0x80 != 0;
        self.left = length;
        self.control.clear();
        if opcode < 0x8 {
            self.in_message = true;
        }
        Ok(())
    }

    /// Adds a complete frame to `found`.
    fn end_frame(&mut self, found: &mut Found) {
        match self.opcode {
            0x8 => {
                let code =
                    self.control.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                found.close = Some(code);
            }
            0x9 => found.ping = Some(std::mem::take(&mut self.control)),
            0xa => {}
            _ if self.is_final => {
                self.in_message = false;
                found.messages += 1;
            }
            _ => {}
        }
        // Prevents ending the same frame twice.
        self.opcode = 0xa;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_decoded_from_pieces_of_any_size() {
        let mut stream = vec![0x81, 0];
        stream.extend([0x82, 3, 1, 2, 3]);
        stream.extend([0x01, 126, 0, 200]);
        stream.extend([0; 200]);
        stream.extend([0x89, 2, 7, 8]);
        stream.extend([0x80, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        stream.extend(vec![0; 1 << 16]);
        stream.extend([0x88, 2, 0x03, 0xe9]);
        for size in [1, 2, 3, 7, 1_000, stream.len()] {
            let mut reader = Reader::default();
            let mut all = Found::default();
            for piece in stream.chunks(size) {
                let found = reader.read(piece).unwrap();
                all.messages += found.messages;
                all.payload += found.payload;
                all.ping = found.ping.or(all.ping);
                all.close = found.close.or(all.close);
            }
            let payload = 3 + 200 + (1 << 16);
            let expected =
                Found { messages: 3, payload, ping: Some(vec![7, 8]), close: Some(1001) };
            assert_eq!(all, expected, "{size}");
            assert!(!reader.in_message);
        }
    }

    #[test]
    fn violations_are_detected() {
        for bytes in
            [&[0x81, 0x81][..], &[0xc1, 0], &[0x80, 0], &[0x83, 0], &[0x09, 0], &[0x88, 126, 1, 0]]
        {
            assert!(Reader::default().read(bytes).is_err(), "{bytes:?}");
        }
        assert!(Reader::default().read(&[0x01, 0, 0x81, 0]).is_err());
    }

    #[test]
    fn a_masked_frame_follows_the_rfc() {
        let frame = masked(0x1, b"Hello");
        assert_eq!(frame[..2], [0x81, 0x85]);
        let payload: Vec<_> = (0..5).map(|at| frame[6 + at] ^ frame[2 + at % 4]).collect();
        assert_eq!(payload, b"Hello");
        assert_eq!(masked(0x2, &[0; 126])[..4], [0x82, 0xfe, 0, 126]);
        assert_eq!(masked(0x2, &vec![0; 1 << 16])[..10], [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
