//! Where messages come from: arguments first, then standard input in lines, pieces or typed.

use std::collections::VecDeque;

use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, BufReader, Stdin, stdin},
    sync::mpsc,
};
use workbench::Message;

use crate::{interrupt::Interrupt, prompt::Prompt};

/// Bytes read from standard input at once.
const READ: usize = 64 << 10;

/// What comes from the person or the script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InputEvent {
    Message(Message),
    /// A line that a person typed at the prompt, where commands are understood.
    Typed(String),
    /// There is nothing more.
    End,
    /// Standard input cannot be read on; a sentence.
    Broken(String),
}

/// How standard input is cut into messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// At this byte, which is not part of the message; for a line break, nor is a carriage return
    /// before it.
    Lines { separator: u8 },
    /// Into binary messages of this many bytes; the last may be shorter.
    Chunks { bytes: usize },
}

/// All that is to be sent, in order.
pub(crate) struct Input {
    first: VecDeque<String>,
    rest: Rest,
}

enum Rest {
    Nothing,
    Stdin(Cutter<BufReader<Stdin>>),
    /// The prompt appears when there is something to talk to.
    Waiting(Box<Prompt>, Interrupt),
    Prompt(mpsc::Receiver<String>),
}

impl Input {
    /// `first`, and nothing more.
    pub(crate) fn only(first: Vec<String>) -> Self {
        Self { first: first.into(), rest: Rest::Nothing }
    }

    /// `first`, then standard input, cut into messages of `max_message` bytes at most.
    pub(crate) fn stdin(first: Vec<String>, cut: Cut, max_message: usize) -> Self {
        let reader = BufReader::with_capacity(READ, stdin());
        let rest = Rest::Stdin(Cutter { reader, cut, max_message, piece: Vec::new(), number: 0 });
        Self { first: first.into(), rest }
    }

    /// `first`, then what is typed.
    pub(crate) fn prompt(first: Vec<String>, prompt: Prompt, interrupt: Interrupt) -> Self {
        Self { first: first.into(), rest: Rest::Waiting(Box::new(prompt), interrupt) }
    }

    /// There is a connection: a prompt makes sense from here on.
    pub(crate) fn connected(&mut self) {
        self.rest = match std::mem::replace(&mut self.rest, Rest::Nothing) {
            Rest::Waiting(prompt, interrupt) => Rest::Prompt(prompt.read(interrupt)),
            rest => rest,
        };
    }

    /// Whether a person types it, so that it must be read though nothing can be sent.
    pub(crate) fn is_typed(&self) -> bool {
        self.first.is_empty() && matches!(self.rest, Rest::Prompt(_))
    }

    /// The next message. Can be cancelled without loss.
    pub(crate) async fn next(&mut self) -> InputEvent {
        if let Some(text) = self.first.pop_front() {
            return InputEvent::Message(Message::Text(text));
        }
        match &mut self.rest {
            Rest::Nothing => InputEvent::End,
            Rest::Waiting(..) => std::future::pending().await,
            Rest::Stdin(cutter) => match cutter.next().await {
                Ok(Some(message)) => InputEvent::Message(message),
                Ok(None) => InputEvent::End,
                Err(sentence) => InputEvent::Broken(sentence),
            },
            Rest::Prompt(lines) => lines.recv().await.map_or(InputEvent::End, InputEvent::Typed),
        }
    }
}

/// Cuts what is read into messages, one at a time.
struct Cutter<R> {
    reader: R,
    cut: Cut,
    max_message: usize,
    /// The start of the next message.
    piece: Vec<u8>,
    /// Of the message that was read last, counted from 1.
    number: u64,
}

impl<R: AsyncBufRead + Unpin> Cutter<R> {
    async fn next(&mut self) -> Result<Option<Message>, String> {
        loop {
            // The only wait: what was read before it is in `self`.
            let available = self.reader.fill_buf().await;
            let available =
                available.map_err(|error| format!("Cannot read standard input: {error}."))?;
            if available.is_empty() {
                let is_end = self.piece.is_empty();
                return if is_end { Ok(None) } else { self.take().map(Some) };
            }
            let (used, is_whole) = match self.cut {
                Cut::Lines { separator } => {
                    match available.iter().position(|byte| *byte == separator) {
                        Some(place) => (place + 1, true),
                        None => (available.len(), false),
                    }
                }
                Cut::Chunks { bytes } => {
                    let missing = bytes - self.piece.len();
                    (missing.min(available.len()), missing <= available.len())
                }
            };
            self.piece.extend_from_slice(&available[..used]);
            self.reader.consume(used);
            if is_whole {
                if let Cut::Lines { separator } = self.cut {
                    self.piece.pop();
                    if separator == b'\n' && self.piece.last() == Some(&b'\r') {
                        self.piece.pop();
                    }
                }
                return self.take().map(Some);
            }
            if self.piece.len() > self.max_message {
                return Err(format!(
                    "Message {} of standard input has more than {} bytes; --max-message raises \
                     the bound, --binary sends it in pieces.",
                    self.number + 1,
                    self.max_message
                ));
            }
        }
    }

    fn take(&mut self) -> Result<Message, String> {
        self.number += 1;
        let piece = std::mem::take(&mut self.piece);
        match self.cut {
            Cut::Chunks { .. } => Ok(Message::Binary(piece)),
            Cut::Lines { .. } => String::from_utf8(piece).map(Message::Text).map_err(|_| {
                format!(
                    "Message {} of standard input is not UTF-8, as text has to be; --binary sends \
                     bytes.",
                    self.number
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const LINES: Cut = Cut::Lines { separator: b'\n' };

    fn cut(input: &[u8], cut: Cut, max_message: usize) -> Vec<Result<Message, String>> {
        // A small buffer: messages come in parts.
        let reader = BufReader::with_capacity(3, input);
        let mut cutter = Cutter { reader, cut, max_message, piece: Vec::new(), number: 0 };
        std::iter::from_fn(|| cutter.next().now_or_never().unwrap().transpose()).take(10).collect()
    }

    fn texts(texts: &[&str]) -> Vec<Result<Message, String>> {
        texts.iter().map(|text| Ok(Message::Text((*text).into()))).collect()
    }

    #[test]
    fn lines_end_at_line_breaks() {
        assert_eq!(
            cut(b"one\r\n\nthree is long\nlast", LINES, 99),
            texts(&["one", "", "three is long", "last"])
        );
        assert_eq!(cut(b"", LINES, 99), []);
    }

    #[test]
    fn with_nul_a_message_may_hold_line_breaks() {
        assert_eq!(
            cut(b"a\r\nb\r\0c\0", Cut::Lines { separator: 0 }, 99),
            texts(&["a\r\nb\r", "c"])
        );
    }

    #[test]
    fn chunks_are_filled() {
        let bytes = |bytes: &[u8]| Ok(Message::Binary(bytes.into()));
        let chunks = cut(b"abcdefgh", Cut::Chunks { bytes: 5 }, 5);
        assert_eq!(chunks, [bytes(b"abcde"), bytes(b"fgh")]);
    }

    #[test]
    fn what_cannot_be_sent_is_an_error_with_its_number() {
        let errors = cut(b"ok\n\xff\n", LINES, 99);
        assert!(errors[1].as_ref().unwrap_err().starts_with("Message 2 of standard input is not"));
        let errors = cut(b"ok\n123456789", LINES, 6);
        assert!(errors[1].as_ref().unwrap_err().contains("more than 6 bytes"));
    }
}
