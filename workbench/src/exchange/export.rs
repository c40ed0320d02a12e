//! Export of transcript entries, one by one.

use std::{collections::BTreeMap, fmt::Write};

use serde::Serialize;
use session::{Direction, FactRef, Handshake, RecordRef, Time};

use super::{Format, har, text_log};
use crate::{
    connect::Target,
    log::{Content, Entry},
    relay::{ControlKind, Opening, Stage, Tls, WireFrame},
};

/// Streaming exporter. Appends to `out`, which the caller may drain at any time.
#[derive(Debug)]
pub struct Exporter {
    format: Format,
    seen: Seen,
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
        Self { format, seen: Seen::default(), har }
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
struct Seen {
    address: Option<String>,
    status: Option<u16>,
    /// Fields beside those of a record, as an object in JSON.
    more: String,
}

/// Fields of an opening beside those of a record. None of its texts is a secret.
#[derive(Serialize)]
struct OpeningFields<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    times_us: BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsFields<'a>>,
}

#[derive(Serialize)]
struct TlsFields<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cipher_suite: &'a str,
    alpn: Option<&'a str>,
    certificates: Vec<CertificateFields<'a>>,
}

#[derive(Serialize)]
struct CertificateFields<'a> {
    subject: &'a str,
    issuer: &'a str,
    names: &'a [String],
    not_before: String,
    not_after: String,
}

impl Seen {
    /// Writes an entry as a record, and its frames: before it if they were received, after it if they were sent.
    fn record(&mut self, entry: &Entry<'_>, frames: &[WireFrame], out: &mut String) {
        let (direction, frames) = match &entry.content {
            Content::Message(direction, ..) => (*direction, frames),
            Content::Control(frame, _) => (frame.direction, frame.frame.as_slice()),
            _ => (Direction::In, &[][..]),
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
        let fact = match entry.content {
            Content::Opened(opened) => {
                (handshake, more) = self.handshake(opened.handshake());
                FactRef::Opened(Some(&handshake))
            }
            Content::Message(direction, payload, round_trip) => {
                FactRef::Message(direction, payload, round_trip)
            }
            Content::Ended(ended) => {
                (handshake, more) = self.handshake(ended.handshake());
                cause = ended.cause();
                FactRef::Ended(&ended.reason, cause.as_deref(), Some(&handshake))
            }
            Content::Control(frame, round_trip) => match frame.kind {
                ControlKind::Ping => FactRef::Ping(frame.direction, &frame.payload),
                ControlKind::Pong => FactRef::Pong(frame.direction, &frame.payload, round_trip),
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
            Content::Handshake(opening) => return *self = Self::of(opening),
            Content::Imported(_) | Content::Switched(_) | Content::Overrun(_) => return,
        };
        line(entry.at, fact, &more, out);
    }

    fn of(opening: &Opening) -> Self {
        let response = opening.exchanges.last().and_then(|exchange| exchange.response.as_ref());
        let status = response.map(|response| response.status);
        let fields = OpeningFields {
            times_us: opening
                .times
                .iter()
                .map(|(stage, time)| (stage_name(*stage), *time))
                .collect(),
            tls: opening.tls.as_ref().map(tls_fields),
        };
        // Texts and numbers can always be written.
        let more = serde_json::to_string(&fields).unwrap_or_default();
        Self { address: opening.connected.clone(), status, more }
    }

    /// `handshake` with what was seen of it, and the other fields. The next one is another's.
    fn handshake(&mut self, handshake: Handshake) -> (Handshake, String) {
        let Self { address, status, more } = std::mem::take(self);
        (Handshake { address, status, ..handshake }, more)
    }
}

fn tls_fields(tls: &Tls) -> TlsFields<'_> {
    let second = |seconds: u64| {
        let time = Time(seconds.saturating_mul(1_000_000)).to_string();
        time.split('.').next().unwrap_or_default().to_owned() + "Z"
    };
    let certificates = tls.certificates.iter().map(|it| CertificateFields {
        subject: &it.subject,
        issuer: &it.issuer,
        names: &it.names,
        not_before: second(it.not_before),
        not_after: second(it.not_after),
    });
    TlsFields {
        version: &tls.version,
        cipher_suite: &tls.cipher_suite,
        alpn: tls.alpn.as_deref(),
        certificates: certificates.collect(),
    }
}

/// Name of a stage, as `wsbench --json` has it.
fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Name => "name",
        Stage::Tcp => "tcp",
        Stage::Proxy => "proxy",
        Stage::Tls => "tls",
        Stage::Http => "http",
    }
}

/// Writes a record, with the members of the object `more` as further ones of its own.
fn line(at: Time, fact: FactRef<'_>, more: &str, out: &mut String) {
    let _ = write!(out, "{}", RecordRef { at, fact });
    if let Some(members) = more.strip_prefix('{').filter(|members| *members != "}") {
        out.pop();
        out.extend([",", members]);
    }
    out.push('\n');
}
