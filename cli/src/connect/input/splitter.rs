//! Splitting of standard input into messages.

use session::{Instruction, Message};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::control::check;
use crate::quantity::MAX_DURATION;

/// Maximum size of a byte of a message in JSON: a control character is `\u0001`.
const JSON_ESCAPE: usize = 6;

/// Maximum size of a JSON line without the message. wsbench writes 150 bytes; later versions may add
/// fields.
const JSON_FIELDS: usize = 64 << 10;

/// Format of standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputFormat {
    /// Text messages, each ended by the separator; a carriage return before a line break is dropped.
    Lines { separator: u8 },
    /// JSON Lines, each an [`Instruction`] or a record.
    Records,
    /// Binary messages of this many bytes; the last may be shorter.
    Chunks { bytes: usize },
}

impl InputFormat {
    /// Byte that ends a piece; `None` if pieces have a fixed size.
    fn separator(self) -> Option<u8> {
        match self {
            Self::Lines { separator } => Some(separator),
            Self::Records => Some(b'\n'),
            Self::Chunks { .. } => None,
        }
    }

    /// Maximum size of a piece that contains a message of `max_message` bytes.
    fn max_piece(self, max_message: usize) -> usize {
        match self {
            Self::Records => max_message.saturating_mul(JSON_ESCAPE).saturating_add(JSON_FIELDS),
            Self::Lines { .. } | Self::Chunks { .. } => max_message,
        }
    }
}

/// Splits a reader into messages. Memory is bounded by the largest piece.
pub(crate) struct Splitter<R> {
    reader: R,
    format: InputFormat,
    /// Maximum size of a message, in bytes; more is an error.
    max_message: usize,
    /// Start of the next piece.
    piece: Vec<u8>,
    /// Number of the last piece (message or line), counted from 1.
    number: u64,
    /// True at the end: a terminal would be read on.
    is_over: bool,
}

impl<R: AsyncBufRead + Unpin> Splitter<R> {
    /// Splits `reader` into messages of at most `max_message` bytes.
    pub(crate) fn new(reader: R, format: InputFormat, max_message: usize) -> Self {
        Self { reader, format, max_message, piece: Vec::new(), number: 0, is_over: false }
    }

