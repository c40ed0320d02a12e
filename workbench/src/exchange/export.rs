//! Writes the entries of a transcript, one after the other.

use std::fmt::Write;

use session::{FactRef, RecordRef};

use super::{Format, har, text_log};
use crate::{
    connect::Target,
    log::{Content, Entry},
};

/// Writes a list in a [`Format`]. All it writes is put behind what is in `out`, which the caller may
/// empty at any time: an exporter holds nothing of what was written.
#[derive(Debug)]
pub struct Exporter {
    format: Format,
    har: har::Writer,
}

impl Exporter {
    /// Begins a list. HAR says of each connection that it was made to `target`, the other formats
    /// leave that out.
    #[must_use]
    pub fn begin(format: Format, target: &Target, out: &mut String) -> Self {
        let har = har::Writer::new(target);
        if format == Format::Har {
            har::begin(out);
        }
        Self { format, har }
    }

    /// Writes an entry. They come in the transcript's order.
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

    /// Ends the list.
    pub fn end(mut self, out: &mut String) {
        if self.format == Format::Har {
            self.har.end(out);
        }
    }
}

/// The record of an entry; `None` for a divider, which is about the transcript only.
fn record<'a>(entry: &Entry<'a>) -> Option<RecordRef<'a>> {
    let fact = match entry.content {
        Content::Opened(..) => FactRef::Opened,
        Content::Message(direction, payload, round_trip) => {
            FactRef::Message(direction, payload, round_trip)
        }
        Content::Ended(reason) => FactRef::Ended(reason, None),
        Content::Imported(_) => return None,
    };
    Some(RecordRef { at: entry.at, fact })
}
