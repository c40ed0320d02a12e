//! Instructions of a script, as JSON Lines (`docs/json-lines.md`).

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Direction, Fact, Kind, Line, RecordError};
use crate::{Close, CloseCode, Message};

/// Line of a script, typed or recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// Send a message.
    Send(Message),
    /// Send a message in fragments of so many bytes, of which the caller checks the bounds.
    Fragments(Message, usize),
    /// Send a ping.
    Ping(Vec<u8>),
    /// Send a pong.
    Pong(Vec<u8>),
    /// Send bytes as they are, in no frame.
    Raw(Vec<u8>),
    /// Close the connection with this code and reason.
    Close(Close),
    /// Wait before the next line.
    Pause(Duration),
}

/// Invalid line of a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstructionError {
    /// Invalid as a record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Nothing to do.
    #[error(
        "it needs \"text\", \"base64\", \"pause_ms\", or \"kind\" with \"ping\", \"pong\" or \"close\""
    )]
    Empty,
    /// Fragments of something else than a message.
    #[error("\"fragment\" is for messages: take it out of the line")]
    Fragment,
    /// A wait beside something to send.
    #[error("\"pause_ms\" is alone in its line: send in the line before or after")]
    PauseBeside,
}

impl Instruction {
    /// Parses a line.
    ///
    /// A line with `time` is a [`Record`](super::Record): sent messages are instructions, everything else is `None`.
    /// Other lines need no more than `text`, `base64`, `kind` or `pause_ms`; their direction is `out`.
    ///
    /// # Errors
    /// If the line is invalid, or cannot be sent.
    pub fn read(line: &str) -> Result<Option<Self>, InstructionError> {
        let fields = Line::parse(line)?;
        if fields.time.is_empty() {
            return fields.read_instruction();
        }
        Ok(match fields.read_record()?.fact {
            Fact::Message(Direction::Out, message, _) => Some(Self::Send(message)),
            _ => None,
        })
    }
}

impl Line<'_> {
    fn read_instruction(self) -> Result<Option<Instruction>, InstructionError> {
        if let Some(pause) = self.pause_ms {
            if self.kind.is_some() || self.text.is_some() || self.base64.is_some() {
                return Err(InstructionError::PauseBeside);
            }
            return Ok(Some(Instruction::Pause(Duration::from_millis(pause))));
        }
        if self.event.is_some() || self.direction == Some(Direction::In) {
            return Ok(None);
        }
        let kind = match (self.kind, &self.text, &self.base64) {
            (Some(kind), ..) => kind,
            (None, Some(_), None) => Kind::Text,
            (None, None, Some(_)) => Kind::Binary,
            _ => return Err(InstructionError::Empty),
        };
        if self.fragment.is_some() && !matches!(kind, Kind::Text | Kind::Binary) {
            return Err(InstructionError::Fragment);
        }
        match kind {
            Kind::Ping => Ok(Some(Instruction::Ping(self.bytes()?))),
            Kind::Pong => Ok(Some(Instruction::Pong(self.bytes()?))),
            Kind::Raw if self.base64.is_none() => Err(RecordError::Payload.into()),
            Kind::Raw => Ok(Some(Instruction::Raw(self.bytes()?))),
            Kind::Close => {
                let code = self.code.map_or(CloseCode::NORMAL, CloseCode);
                let reason = self.reason.unwrap_or_default().into_owned();
                Ok(Some(Instruction::Close(Close { code, reason })))
            }
            Kind::Text | Kind::Binary => {
                let fragment = self.fragment;
                match (self.read_frame(Direction::Out, kind)?, fragment) {
                    (Fact::Message(_, message, _), None) => Ok(Some(Instruction::Send(message))),
                    (Fact::Message(_, message, _), Some(size)) => {
                        Ok(Some(Instruction::Fragments(message, size)))
                    }
                    _ => Err(InstructionError::Empty),
                }
            }
        }
    }

    /// Payload of a control frame of a script: text, base64 or empty.
    fn bytes(self) -> Result<Vec<u8>, RecordError> {
        Ok(match (self.text, self.base64) {
            (Some(text), _) => text.into_owned().into_bytes(),
            (None, Some(base64)) => {
                BASE64_STANDARD.decode(&*base64).map_err(|_| RecordError::Payload)?
            }
            (None, None) => Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Record, Time};

    #[test]
    fn instructions_are_written_by_hand_or_recorded() {
        let send = |text: &str| Ok(Some(Instruction::Send(Message::Text(text.into()))));
        let binary = || Ok(Some(Instruction::Send(Message::Binary(vec![0, 255]))));
        let ping = |payload: &[u8]| Ok(Some(Instruction::Ping(payload.to_vec())));
        let close = |code, reason: &str| {
            Ok(Some(Instruction::Close(Close { code: CloseCode(code), reason: reason.into() })))
        };
        let pause = Instruction::Pause(Duration::from_millis(250));
        for (line, expected) in [
            (r#"{"text":"hi"}"#, send("hi")),
            (r#"{"kind":"text","direction":"out","text":"hi","size":2}"#, send("hi")),
            (r#"{"base64":"AP8="}"#, binary()),
            (r#"{"kind":"ping"}"#, ping(b"")),
            (r#"{"kind":"ping","text":"a"}"#, ping(b"a")),
            (r#"{"kind":"ping","base64":"AP8="}"#, ping(&[0, 255])),
            (r#"{"kind":"close"}"#, close(1000, "")),
            (r#"{"kind":"close","code":4001,"reason":"bye"}"#, close(4001, "bye")),
            (r#"{"pause_ms":250}"#, Ok(Some(pause))),
            (r#"{"text":"hi","pause_ms":250}"#, Err(InstructionError::PauseBeside)),
            (r#"{"kind":"close","pause_ms":250}"#, Err(InstructionError::PauseBeside)),
            (r#"{"direction":"in","kind":"text","text":"hi"}"#, Ok(None)),
            (r#"{"event":"open"}"#, Ok(None)),
            (r#"{"kind":"text","text":"hi","size":3}"#, Err(RecordError::Size.into())),
            (r#"{"kind":"text"}"#, Err(RecordError::Payload.into())),
            (r#"{"kind":"pong","text":"a"}"#, Ok(Some(Instruction::Pong(b"a".to_vec())))),
            (r#"{"kind":"raw","base64":"AP8="}"#, Ok(Some(Instruction::Raw(vec![0, 255])))),
            (r#"{"kind":"raw","text":"a"}"#, Err(RecordError::Payload.into())),
            (
                r#"{"text":"hi","fragment":1}"#,
                Ok(Some(Instruction::Fragments(Message::Text("hi".into()), 1))),
            ),
            (r#"{"kind":"ping","text":"a","fragment":1}"#, Err(InstructionError::Fragment)),
            ("{}", Err(InstructionError::Empty)),
        ] {
            assert_eq!(Instruction::read(line), expected, "{line}");
        }
        // What a recording closed or pinged is not sent again.
        let recorded = |fact| Instruction::read(&Record { at: Time(0), fact }.to_string());
        let message = |way| Fact::Message(way, Message::Text("hi".into()), None);
        assert_eq!(recorded(message(Direction::Out)), send("hi"));
        assert_eq!(recorded(message(Direction::In)), Ok(None));
        assert_eq!(recorded(Fact::Ping(Direction::Out, vec![1])), Ok(None));
        assert_eq!(recorded(Fact::Close(Direction::Out, Close::normal())), Ok(None));
        assert_eq!(recorded(Fact::Raw(vec![1])), Ok(None));
    }
}
