//! Frames, as they were on the wire between server and target.

use session::PayloadKind;

use crate::record::{DecodeError, Fields, flags};

const FIN: u8 = 1;
const COMPRESSED: u8 = 2;
const MASKED: u8 = 4;
const SENT: u8 = 8;
const HAS_INFLATED: u8 = 16;
const HAS_PAYLOAD: u8 = 32;
const TEXT: u8 = 64;

/// Direction of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the target.
    Received,
    /// To the target.
    Sent,
}

/// Frame, with the message or control frame that it completes.
///
/// The frame that completes a received message has it whole: joined, inflated and, if a text,
/// checked to be UTF-8. Of sent frames, only control frames have a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Direction.
    pub direction: Direction,
    /// Opcode (RFC 6455 section 5.2). With RSV2 (0x20) and RSV3 (0x10), as in a frame's first byte, of a frame
    /// that breaks the protocol by them.
    pub opcode: u8,
    /// FIN: last frame of its message.
    pub fin: bool,
    /// RSV1: the message that the frame begins is compressed (RFC 7692).
    pub compressed: bool,
    /// Payload masked, as only a client does.
    pub masked: bool,
    /// Bytes of the head, 2 to 14.
    pub head_len: u8,
    /// Bytes of the payload on the wire; 0 of a head that was refused before they arrived.
    pub wire_len: u64,
    /// Bytes that the payload inflated to; `None` if it is not compressed.
    pub inflated: Option<u64>,
    /// Microseconds since the opening, when the frame was complete.
    pub time: u64,
    /// Kind of the message that the frame is part of; binary for a control frame.
    pub kind: PayloadKind,
    /// Message or control frame that the frame completes.
    pub payload: Option<&'a [u8]>,
}

impl<'a> Frame<'a> {
    pub(crate) const FLAGS: u8 =
        FIN | COMPRESSED | MASKED | SENT | HAS_INFLATED | HAS_PAYLOAD | TEXT;

    pub(crate) fn flags(&self) -> u8 {
        flags([
            (self.fin, FIN),
            (self.compressed, COMPRESSED),
            (self.masked, MASKED),
            (self.direction == Direction::Sent, SENT),
            (self.inflated.is_some(), HAS_INFLATED),
            (self.payload.is_some(), HAS_PAYLOAD),
            (self.kind == PayloadKind::Text, TEXT),
        ])
    }

    pub(crate) fn code(&self) -> u16 {
        u16::from_be_bytes([self.opcode, self.head_len])
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.time.to_be_bytes());
        out.extend(self.wire_len.to_be_bytes());
        if let Some(inflated) = self.inflated {
            out.extend(inflated.to_be_bytes());
        }
    }

    pub(crate) fn get(flags: u8, code: u16, body: &mut Fields<'a>) -> Result<Self, DecodeError> {
        let [opcode, head_len] = code.to_be_bytes();
        Ok(Self {
            direction: if flags & SENT == 0 { Direction::Received } else { Direction::Sent },
            opcode,
            fin: flags & FIN != 0,
            compressed: flags & COMPRESSED != 0,
            masked: flags & MASKED != 0,
            head_len,
            time: body.u64()?,
            wire_len: body.u64()?,
            inflated: (flags & HAS_INFLATED != 0).then(|| body.u64()).transpose()?,
            kind: if flags & TEXT == 0 { PayloadKind::Binary } else { PayloadKind::Text },
            payload: (flags & HAS_PAYLOAD != 0).then(|| body.rest()),
        })
    }
}
