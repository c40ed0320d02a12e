//! Export of transcript entries, one by one.

use std::fmt::Write;

use session::{Direction, FactRef, Handshake, RecordRef, Time};

use super::{
    Format,
    har::{self, json},
    text_log,
};
use crate::{
    connect::Target,
    log::{Content, Entry, LogEvent},
    relay::{ControlKind, Opening, Tls, WireFrame},
};

/// Streaming exporter. Appends to `out`, which the caller may drain at any time.
#[derive(Debug)]
pub struct Exporter {
    format: Format,
    seen: NextOpening,
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
        Self { format, seen: NextOpening::default(), har }
    }

    /// Writes an entry; call in transcript order. `frames` are those of a message, if they were seen: JSON Lines have
    /// them, too.
    pub fn entry(&mut self, entry: &Entry<'_>, frames: &[WireFrame], out: &mut String) {
        match self.format {
            Format::JsonLines => self.seen.record(entry, frames, out),
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

/// Opening of the next connection, as far as the page's server saw it.
#[derive(Debug, Default)]
struct NextOpening {
    address: Option<String>,
    status: Option<u16>,
    /// Members beside those of a record, in JSON, each after a comma. None of their texts is a secret.
    more: String,
}

impl NextOpening {
    /// Writes an entry as a record, and its frames: before it if they were received, after it if they were sent.
    fn record(&mut self, entry: &Entry<'_>, frames: &[WireFrame], out: &mut String) {
        let (direction, frames) = match &entry.content {
            Content::Message(direction, ..) => (*direction, frames),
            Content::Event(LogEvent::Control(frame)) => (frame.direction, frame.frame.as_slice()),
            Content::Event(..) => (Direction::In, &[][..]),
        };
        let facts = frames.iter().map(|frame| FactRef::Frame(direction, frame.recorded()));
        if direction == Direction::In {
            facts.clone().for_each(|fact| line(entry.at, fact, "", out));
        }
        self.fact(entry, out);
        if direction == Direction::Out {
            facts.for_each(|fact| line(entry.at, fact, "", out));
        }
    }

    /// Writes an entry as a record, if it is one: a divider is none.
    fn fact(&mut self, entry: &Entry<'_>, out: &mut String) {
        let (handshake, cause, close);
        let mut more = String::new();
        let event = match entry.content {
            Content::Message(direction, payload) => {
                let fact = FactRef::Message(direction, payload, entry.round_trip);
                return line(entry.at, fact, "", out);
            }
            Content::Event(event) => event,
        };
        let fact = match event {
            LogEvent::Opened(opened) => {
                (handshake, more) = self.handshake(opened.handshake());
                FactRef::Opened(Some(&handshake))
            }
            LogEvent::Ended(ended) => {
                (handshake, more) = self.handshake(ended.handshake());
                cause = ended.cause();
                FactRef::Ended(&ended.reason, cause.as_deref(), Some(&handshake))
            }
            LogEvent::Control(frame) => match frame.kind {
                ControlKind::Ping => FactRef::Ping(frame.direction, &frame.payload),
                ControlKind::Pong => {
                    FactRef::Pong(frame.direction, &frame.payload, entry.round_trip)
                }
                ControlKind::Close => {
                    close = frame.close();
                    FactRef::Close(frame.direction, &close)
                }
                ControlKind::Raw if frame.direction == Direction::Out => {
                    FactRef::Raw(&frame.payload)
                }
                // The head of a frame, which has a line.
                ControlKind::Raw => return,
            },
            LogEvent::Handshake(opening) => return *self = Self::of(opening),
            LogEvent::Imported(_) | LogEvent::Switched(_) | LogEvent::Overrun(_) => return,
        };
        line(entry.at, fact, &more, out);
    }

    fn of(opening: &Opening) -> Self {
        let response = opening.exchanges.last().and_then(|exchange| exchange.response.as_ref());
        let status = response.map(|response| response.status);
        let mut more = String::new();
        if !opening.times.is_empty() {
            let time =
                |(stage, micros): &(session::Stage, u64)| format!(r#""{}":{micros}"#, stage.name());
            let times: Vec<_> = opening.times.iter().map(time).collect();
            let _ = write!(more, r#","times_us":{{{}}}"#, times.join(","));
        }
        if let Some(tls) = &opening.tls {
            put_tls(tls, &mut more);
        }
        Self { address: opening.connected.clone(), status, more }
    }

    /// `handshake` with what was seen of it, and the other fields. The next one is another's.
    fn handshake(&mut self, handshake: Handshake) -> (Handshake, String) {
        let Self { address, status, more } = std::mem::take(self);
        (Handshake { address, status, ..handshake }, more)
    }
}

/// Writes the member `tls`, by hand as a HAR is. Facts that the server did not tell are left out.
fn put_tls(tls: &Tls, out: &mut String) {
    out.push_str(r#","tls":{"#);
    for (name, value) in [("version", &tls.version), ("cipher_suite", &tls.cipher_suite)] {
        if !value.is_empty() {
            let _ = write!(out, r#""{name}":{},"#, json(value));
        }
    }
    let certificates = tls.certificates.iter().map(|it| {
        let [from, until] = it.validity();
        format!(
            r#"{{"subject":{},"issuer":{},"names":{},"not_before":"{from}","not_after":"{until}"}}"#,
            json(&it.subject),
            json(&it.issuer),
            json(&it.names),
        )
    });
    let certificates: Vec<_> = certificates.collect();
    let (alpn, certificates) = (json(&tls.alpn), certificates.join(","));
    let _ = write!(out, r#""alpn":{alpn},"certificates":[{certificates}]}}"#);
}

/// Writes a record, with the members `more` as further ones of its own.
fn line(at: Time, fact: FactRef<'_>, more: &str, out: &mut String) {
    let _ = write!(out, "{}", RecordRef { at, fact });
    // In place of the end of its object.
    if !more.is_empty() {
        out.pop();
        out.extend([more, "}"]);
    }
    out.push('\n');
}
