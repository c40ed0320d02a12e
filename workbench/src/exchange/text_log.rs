//! Text log: one line per event, whatever its content.

use std::{fmt::Write, time::Duration};

use session::{Direction, Payload, visible_line};

use crate::{
    connect::Overrun,
    format::span,
    log::{Content, Entry, Imported, LogEvent, Opened, Origin},
    relay::{ControlFrame, ControlKind},
};

/// Maximum bytes written of a binary message, followed by the number of omitted ones.
const MAX_BINARY_BYTES: usize = 256;

/// Writes an entry as a line.
pub(super) fn line(entry: &Entry<'_>, out: &mut String) {
    let _ = write!(out, "{} ", entry.at);
    match entry.content {
        Content::Message(direction, payload) => {
            out.push_str(match direction {
                Direction::In => "in  ",
                Direction::Out => "out ",
            });
            let kind = match payload {
                Payload::Text(_) => "text",
                Payload::Binary(_) => "binary",
            };
            let _ = write!(out, "{kind} {} B", payload.len());
            if let Some(round_trip) = entry.round_trip {
                let _ = write!(out, ", echo after {} µs", round_trip.as_micros());
            }
            out.push_str(": ");
            match payload {
                Payload::Text(text) => escape(text, out),
                Payload::Binary(bytes) => binary(bytes, out),
            }
        }
        Content::Event(event) => self::event(event, entry.round_trip, out),
    }
    out.push('\n');
}

/// Writes an event as a sentence.
fn event(event: &LogEvent, round_trip: Option<Duration>, out: &mut String) {
    match event {
        LogEvent::Opened(Opened { address, negotiated, .. }) => {
            out.push_str("--- Open");
            if !address.is_empty() {
                out.push_str(", ");
                escape(address, out);
            }
            if !negotiated.subprotocol.is_empty() {
                out.push_str(", subprotocol ");
                escape(&negotiated.subprotocol, out);
            }
        }
        LogEvent::Ended(ended) => {
            // Whose reason is on one line already.
            let _ = write!(out, "--- {}", ended.reason);
            if let Some(cause) = ended.cause() {
                out.push_str(": ");
                escape(&cause, out);
            }
        }
        LogEvent::Imported(Imported { entries, from }) => {
            let _ = write!(out, "--- {entries} rows above were ");
            match from {
                Origin::LastVisit => out.push_str("restored from your last visit"),
                Origin::File(name) => {
                    out.push_str("imported from ");
                    escape(name, out);
                }
            }
        }
        LogEvent::Switched(switched) => {
            out.push_str("--- Switching from ");
            escape(&switched.from, out);
            out.push_str(" to ");
            escape(&switched.to, out);
        }
        LogEvent::Overrun(Overrun { lag, .. }) => {
            let _ = write!(out, "--- Closing: messages lag behind by {}", span(*lag));
        }
        LogEvent::Control(frame) => control(frame, round_trip, out),
        LogEvent::Handshake(opening) => {
            out.push_str("--- Opening handshake");
            if let Some(address) = &opening.connected {
                out.push_str(" with ");
                escape(address, out);
            }
        }
    }
}

/// Writes a frame of no message: its kind, size and payload; of a Close frame, code and reason.
fn control(frame: &ControlFrame, round_trip: Option<Duration>, out: &mut String) {
    let verb = if frame.direction == Direction::Out { "Sent" } else { "Received" };
    let _ = write!(out, "--- {verb} {} {} B", frame.kind, frame.payload.len());
    if let Some(round_trip) = round_trip {
        let _ = write!(out, ", answer after {} µs", round_trip.as_micros());
    }
    match frame.text() {
        Some(text) if text.is_empty() => {}
        // Its reason is escaped already.
        Some(text) if frame.kind == ControlKind::Close => {
            out.push_str(": ");
            out.push_str(&text);
        }
        Some(text) => {
            out.push_str(": ");
            escape(&text, out);
        }
        None => {
            out.push_str(": ");
            binary(&frame.payload, out);
        }
    }
}

/// Writes the first bytes, and the number of the others.
fn binary(bytes: &[u8], out: &mut String) {
    let preview = Payload::Binary(bytes).preview(MAX_BINARY_BYTES);
    out.push_str(&preview.text);
    if preview.omitted > 0 {
        let _ = write!(out, " … and {} B more", preview.omitted);
    }
}

/// Escapes line breaks, control characters and bidirectional formatting, so that text stays on its
/// line and displays in order. `\` is doubled to keep escapes unambiguous.
fn escape(text: &str, out: &mut String) {
    out.push_str(&visible_line(&text.replace('\\', r"\\")));
}
