//! Where messages come from: arguments first, then standard input in lines, pieces or typed.

use std::collections::VecDeque;

use session::{Direction, Fact, Message, Record};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, BufReader, Stdin, stdin},
    sync::mpsc,
};

use crate::{interrupt::Interrupt, prompt::Prompt};

/// Bytes read from standard input at once.
const READ: usize = 64 << 10;

/// Bytes that JSON takes for one of a message, at most: a control character is `\u0001`.
const ESCAPED: usize = 6;

/// Bytes of a line of JSON beside the message. What is written needs 150; later versions may add
/// fields.
const FIELDS: usize = 64 << 10;

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
    /// At line breaks. Each line is a [`Record`]: what was sent is sent again, the rest passed over.
    Records,
    /// Into binary messages of this many bytes; the last may be shorter.
    Chunks { bytes: usize },
}

impl Cut {
    fn separator(self) -> Option<u8> {
        match self {
            Self::Lines { separator } => Some(separator),
            Self::Records => Some(b'\n'),
            Self::Chunks { .. } => None,
        }
    }

    /// Bytes in a piece with a message of `max_message`, at most.
    fn longest(self, max_message: usize) -> usize {
        match self {
            Self::Records => max_message.saturating_mul(ESCAPED).saturating_add(FIELDS),
            Self::Lines { .. } | Self::Chunks { .. } => max_message,
        }
    }
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
    /// The start of the next piece.
    piece: Vec<u8>,
    /// Of the piece that was read last, counted from 1: a message, or a line with a record.
    number: u64,
}

impl<R: AsyncBufRead + Unpin> Cutter<R> {
    async fn next(&mut self) -> Result<Option<Message>, String> {
        while let Some(piece) = self.next_piece().await? {
            if let Some(message) = self.read(piece)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, String> {
        loop {
            // The only wait: what was read before it is in `self`.
            let available = self.reader.fill_buf().await;
            let available =
                available.map_err(|error| format!("Cannot read standard input: {error}."))?;
            if available.is_empty() {
                return Ok((!self.piece.is_empty()).then(|| self.take()));
            }
            let (used, is_whole) = match self.cut {
                Cut::Chunks { bytes } => {
                    let missing = bytes - self.piece.len();
                    (missing.min(available.len()), missing <= available.len())
                }
                Cut::Lines { .. } | Cut::Records => {
                    let separator = self.cut.separator();
                    match available.iter().position(|byte| Some(*byte) == separator) {
                        Some(place) => (place + 1, true),
                        None => (available.len(), false),
                    }
                }
            };
            self.piece.extend_from_slice(&available[..used]);
            self.reader.consume(used);
            if is_whole {
                if let Some(separator) = self.cut.separator() {
                    self.piece.pop();
                    if separator == b'\n' && self.piece.last() == Some(&b'\r') {
                        self.piece.pop();
                    }
                }
                return Ok(Some(self.take()));
            }
            if self.piece.len() > self.cut.longest(self.max_message) {
                self.number += 1;
                return Err(self.too_large());
            }
        }
    }

    fn take(&mut self) -> Vec<u8> {
        self.number += 1;
        std::mem::take(&mut self.piece)
    }

    /// The message in a piece; `None` for a line that is there for something else.
    fn read(&self, piece: Vec<u8>) -> Result<Option<Message>, String> {
        match self.cut {
            Cut::Chunks { .. } => Ok(Some(Message::Binary(piece))),
            Cut::Lines { .. } => String::from_utf8(piece).map(Message::Text).map(Some).map_err(|_| {
                format!(
                    "Message {} of standard input is not UTF-8, as text has to be; --binary sends \
                     bytes.",
                    self.number
                )
            }),
            Cut::Records => self.read_record(&piece),
        }
    }

    fn read_record(&self, line: &[u8]) -> Result<Option<Message>, String> {
        let wrong =
            |what: &str| format!("Line {} of standard input cannot be read: {what}.", self.number);
        let line = str::from_utf8(line).map_err(|_| wrong("it is not UTF-8"))?;
        if line.trim().is_empty() {
            return Ok(None);
        }
        match Record::read(line).map_err(|error| wrong(&error.to_string()))?.fact {
            Fact::Message(Direction::Out, message, _) if message.len() > self.max_message => {
                Err(self.too_large())
            }
            Fact::Message(Direction::Out, message, _) => Ok(Some(message)),
            _ => Ok(None),
        }
    }

    fn too_large(&self) -> String {
        let Self { number, max_message, .. } = self;
        match self.cut {
            Cut::Records => format!(
                "Line {number} of standard input holds more than a message of {max_message} bytes; \
                 --max-message raises the bound."
            ),
            Cut::Lines { .. } | Cut::Chunks { .. } => format!(
                "Message {number} of standard input has more than {max_message} bytes; \
                 --max-message raises the bound, --binary sends it in pieces."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use session::{EndReason, Time};

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

    /// The line of a message.
    fn line(direction: Direction, message: Message) -> String {
        Record { at: Time(0), fact: Fact::Message(direction, message, None) }.to_string()
    }

    #[test]
    fn of_records_what_was_sent_is_sent_again() {
        let bytes = Message::Binary(vec![0, b'\n', 255]);
        let text = Message::Text("two\nlines".into());
        let record = |fact| Record { at: Time(0), fact }.to_string();
        let lines = [
            record(Fact::Opened),
            line(Direction::Out, text.clone()),
            line(Direction::In, text.clone()),
            record(Fact::Ping(Direction::Out, vec![1])),
            " ".into(),
            line(Direction::Out, bytes.clone()) + "\r",
            record(Fact::Ended(EndReason::Failed, None)),
        ];
        assert_eq!(cut(lines.join("\n").as_bytes(), Cut::Records, 9), [Ok(text), Ok(bytes)]);
    }

    #[test]
    fn a_line_that_is_no_record_is_an_error_with_its_number_and_what_is_wrong() {
        let good = line(Direction::In, Message::Text("hi".into()));
        for (wrong, what) in [
            (&b"hi"[..], "it is not a JSON object of this format: expected value at column 1"),
            (b"\xff", "it is not UTF-8"),
            (b"{}", "\"time\" must be a time like 2026-01-02T03:04:05.678901Z"),
        ] {
            let input = [good.as_bytes(), wrong].join(&b"\n\n"[..]);
            let sentence = format!("Line 3 of standard input cannot be read: {what}.");
            assert_eq!(cut(&input, Cut::Records, 9), [Err(sentence)]);
        }
    }

    #[test]
    fn a_record_of_the_largest_message_fits_however_it_is_escaped() {
        const MAX: usize = 100_000;
        let escaped = |bytes| line(Direction::Out, Message::Text("\u{1}".repeat(bytes)));
        assert!(matches!(&cut(escaped(MAX).as_bytes(), Cut::Records, MAX)[..], [Ok(_)]));
        let no_end = vec![b' '; MAX * ESCAPED + FIELDS + 9];
        for too_large in [escaped(MAX + 1).as_bytes(), &no_end] {
            let errors = cut(too_large, Cut::Records, MAX);
            let sentence = errors[0].as_ref().unwrap_err();
            assert!(sentence.starts_with("Line 1 of standard input holds more"), "{sentence}");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_an_error_with_its_number() {
        let errors = cut(b"ok\n\xff\n", LINES, 99);
        assert!(errors[1].as_ref().unwrap_err().starts_with("Message 2 of standard input is not"));
        let errors = cut(b"ok\n123456789", LINES, 6);
        assert!(errors[1].as_ref().unwrap_err().contains("more than 6 bytes"));
    }
}
