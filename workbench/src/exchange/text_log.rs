//! The log for reading: one line for each thing that happened, whatever is in it.

use std::fmt::Write;

use session::{Direction, Payload};

use crate::log::{Content, Entry};

/// Bytes of a binary message that are written out, at most; it says how many more there are. Who wants
/// them all takes JSON Lines.
const BINARY_BYTES: usize = 256;

/// Writes a line with its line break.
pub(super) fn line(entry: &Entry<'_>, out: &mut String) {
    // Writing to a String cannot fail, here and below.
    let _ = write!(out, "{} ", entry.at);
    match entry.content {
        Content::Message(direction, payload, round_trip) => {
            out.push_str(match direction {
                Direction::In => "in  ",
                Direction::Out => "out ",
            });
            let kind = match payload {
                Payload::Text(_) => "text",
                Payload::Binary(_) => "binary",
            };
            let _ = write!(out, "{kind} {} B", payload.len());
            if let Some(round_trip) = round_trip {
                let _ = write!(out, ", echo after {} µs", round_trip.as_micros());
            }
            out.push_str(": ");
            match payload {
                Payload::Text(text) => escape(text, out),
                Payload::Binary(_) => {
                    let preview = payload.preview(BINARY_BYTES);
                    out.push_str(&preview.text);
                    if preview.omitted > 0 {
                        let _ = write!(out, " … and {} B more", preview.omitted);
                    }
                }
            }
        }
        Content::Opened(negotiated, _) => {
            out.push_str("--- Open");
            if !negotiated.subprotocol.is_empty() {
                out.push_str(", subprotocol ");
                escape(&negotiated.subprotocol, out);
            }
        }
        Content::Ended(ending) => {
            out.push_str("--- ");
            escape(&ending.to_string(), out);
        }
        Content::Imported(brought) => {
            let _ = write!(out, "--- {} entries above were brought here", brought.entries);
        }
    }
    out.push('\n');
}

/// Text that stays on its line and shows in its order: without line breaks and other control
/// characters, and without those that turn the direction of writing. `\` is doubled, so that what is
/// escaped cannot be mistaken for what was there.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            character if character.is_control() || is_unseen(character) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            character => out.push(character),
        }
    }
}

/// Characters that no one sees and that change how the others are seen: line and paragraph separators
/// and the controls of Unicode's bidirectional algorithm (UAX #9, section 2), a mark at the start of
/// files.
pub(crate) fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}
