//! Frames on the wire, as the page's server saw them.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use session::{Close, CloseCode, Direction, Frame};

use crate::payload::encode_hex;

/// Frames that are kept of a message, at most: the first ones.
pub const MAX_MESSAGE_FRAMES: usize = 256;

/// Bits of a frame's first byte that no extension here defines; beside the opcode, as on the wire.
pub const RSV2: u8 = 0x20;
/// See [`RSV2`].
pub const RSV3: u8 = 0x10;

/// Frame of a message (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireFrame {
    /// Opcode; 0 for a continuation. With [`RSV2`] and [`RSV3`] if they are set, which breaks the protocol.
    pub opcode: u8,
    /// FIN: last frame of its message.
    pub fin: bool,
    /// RSV1: the message is compressed (RFC 7692).
    pub compressed: bool,
    /// Payload masked, as only a client does.
    pub masked: bool,
    /// Bytes of the head, 2 to 14.
    pub head_len: u8,
    /// Bytes of the payload on the wire.
    pub wire_len: u64,
    /// Bytes that the payload inflated to; `None` if it is not compressed.
    pub inflated: Option<u64>,
}

/// Frames of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageFrames {
    /// The first ones, at most [`MAX_MESSAGE_FRAMES`].
    pub first: Vec<WireFrame>,
    /// Number of all.
    pub count: u64,
    /// Bytes of all payloads on the wire.
    wire_len: u64,
    /// Bytes that they inflated to.
    inflated: u64,
}

/// Ping, pong or Close frame, or bytes that were sent in no frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlFrame {
    /// Direction.
    pub direction: Direction,
    /// Kind.
    pub kind: ControlKind,
    /// Payload: at most 125 bytes of a frame.
    pub payload: Vec<u8>,
    /// Frame on the wire; `None` of bytes in no frame.
    pub frame: Option<WireFrame>,
    /// Microseconds since the opening, by the clock of the page's server; 0 of bytes in no frame.
    pub time: u64,
}

/// Kind of a control frame (RFC 6455 section 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ControlKind {
    /// Close.
    Close,
    /// Ping.
    Ping,
    /// Pong.
    Pong,
    /// Bytes in no frame, as sent; as received, the head of a frame that breaks the protocol.
    Raw,
}

impl WireFrame {
    /// Frame of a [record](session::Record). The server does not tell its masking key.
    pub(crate) fn recorded(&self) -> Frame {
        Frame {
            opcode: (self.opcode & 0x0f).into(),
            fin: self.fin,
            rsv1: self.compressed,
            rsv2: self.opcode & RSV2 != 0,
            rsv3: self.opcode & RSV3 != 0,
            mask: None,
            header: self.head_len,
            size: Some(self.wire_len),
            inflated: self.inflated,
        }
    }

    /// Bytes of the head in hexadecimal, as they were on the wire. The masking key is random and not known: `··`.
    #[must_use]
    pub fn head(&self) -> String {
        encode_hex(&self.head_bytes()) + if self.masked { " ·· ·· ·· ··" } else { "" }
    }

    /// Bytes of the head but for the masking key.
    pub(super) fn head_bytes(&self) -> Vec<u8> {
        let Self { opcode, fin, compressed, masked, head_len, wire_len, .. } = *self;
        let first = u8::from(fin) << 7 | u8::from(compressed) << 6 | opcode;
        let key = if masked { 4 } else { 0 };
        let extended = usize::from(head_len).saturating_sub(2 + key).min(8);
        let len = match extended {
            0 => u8::try_from(wire_len).unwrap_or(u8::MAX),
            2 => 126,
            _ => 127,
        };
        let mut bytes = vec![first, u8::from(masked) << 7 | len];
        bytes.extend(&wire_len.to_be_bytes()[8 - extended..]);
        bytes
    }
}

impl MessageFrames {
    /// Adds the next frame.
    pub(super) fn push(&mut self, frame: WireFrame) {
        self.count += 1;
        self.wire_len = self.wire_len.saturating_add(frame.wire_len);
        self.inflated = self.inflated.saturating_add(frame.inflated.unwrap_or_default());
        if self.first.len() < MAX_MESSAGE_FRAMES {
            self.first.push(frame);
        }
    }

    /// Bytes on the wire in thousandths of what they inflated to, rounded; `None` if they are not compressed.
    #[must_use]
    pub fn ratio(&self) -> Option<u64> {
        let wire = self.wire_len.saturating_mul(1_000);
        wire.saturating_add(self.inflated / 2).checked_div(self.inflated)
    }
}

