//! Export of transcript entries, one by one.

use std::fmt::Write;

use session::{FactRef, RecordRef};

use super::{Format, har, text_log};
use crate::{
    connect::Target,
    log::{Content, Entry},
};

/// Streaming exporter. Appends to `out`, which the caller may drain at any time.
#[derive(Debug)]
pub struct Exporter {
    format: Format,
    har: har::Writer,
}

impl Exporter {
    /// Starts an export. HAR names `target` as each connection's address; other formats omit it.
    #[must_use]
    pub fn begin(format: Format, target: &Target, out: &mut String) -> Self {
        let har = har::Writer::new(target);
        if format == Format::Har {
            har::begin(out);
        }
        Self { format, har }
    }

    /// Writes an entry; call in transcript order.
    pub fn entry(&mut self, entry: &Entry<'_>, out: &mut String) {
        match self.format {
            Format::JsonLines => {
                if let Some(record) = record(entry) {
                    // Writing to a String cannot fail.
                    let _ = writeln!(out, "{record}");
                }
            }
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

/// Record of an entry; `None` for a divider.
fn record<'a>(entry: &Entry<'a>) -> Option<RecordRef<'a>> {
    let fact = match entry.content {
        Content::Opened(..) => FactRef::Opened(None),
        Content::Message(direction, payload, round_trip) => {
            FactRef::Message(direction, payload, round_trip)
        }
        Content::Ended(ended) => FactRef::Ended(&ended.reason, None, None),
        Content::Imported(_) | Content::Switched(_) | Content::Overrun(_) => return None,
    };
    Some(RecordRef { at: entry.at, fact })
}
