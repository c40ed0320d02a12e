//! Text of messages and control frames.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value};
use session::{
    Direction, Fact, Frame, Message, Payload, Record, hexadecimal, is_invisible, visible_json,
    visible_line, visible_text,
};

use super::wrap::{CONTINUATION, wrap};
use crate::{
    process::paint,
    quantity::{format_count, format_counted, format_duration},
};

/// Maximum length of a text message shown on a terminal, in bytes: printing more takes long.
const MAX_TEXT: usize = 16 << 10;

/// Maximum number of bytes shown of binary data, or of a control frame's payload.
const MAX_BINARY: usize = 32;

/// Style of the label of a message.
const RECEIVED: Style = AnsiColor::Cyan.on_default();
/// Style of everything but payloads, on a terminal with colours.
pub(super) const DIMMED: Style = Style::new().dimmed();

/// Format of messages on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// Labelled, colored and shortened, for reading in a terminal.
    Terminal,
    /// Payload, then this byte.
    Lines { separator: u8 },
    /// Payload only.
    Raw,
    /// JSON Lines, one object for every event.
    Json,
}

/// Message as written to standard output, with its separator. Text is escaped for a terminal, and wrapped
/// at its `columns`.
pub(super) fn message(
    format: OutputFormat,
    is_terminal: bool,
    columns: Option<usize>,
    message: &Message,
) -> Vec<u8> {
    let mut bytes = match (format, message) {
        (OutputFormat::Raw, Message::Binary(bytes)) => return bytes.clone(),
        (_, Message::Binary(bytes)) => hexadecimal(bytes, "").into_bytes(),
        (OutputFormat::Lines { .. }, Message::Text(text)) if is_terminal => {
            indented_lines(text, columns).into_bytes()
        }
        (_, Message::Text(text)) => text.clone().into_bytes(),
    };
    if let OutputFormat::Lines { separator } = format {
        bytes.push(separator);
    }
    bytes
}

/// Message as shown on a terminal: labelled, escaped, shortened, JSON indented if wanted. Its start
/// is shown, with the number of bytes left out.
pub(super) fn terminal_message(
    message: &Message,
    color: bool,
    indent_json: bool,
    columns: Option<usize>,
) -> String {
    let indented = indent_json.then(|| indented(message)).flatten();
    let message = indented.as_ref().unwrap_or(message);
    let (start, omitted) = match message {
        Message::Text(_) => {
            let preview = message.payload().preview(MAX_TEXT);
            (indented_lines(&preview.text, columns), preview.omitted)
        }
        Message::Binary(bytes) => {
            let preview = message.payload().preview(MAX_BINARY);
            let size = format_counted(bytes.len() as u64, "byte", "bytes");
            let punctuation = if bytes.is_empty() { "" } else { ": " };
            (format!("{size} of binary data{punctuation}{}", preview.text), preview.omitted)
        }
    };
    let more = match omitted {
        0 => String::new(),
        _ => format!(" … and {} more bytes", format_count(omitted as u64)),
    };
    let label = paint(color, RECEIVED, "Received:");
    format!("{label} {start}{}\n", paint(color, DIMMED, &more))
}

/// Escaped text, all lines but the first indented: none can pass for a notice of this program.
fn indented_lines(text: &str, columns: Option<usize>) -> String {
    let lines = visible_text(text);
    let lines = lines.split('\n').map(|line| wrap(line, columns));
    lines.collect::<Vec<_>>().join(CONTINUATION)
}

/// Record as a line of JSON, with more fields if there are any. Control characters are escaped; for a terminal,
/// all invisible ones.
pub(crate) fn json_line(record: &Record, more: Map<String, Value>, is_terminal: bool) -> String {
    let mut line = record.to_string();
    if !more.is_empty()
        && let Ok(mut object) = serde_json::from_str::<Map<String, Value>>(&line)
    {
        object.extend(more);
        line = Value::from(object).to_string();
    }
    let mut line = if is_terminal { visible_json(&line).into_owned() } else { escape_json(&line) };
    line.push('\n');
    line
}

/// Control frame, or any frame with `--frames`, as a line of text; empty for other facts.
pub(super) fn control_frame(fact: &Fact) -> String {
    let verb = |direction| match direction {
        Direction::In => "received",
        Direction::Out => "sent",
    };
    match fact {
        Fact::Ping(direction, payload) => {
            format!("Ping {}{}", verb(*direction), control_payload(payload))
        }
        Fact::Pong(direction, payload, round_trip) => {
            let after = round_trip.map(|time| format!(" after {}", format_duration(time)));
            let after = after.unwrap_or_default();
            format!("Pong {}{after}{}", verb(*direction), control_payload(payload))
        }
        Fact::Close(direction, close) => {
            format!("Close frame {}: {}", verb(*direction), visible_line(&close.to_string()))
        }
        Fact::Frame(direction, frame) => format!("Frame {}: {}", verb(*direction), flags(frame)),
        Fact::Opened(_) | Fact::Message(..) | Fact::Raw(_) | Fact::Ended(..) => String::new(),
    }
}

