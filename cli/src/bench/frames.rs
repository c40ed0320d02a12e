//! The bench's own frames: written once, and read without looking at payloads.
//!
//! The engine masks every message that it sends and copies every one that comes; a load generator
//! that did so would measure itself.

use std::fmt;

/// Bytes in the longest header of a frame that a server sends.
const HEADER: usize = 10;

/// The bit of a header's second byte that every frame of a client has.
const MASKED: u8 = 0x80;

/// Frames that are held ready to be written at once, at most in bytes.
const READY: usize = 256 << 10;

/// Copies of one masked frame, one behind the other.
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    frame: usize,
}

impl Outgoing {
    /// A message of `size` bytes, as often as `count` times or as fits.
    pub(super) fn new(size: usize, is_binary: bool, count: u32) -> Self {
        let frame = masked(if is_binary { 0x2 } else { 0x1 }, &vec![b'x'; size]);
        let copies = (READY / frame.len()).clamp(1, count as usize);
        Self { frame: frame.len(), bytes: frame.repeat(copies) }
    }

    /// Bytes in a frame.
    pub(super) fn frame(&self) -> usize {
        self.frame
    }

    /// Frames, or what is left of them from `offset` bytes into the first: `wanted` bytes at most.
    pub(super) fn slice(&self, offset: usize, wanted: usize) -> &[u8] {
        &self.bytes[offset..(offset + wanted).min(self.bytes.len())]
    }
}

/// A whole frame from client to server (RFC 6455 section 5.2), masked with a random key.
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

/// What a reader found in the bytes it was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Messages that are complete.
    pub(super) messages: u32,
    /// Bytes of their payloads, and of those that are not complete yet.
    pub(super) payload: u64,
    /// The payload of the last ping, to be answered.
    pub(super) ping: Option<Vec<u8>>,
    /// The server closes, with this code.
    pub(super) close: Option<u16>,
}

/// What a server must not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Violation(&'static str);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "protocol error: {}", self.0)
    }
}

/// Finds the frames in a stream of bytes, in whatever pieces they come.
#[derive(Default)]
pub(super) struct Reader {
    /// The start of a header.
    header: [u8; HEADER],
    have: usize,
    /// Bytes of the current frame's payload that are still to come.
    left: u64,
    opcode: u8,
    is_final: bool,
    /// The payload of the current control frame.
    control: Vec<u8>,
    /// A message has begun and is not complete.
    in_message: bool,
}

impl Reader {
    /// Takes in bytes.
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
            // Nearly always the whole header is there.
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

    /// The payload's length, when the header is complete.
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

    fn begin_frame(&mut self, first: u8, length: u64) -> Result<(), Violation> {
        let opcode = first & 0x0f;
        if first & 0x70 != 0 {
            return Err(Violation("a reserved bit is set"));
        }
        match opcode {
            0x0 if self.in_message => {}
            0x1 | 0x2 if !self.in_message => {}
            0x8..=0xa if length <= 125 && first & 0x80 != 0 => {}
            _ => return Err(Violation("a frame that may not come here")),
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
        // A frame ends once.
        self.opcode = 0xa;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_in_pieces_of_any_size() {
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
    fn what_a_server_must_not_send_is_seen() {
        for bytes in
            [&[0x81, 0x81][..], &[0xc1, 0], &[0x80, 0], &[0x83, 0], &[0x09, 0], &[0x88, 126, 1, 0]]
        {
            assert!(Reader::default().read(bytes).is_err(), "{bytes:?}");
        }
        assert!(Reader::default().read(&[0x01, 0, 0x81, 0]).is_err());
    }

    #[test]
    fn a_masked_frame_is_as_the_rfc_has_it() {
        let frame = masked(0x1, b"Hello");
        assert_eq!(frame[..2], [0x81, 0x85]);
        let payload: Vec<_> = (0..5).map(|at| frame[6 + at] ^ frame[2 + at % 4]).collect();
        assert_eq!(payload, b"Hello");
        assert_eq!(masked(0x2, &[0; 126])[..4], [0x82, 0xfe, 0, 126]);
        assert_eq!(masked(0x2, &vec![0; 1 << 16])[..10], [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
