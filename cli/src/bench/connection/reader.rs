//! Incremental decoder of the frames received, which keeps only the start of each message.
//!
//! `protocol` checks and joins every message received; a load generator doing so would measure
//! itself.

use std::fmt;

/// MASK bit in the second byte of a header. A server must not set it (RFC 6455, section 5.1).
const MASKED: u8 = 0x80;

/// Maximum size of a header without a mask. Two bytes, and a length of eight.
const MAX_HEADER: usize = 10;

/// Content of the bytes given to a reader. Messages are reported one by one instead.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Bytes of data payload, complete or not.
    pub(super) payload: u64,
    /// Payload of the last ping.
    pub(super) ping: Option<Vec<u8>>,
    /// Code of a Close frame.
    pub(super) close: Option<u16>,
}

/// Protocol violation by the server. Only input that would confuse the decoder is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Violation(&'static str);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "protocol error: {}", self.0)
    }
}

/// Incremental decoder of the frames in a byte stream. Payloads are not joined: of a message, only
/// its start is kept.
pub(super) struct Reader {
    /// Partial header.
    header: [u8; MAX_HEADER],
    /// Bytes of the header so far.
    have: usize,
    /// Bytes left of the current payload.
    left: u64,
    opcode: u8,
    /// True if the current frame has FIN set.
    is_final: bool,
    /// Payload of the current control frame.
    control: Vec<u8>,
    /// True inside a message.
    in_message: bool,
    /// Start of the current message, of at most `max_head` bytes.
    head: Vec<u8>,
    /// Payload of the current message so far, in bytes.
    size: u64,
    /// Bytes of a message that are kept.
    max_head: usize,
}

impl Reader {
    /// Reader that keeps up to `max_head` bytes of a message.
    pub(super) fn new(max_head: usize) -> Self {
        Self {
            header: [0; MAX_HEADER],
            have: 0,
            left: 0,
            opcode: 0,
            is_final: false,
            control: Vec::new(),
            in_message: false,
            head: Vec::new(),
            size: 0,
            max_head,
        }
    }

    /// Decodes bytes. Calls `on_message` with the start and the size of each complete message.
    pub(super) fn read(
        &mut self,
        mut bytes: &[u8],
        mut on_message: impl FnMut(&[u8], u64),
    ) -> Result<Found, Violation> {
        let mut found = Found::default();
        loop {
            if self.left > 0 {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                let (payload, rest) = bytes.split_at(here);
                // Fast path: a whole message.
                if self.left == here as u64 && self.opcode < 0x8 && self.is_final && self.size == 0
                {
                    found.payload += here as u64;
                    on_message(&payload[..here.min(self.max_head)], here as u64);
                    self.left = 0;
                    self.in_message = false;
                    self.opcode = 0xa;
                    bytes = rest;
                    continue;
                }
                if self.opcode >= 0x8 {
                    self.control.extend_from_slice(payload);
                } else {
                    found.payload += here as u64;
                    self.size += here as u64;
                    let kept = here.min(self.max_head - self.head.len());
                    self.head.extend_from_slice(&payload[..kept]);
                }
                self.left -= here as u64;
                bytes = rest;
                if self.left > 0 {
                    return Ok(found);
                }
                self.end_frame(&mut found, &mut on_message);
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
                self.end_frame(&mut found, &mut on_message);
            }
        }
    }

    /// Payload length, once the header is complete. `None` while bytes are missing. Masked frames
    /// are a violation.
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

    /// Checks the first byte of a header (RFC 6455 section 5.2) and starts its payload. A control
    /// frame is short and whole, and fragments follow each other (RFC 6455 sections 5.4 and 5.5).
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

    /// Adds a complete frame to `found`, or reports the message that it completes. Of several
    /// pings, the last one counts.
    fn end_frame(&mut self, found: &mut Found, on_message: &mut impl FnMut(&[u8], u64)) {
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
                on_message(&self.head, self.size);
                self.head.clear();
                self.size = 0;
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
            let mut reader = Reader::new(4);
            let mut all = Found::default();
            let mut messages = Vec::new();
            for piece in stream.chunks(size) {
                let found = reader.read(piece, |head, size| messages.push((head.to_vec(), size)));
                let found = found.unwrap();
                all.payload += found.payload;
                all.ping = found.ping.or(all.ping);
                all.close = found.close.or(all.close);
            }
            let payload = 3 + 200 + (1 << 16);
            let expected = Found { payload, ping: Some(vec![7, 8]), close: Some(1001) };
            assert_eq!(all, expected, "{size}");
            let long = (vec![0; 4], 200 + (1 << 16));
            assert_eq!(messages, [(vec![], 0), (vec![1, 2, 3], 3), long], "{size}");
            assert!(!reader.in_message);
        }
    }

    #[test]
    fn violations_are_detected() {
        for bytes in
            [&[0x81, 0x81][..], &[0xc1, 0], &[0x80, 0], &[0x83, 0], &[0x09, 0], &[0x88, 126, 1, 0]]
        {
            assert!(Reader::new(4).read(bytes, |_, _| {}).is_err(), "{bytes:?}");
        }
        assert!(Reader::new(4).read(&[0x01, 0, 0x81, 0], |_, _| {}).is_err());
    }
}