    /// Next message or other instruction, or `None` at the end. The error is a sentence. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Option<Instruction>, String> {
        while let Some(piece) = self.next_piece().await? {
            if let Some(instruction) = self.instruction(piece)? {
                return Ok(Some(instruction));
            }
        }
        Ok(None)
    }

    /// Place of the next message or frame, such as `line 3`, also if it cannot be read; `None` at the end or before
    /// a Close frame. Cancel safe.
    pub(crate) async fn next_place(&mut self) -> Option<String> {
        loop {
            match self.next().await {
                Ok(None | Some(Instruction::Close(_))) => return None,
                Ok(Some(Instruction::Pause(_))) => {}
                Ok(Some(_)) | Err(_) => break,
            }
        }
        let unit = match self.format {
            InputFormat::Lines { separator: b'\n' } | InputFormat::Records => "line",
            InputFormat::Lines { .. } | InputFormat::Chunks { .. } => "message",
        };
        Some(format!("{unit} {}", self.number))
    }

    /// Bytes up to the next separator, or a full chunk. `None` at the end; a last line needs no
    /// separator.
    async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, String> {
        while !self.is_over {
            // The only await: everything read before is in `self`.
            let available = self.reader.fill_buf().await;
            let available =
                available.map_err(|error| format!("Cannot read standard input: {error}."))?;
            if available.is_empty() {
                self.is_over = true;
                return Ok((!self.piece.is_empty()).then(|| self.take_piece()));
            }
            let (used, is_whole) = match self.format {
                InputFormat::Chunks { bytes } => {
                    let missing = bytes - self.piece.len();
                    (missing.min(available.len()), missing <= available.len())
                }
                InputFormat::Lines { .. } | InputFormat::Records => {
                    let separator = self.format.separator();
                    match available.iter().position(|byte| Some(*byte) == separator) {
                        Some(index) => (index + 1, true),
                        None => (available.len(), false),
                    }
                }
            };
            self.piece.extend_from_slice(&available[..used]);
            self.reader.consume(used);
            if is_whole && let Some(separator) = self.format.separator() {
                self.piece.pop();
                if separator == b'\n' && self.piece.last() == Some(&b'\r') {
                    self.piece.pop();
                }
            }
            if self.piece.len() > self.format.max_piece(self.max_message) {
                self.number += 1;
                return Err(self.too_large());
            }
            if is_whole {
                return Ok(Some(self.take_piece()));
            }
        }
        Ok(None)
    }

    /// Completes the current piece.
    fn take_piece(&mut self) -> Vec<u8> {
        self.number += 1;
        std::mem::take(&mut self.piece)
    }

    /// Instruction of a piece; `None` for a record of anything else. The error names the number of
    /// the piece.
    fn instruction(&self, piece: Vec<u8>) -> Result<Option<Instruction>, String> {
        match self.format {
            InputFormat::Chunks { .. } => Ok(Some(Instruction::Send(Message::Binary(piece)))),
            InputFormat::Lines { .. } => match String::from_utf8(piece) {
                Ok(text) => Ok(Some(Instruction::Send(Message::Text(text)))),
                Err(_) => Err(format!(
                    "Message {} of standard input is not UTF-8 text; use --binary to send bytes.",
                    self.number
                )),
            },
            InputFormat::Records => self.read_record(&piece),
        }
    }

    /// Instruction of a JSON line; `None` for a blank line or any other record.
    fn read_record(&self, line: &[u8]) -> Result<Option<Instruction>, String> {
        let wrong =
            |what: &str| format!("Line {} of standard input cannot be read: {what}.", self.number);
        let line = str::from_utf8(line).map_err(|_| wrong("it is not UTF-8"))?;
        // A byte order mark, as PowerShell writes it.
        let line = if self.number == 1 { line.trim_start_matches('\u{feff}') } else { line };
        if line.trim().is_empty() {
            return Ok(None);
        }
        let refused = |sentence: String| wrong(sentence.trim_end_matches('.'));
        Ok(match Instruction::read(line).map_err(|error| wrong(&error.to_string()))? {
            Some(Instruction::Send(message) | Instruction::Fragments(message, _))
                if message.len() > self.max_message =>
            {
                return Err(self.too_large());
            }
            Some(Instruction::Pause(pause)) if pause > MAX_DURATION => {
                return Err(wrong("the pause is longer than a year"));
            }
            Some(instruction) => {
                check(&instruction).map_err(refused)?;
                Some(instruction)
            }
            None => None,
        })
    }

    /// Error for a message over the limit.
    fn too_large(&self) -> String {
        let Self { number, max_message, .. } = self;
        match self.format {
            InputFormat::Records => format!(
                "Line {number} of standard input contains a message of more than {max_message} \
                 bytes; --max-message raises the limit."
            ),
            InputFormat::Lines { .. } | InputFormat::Chunks { .. } => format!(
                "Message {number} of standard input has more than {max_message} bytes; \
                 --max-message raises the limit, --binary splits it."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use session::{Direction, Fact, Record, Time};
    use tokio::io::BufReader;

    use super::*;

    const LINES: InputFormat = InputFormat::Lines { separator: b'\n' };

    fn split(
        input: &[u8],
        format: InputFormat,
        max_message: usize,
    ) -> Vec<Result<Instruction, String>> {
        // A small buffer: messages arrive in parts.
        let reader = BufReader::with_capacity(3, input);
        let mut splitter = Splitter::new(reader, format, max_message);
        std::iter::from_fn(|| splitter.next().now_or_never().unwrap().transpose())
            .take(10)
            .collect()
    }

    fn send(text: &str) -> Instruction {
        Instruction::Send(Message::Text(text.into()))
    }

    fn texts(texts: &[&str]) -> Vec<Result<Instruction, String>> {
        texts.iter().map(|text| Ok(send(text))).collect()
    }

    #[test]
    fn lines_end_at_line_breaks() {
        assert_eq!(
            split(b"one\r\n\nthree is long\nlast", LINES, 99),
            texts(&["one", "", "three is long", "last"])
        );
        assert_eq!(split(b"", LINES, 99), []);
    }

    #[test]
    fn nul_separated_messages_contain_line_breaks() {
        assert_eq!(
            split(b"a\r\nb\r\0c\0", InputFormat::Lines { separator: 0 }, 99),
            texts(&["a\r\nb\r", "c"])
        );
    }

    /// JSON line of a message.
    fn line(direction: Direction, message: Message) -> String {
        Record { at: Time(0), fact: Fact::Message(direction, message, None) }.to_string()
    }

    #[test]
    fn an_invalid_record_is_reported_with_its_line_number() {
        let good = line(Direction::In, Message::Text("hi".into()));
        for (wrong, what) in [
            (&b"hi"[..], "it is not a JSON object of this format: invalid JSON at column 1"),
            (b"\xff", "it is not UTF-8"),
            (b"{\"time\":\"today\"}", "\"time\" must be a time like 2026-01-02T03:04:05.678901Z"),
            (
                b"{\"kind\":\"close\",\"code\":1005}",
                "Close code 1005 cannot be sent. Allowed: \
              1000 to 1003, 1007 to 1014, 3000 to 4999",
            ),
            (b"{\"pause_ms\":99999999999}", "the pause is longer than a year"),
        ] {
            let input = [good.as_bytes(), wrong].join(&b"\n\n"[..]);
            let sentence = format!("Line 3 of standard input cannot be read: {what}.");
            assert_eq!(split(&input, InputFormat::Records, 9), [Err(sentence)]);
        }
    }

    #[test]
    fn a_record_of_the_largest_message_is_accepted_fully_escaped() {
        const MAX: usize = 100_000;
        let escaped = |bytes| line(Direction::Out, Message::Text("\u{1}".repeat(bytes)));
        assert!(matches!(&split(escaped(MAX).as_bytes(), InputFormat::Records, MAX)[..], [Ok(_)]));
        let no_end = vec![b' '; MAX * JSON_ESCAPE + JSON_FIELDS + 9];
        for too_large in [escaped(MAX + 1).as_bytes(), &no_end] {
            let errors = split(too_large, InputFormat::Records, MAX);
            let sentence = errors[0].as_ref().unwrap_err();
            assert!(
                sentence.starts_with("Line 1 of standard input contains a message of more"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn the_place_of_the_next_message_is_told() {
        let place = |input: &str, format| {
            let mut splitter = Splitter::new(input.as_bytes(), format, 9);
            splitter.next().now_or_never().unwrap().unwrap();
            splitter.next_place().now_or_never().unwrap()
        };
        assert_eq!(place("a\r\nb\nc", LINES).as_deref(), Some("line 2"));
        assert_eq!(place("a\n", LINES), None);
        let null = InputFormat::Lines { separator: 0 };
        assert_eq!(place("a\0b", null).as_deref(), Some("message 2"));
        let script = "{\"text\":\"a\"}\n{\"pause_ms\":1}\n\n";
        let next = |line: &str| place(&format!("{script}{line}"), InputFormat::Records);
        assert_eq!(next("{\"kind\":\"ping\"}").as_deref(), Some("line 4"));
        assert_eq!(next("wrong").as_deref(), Some("line 4"));
        assert_eq!((next("{\"kind\":\"close\"}"), next("")), (None, None));
    }

    #[test]
    fn an_invalid_message_is_reported_with_its_number() {
        let errors = split(b"ok\n\xff\n", LINES, 99);
        assert!(errors[1].as_ref().unwrap_err().starts_with("Message 2 of standard input is not"));
        let errors = split(b"ok\n123456789", LINES, 6);
        assert!(errors[1].as_ref().unwrap_err().contains("more than 6 bytes"));
        // Read in one piece.
        let mut splitter = Splitter::new(&b"123456\r\n1234567\n"[..], LINES, 6);
        let mut next = || splitter.next().now_or_never().unwrap();
        assert_eq!(next(), Ok(Some(send("123456"))));
        assert!(next().unwrap_err().starts_with("Message 2 of standard input has more than 6"));
    }
}
