//! A WebSocket message (RFC 6455 section 5.6).

use serde::{Deserialize, Serialize};

use crate::hexadecimal::hexadecimal;

/// A whole message, after any fragments were joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// A text message; the RFC requires it to be valid UTF-8.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
}

impl Message {
    /// Payload length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// True if the payload is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Borrowed payload.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        match self {
            Self::Text(text) => Payload::Text(text),
            Self::Binary(bytes) => Payload::Binary(bytes),
        }
    }
}

/// The two kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayloadKind {
    /// UTF-8.
    Text,
    /// Any bytes.
    Binary,
}

/// Borrowed payload of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.as_bytes().len()
    }

    /// True if the payload is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Bytes of the payload; text as UTF-8.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// Text or binary.
    #[must_use]
    pub fn kind(self) -> PayloadKind {
        match self {
            Self::Text(_) => PayloadKind::Text,
            Self::Binary(_) => PayloadKind::Binary,
        }
    }

    /// Preview of at most `limit` bytes: text cut at a character boundary, binary as hexadecimal
    /// pairs.
    #[must_use]
    pub fn preview(self, limit: usize) -> Preview {
        let (text, shown) = match self {
            Self::Text(text) => {
                let shown = text.floor_char_boundary(limit);
                (text[..shown].to_owned(), shown)
            }
            Self::Binary(bytes) => {
                let shown = bytes.len().min(limit);
                (hexadecimal(&bytes[..shown], " "), shown)
            }
        };
        Preview { text, omitted: self.len() - shown }
    }

    /// Owned copy.
    #[must_use]
    pub fn to_message(self) -> Message {
        match self {
            Self::Text(text) => Message::Text(text.to_owned()),
            Self::Binary(bytes) => Message::Binary(bytes.to_owned()),
        }
    }
}

/// Truncated display form of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Text to display.
    pub text: String,
    /// Bytes of the payload that are not in `text`.
    pub omitted: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_message_is_shown_whole() {
        let preview = Payload::Text("안녕").preview(6);
        assert_eq!(preview, Preview { text: "안녕".into(), omitted: 0 });
    }

    #[test]
    fn text_is_cut_between_characters() {
        // Three bytes a character: five bytes hold one and two thirds of the next.
        let preview = Payload::Text("안녕").preview(5);
        assert_eq!(preview, Preview { text: "안".into(), omitted: 3 });
    }

    #[test]
    fn binary_is_shown_as_hexadecimal() {
        let preview = Payload::Binary(&[0x00, 0xff, 0x1b, 0x07]).preview(3);
        assert_eq!(preview, Preview { text: "00 ff 1b".into(), omitted: 1 });
    }
}