/// Opcode, flags, mask and sizes of a frame. As RFC 6455 (section 5.2) names them; sizes are header
/// and payload.
fn flags(frame: &Frame) -> String {
    let mut text = frame.opcode.to_string();
    let flags = [
        (frame.fin, ", FIN"),
        (frame.rsv1, ", RSV1"),
        (frame.rsv2, ", RSV2"),
        (frame.rsv3, ", RSV3"),
    ];
    for (is_set, flag) in flags {
        text += if is_set { flag } else { "" };
    }
    if let Some(mask) = frame.mask {
        let _ = write!(text, ", mask {mask}");
    }
    let size = frame.size.map(|size| format_counted(size, "byte", "bytes"));
    let _ = write!(text, ", {} + {}", frame.header, size.as_deref().unwrap_or("? bytes"));
    if let Some(inflated) = frame.inflated {
        let _ = write!(text, ", inflated {}", format_count(inflated));
    }
    text
}

/// Payload of a control frame: text if printable, else the first bytes.
fn control_payload(payload: &[u8]) -> String {
    match std::str::from_utf8(payload) {
        Ok("") => String::new(),
        Ok(text) if !text.contains(is_invisible) => format!(": {text}"),
        _ => {
            let preview = Payload::Binary(payload).preview(MAX_BINARY);
            let more = if preview.omitted > 0 { " …" } else { "" };
            let size = format_counted(payload.len() as u64, "byte", "bytes");
            format!(": {size}, {}{more}", preview.text)
        }
    }
}

/// Message with its JSON indented; `None` if it is not JSON. Numbers are printed as parsed.
fn indented(message: &Message) -> Option<Message> {
    let Message::Text(text) = message else { return None };
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    serde_json::to_string_pretty(&value).ok().map(Message::Text)
}

/// Escapes the control characters that JSON itself does not: DEL and C1.
fn escape_json(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for character in line.chars() {
        if character.is_control() {
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_in_json_are_escaped() {
        assert_eq!(escape_json("{\"a\":\"\u{9b}2J\u{7f}\"}"), r#"{"a":"\u009b2J\u007f"}"#);
    }

    #[test]
    fn binary_is_printed_as_hexadecimal() {
        let binary = Message::Binary(vec![0, 255, 27]);
        assert_eq!(
            message(OutputFormat::Lines { separator: b'\n' }, false, None, &binary),
            b"00ff1b\n"
        );
        assert_eq!(message(OutputFormat::Raw, true, None, &binary), [0, 255, 27]);
    }

    #[test]
    fn indented_json_is_the_same_json() {
        let text = r#"{"z":1.10,"a":[12345678901234567890123]}"#;
        let Some(Message::Text(shown)) = indented(&Message::Text(text.into())) else { panic!() };
        assert_eq!(shown.replace([' ', '\n'], ""), text);
        assert_eq!(indented(&Message::Text("no JSON".into())), None);
    }

    #[test]
    fn control_payloads_are_shown_as_text_or_bytes() {
        assert_eq!(control_payload(b""), "");
        assert_eq!(control_payload(b"hello"), ": hello");
        assert_eq!(control_payload(&[0, 1]), ": 2 bytes, 00 01");
        assert_eq!(control_payload("\u{202e}".as_bytes()), ": 3 bytes, e2 80 ae");
    }

    #[test]
    fn a_message_cannot_pass_for_a_notice_on_a_terminal() {
        let forged = Message::Text("a\nConnected to server\u{202e}\r\n".into());
        let shown = "a\n          Connected to server\\u{202e}\\r\n          ";
        assert_eq!(terminal_message(&forged, false, false, None), format!("Received: {shown}\n"));
        let null = OutputFormat::Lines { separator: 0 };
        assert_eq!(message(null, true, None, &forged), format!("{shown}\0").as_bytes());
        let piped = message(OutputFormat::Lines { separator: b'\n' }, false, None, &forged);
        assert_eq!(piped, "a\nConnected to server\u{202e}\r\n\n".as_bytes());
    }

    #[test]
    fn json_on_a_terminal_is_escaped_and_in_a_pipe_as_before() {
        let fact = Fact::Message(Direction::In, Message::Text("\u{202e}\u{9b}".into()), None);
        let record = Record { at: session::Time(0), fact };
        assert!(json_line(&record, Map::new(), true).contains(r#""text":"\u202e\u009b""#));
        assert!(json_line(&record, Map::new(), false).contains("\"text\":\"\u{202e}\\u009b\""));
    }

    #[test]
    fn a_close_reason_stays_on_its_line() {
        let reason = "a\nConnected to server".to_owned();
        let close = session::Close { code: session::CloseCode(4001), reason };
        let shown = control_frame(&Fact::Close(Direction::In, close));
        assert!(shown.ends_with(r": a\nConnected to server"), "{shown}");
    }
}