impl FromIterator<WireFrame> for MessageFrames {
    fn from_iter<T: IntoIterator<Item = WireFrame>>(frames: T) -> Self {
        let mut all = Self::default();
        for frame in frames {
            all.push(frame);
        }
        all
    }
}

impl ControlKind {
    /// Kind of an opcode; `None` if that of a message, or reserved.
    pub(super) fn of(opcode: u8) -> Option<Self> {
        match opcode {
            8 => Some(Self::Close),
            9 => Some(Self::Ping),
            10 => Some(Self::Pong),
            _ => None,
        }
    }
}

impl fmt::Display for ControlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Close => "close",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Raw => "raw bytes",
        })
    }
}

impl ControlFrame {
    /// Payload as text; `None` if it is none. Of a Close frame, code and reason.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self.kind {
            ControlKind::Close => Some(self.close().to_string().into()),
            ControlKind::Raw => None,
            ControlKind::Ping | ControlKind::Pong => {
                str::from_utf8(&self.payload).ok().map(Cow::from)
            }
        }
    }

    /// Code and reason of a Close frame (RFC 6455 section 5.5.1).
    #[must_use]
    pub fn close(&self) -> Close {
        match self.payload.split_first_chunk() {
            Some((code, reason)) => Close {
                code: CloseCode(u16::from_be_bytes(*code)),
                reason: String::from_utf8_lossy(reason).into_owned(),
            },
            None => Close { code: CloseCode::NO_STATUS, reason: String::new() },
        }
    }

    /// True if [`close`](Self::close) loses nothing of the payload: none, or a code and UTF-8.
    #[must_use]
    pub fn has_exact_close(&self) -> bool {
        let reason = self.payload.get(2..);
        reason.map_or(self.payload.is_empty(), |reason| str::from_utf8(reason).is_ok())
    }
}

impl From<&::relay::Frame<'_>> for WireFrame {
    fn from(frame: &::relay::Frame<'_>) -> Self {
        let ::relay::Frame {
            opcode, fin, compressed, masked, head_len, wire_len, inflated, ..
        } = *frame;
        Self { opcode, fin, compressed, masked, head_len, wire_len, inflated }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn the_head_is_as_it_was_on_the_wire() {
        let frame = |opcode, masked, head_len, wire_len| WireFrame {
            opcode,
            fin: opcode != 1,
            compressed: opcode == 1,
            masked,
            head_len,
            ..fixtures::frame(wire_len)
        };
        assert_eq!(frame(1, true, 6, 5).head(), "41 85 ·· ·· ·· ··");
        assert_eq!(frame(2, false, 4, 300).head(), "82 7e 01 2c");
        // A length in more bytes than it needs.
        assert_eq!(frame(0, false, 10, 5).head(), "80 7f 00 00 00 00 00 00 00 05");
        let broken = frame(0, true, 255, u64::MAX);
        assert!(broken.head().starts_with("80 ff ff"), "{}", broken.head());
    }

    #[test]
    fn the_ratio_is_of_a_compressed_message() {
        let frame = |wire_len, inflated| WireFrame { inflated, ..fixtures::frame(wire_len) };
        let ratio =
            |frames: &[WireFrame]| frames.iter().copied().collect::<MessageFrames>().ratio();
        assert_eq!(ratio(&[frame(12, Some(0)), frame(10, Some(369))]), Some(60));
        assert_eq!(ratio(&[frame(7, Some(5))]), Some(1_400));
        assert_eq!(ratio(&[frame(70, Some(30_003))]), Some(2));
        assert_eq!((ratio(&[frame(1, Some(0))]), ratio(&[frame(1, None)])), (None, None));
        assert!(ratio(&[frame(u64::MAX, Some(u64::MAX))]).is_some());
    }

    #[test]
    fn frames_beyond_the_bound_are_counted() {
        let frame = |index| WireFrame { inflated: Some(index), ..fixtures::frame(1) };
        let frames: MessageFrames = (0..300).map(frame).collect();
        assert_eq!((frames.count, frames.first.len()), (300, MAX_MESSAGE_FRAMES));
        assert_eq!(frames.ratio(), Some(7));
    }

    #[test]
    fn a_close_frame_is_exact_unless_its_payload_is_malformed() {
        let is_exact = |payload: &[u8]| {
            let (direction, kind) = (Direction::In, ControlKind::Close);
            let payload = payload.to_vec();
            ControlFrame { direction, kind, payload, frame: None, time: 0 }.has_exact_close()
        };
        let payloads: [&[u8]; 5] = [b"", b"\x03\xe8", b"\x03\xe8bye", b"\x03", b"\x03\xe8\xff"];
        assert_eq!(payloads.map(is_exact), [true, true, true, false, false]);
    }
}
