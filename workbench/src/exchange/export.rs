//! Export of transcript entries, one by one.

use std::fmt::Write;

use session::{FactRef, RecordRef};

use super::{Format, har, text_log};
use crate::{
    connect::Target,
    log::{Content, Entry},
    relay::ControlKind,
};

/// Streaming exporter. Appends to `out`, which the caller may drain at any time.
#[derive(Debug)]
pub struct Exporter {
    format: Format,
    har: har::Writer,
}

impl Exporter {
    /// Starts an export. HAR names `target` as the address of connections whose own is unknown, and its
    /// subprotocols as those offered; with `has_secrets`, its headers have theirs.
    #[must_use]
    pub fn begin(format: Format, target: &Target, has_secrets: bool, out: &mut String) -> Self {
        let har = har::Writer::new(target, has_secrets);
        if format == Format::Har {
            har::begin(out);
        }
        Self { format, har }
    }

    /// Writes an entry; call in transcript order.
    pub fn entry(&mut self, entry: &Entry<'_>, out: &mut String) {
        match self.format {
            Format::JsonLines => record(entry, out),
            Format::Har => self.har.entry(entry, out),
            Format::TextLog => text_log::line(entry, out),
        }
    }

    /// Finishes the export.
    pub fn end(mut self, out: &mut String) {
        if self.format == Format::Har {
            self.har.end(out);
        }
    }
}

/// Writes an entry as a record; a divider is none.
fn record(entry: &Entry<'_>, out: &mut String) {
    let (handshake, cause, close);
    let fact = match entry.content {
        Content::Opened(opened) => {
            handshake = opened.handshake();
            FactRef::Opened(Some(&handshake))
        }
        Content::Message(direction, payload, round_trip) => {
            FactRef::Message(direction, payload, round_trip)
        }
        Content::Ended(ended) => {
            (handshake, cause) = (ended.handshake(), ended.cause());
            FactRef::Ended(&ended.reason, cause.as_deref(), Some(&handshake))
        }
        Content::Control(frame) => match frame.kind {
            ControlKind::Ping => FactRef::Ping(frame.direction, &frame.payload),
            ControlKind::Pong => FactRef::Pong(frame.direction, &frame.payload, None),
            ControlKind::Close => {
                close = frame.close();
                FactRef::Close(frame.direction, &close)
            }
            ControlKind::Raw => return,
        },
        Content::Imported(_)
        | Content::Switched(_)
        | Content::Overrun(_)
        | Content::Handshake(_) => return,
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", RecordRef { at: entry.at, fact });
}
