//! Frames on the wire, as the page's server saw them.

use std::fmt;

use serde::{Deserialize, Serialize};
use session::{Close, CloseCode, Direction};

/// Frame of a message (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireFrame {
    /// Opcode; 0 for a continuation.
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

/// Ping, pong or Close frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlFrame {
    /// Direction.
    pub direction: Direction,
    /// Kind.
    pub kind: ControlKind,
    /// Payload: at most 125 bytes.
    pub payload: Vec<u8>,
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
        })
    }
}

impl ControlFrame {
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
}

impl From<&::relay::Frame<'_>> for WireFrame {
    fn from(frame: &::relay::Frame<'_>) -> Self {
        let ::relay::Frame {
            opcode, fin, compressed, masked, head_len, wire_len, inflated, ..
        } = *frame;
        Self { opcode, fin, compressed, masked, head_len, wire_len, inflated }
    }
}
