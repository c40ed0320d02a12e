//! Parts of an archive, as they are read. Messages stay text until they are parsed one by one.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use session::{Close, CloseCode, Direction, EndReason, Time};

use super::TEXT;
use crate::exchange::list;

/// Maximum number of imported connections.
pub const MAX_IMPORT_CONNECTIONS: usize = 1_000;

/// Headers of a head that are kept, at most: as many as the page's server takes.
const MAX_HEADERS: usize = 128;

/// One of `_webSocketMessages`.
#[derive(Deserialize)]
#[serde(expecting = "a message")]
pub(in crate::exchange) struct Message<'a> {
    #[serde(borrow, rename = "type")]
    pub(in crate::exchange) way: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::exchange) time: &'a RawValue,
    #[serde(default = "text")]
    pub(in crate::exchange) opcode: i32,
    /// Text, or base64 for binary messages.
    #[serde(borrow)]
    pub(in crate::exchange) data: Cow<'a, str>,
}

/// Omitted by other tools if all messages are text.
fn text() -> i32 {
    TEXT
}

/// `_webSocketClosed`.
#[derive(Deserialize)]
#[serde(expecting = "an end")]
pub(in crate::exchange) struct Closed<'a> {
    #[serde(borrow)]
    pub(in crate::exchange) time: &'a RawValue,
    event: Event,
    #[serde(default)]
    code: u16,
    #[serde(default, borrow)]
    reason: Cow<'a, str>,
    /// Side that began to close.
    #[serde(default)]
    pub(in crate::exchange) direction: Option<Direction>,
    /// Cause of a failure in words.
    #[serde(default, borrow)]
    pub(in crate::exchange) cause: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Event {
    Closed,
    Failed,
    Cancelled,
}

impl Closed<'_> {
    pub(in crate::exchange) fn ending(&self) -> EndReason {
        match self.event {
            Event::Failed => EndReason::Failed,
            Event::Cancelled => EndReason::Cancelled,
            Event::Closed => {
                let reason = self.reason.clone().into_owned();
                EndReason::Closed(Close { code: CloseCode(self.code), reason })
            }
        }
    }
}

/// Parses seconds since 1970-01-01T00:00:00Z, rounded to microseconds, from the text of a JSON
/// number, so that no precision is lost. `None` before 1970 and for exponents, which no program
/// writes here.
pub(in crate::exchange) fn time(seconds: &RawValue) -> Option<Time> {
    let (whole, fraction) = seconds.get().split_once('.').unwrap_or((seconds.get(), ""));
    if !fraction.bytes().all(|sign| sign.is_ascii_digit()) {
        return None;
    }
    let digit = |place| fraction.as_bytes().get(place).map_or(0, |sign| u64::from(sign - b'0'));
    let micros = (0..6).fold(0, |micros, place| micros * 10 + digit(place));
    let rounded = micros + u64::from(digit(6) >= 5);
    whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(rounded).map(Time)
}

/// Archive under import. Messages stay text until parsed.
#[derive(Deserialize)]
#[serde(expecting = "an archive")]
pub(in crate::exchange) struct Archive<'a> {
    #[serde(borrow)]
    pub(in crate::exchange) log: Log<'a>,
}

#[derive(Deserialize)]
#[serde(expecting = "a log")]
pub(in crate::exchange) struct Log<'a> {
    #[serde(borrow)]
    pub(in crate::exchange) entries: WebSockets<'a>,
}

/// Name of the field that makes an entry a connection.
const MESSAGES: &str = "_webSocketMessages";

/// Entries with messages, or their errors, and the number of others, which are not stored: an archive
/// of a hundred million empty entries takes no memory.
#[derive(Default)]
pub(in crate::exchange) struct WebSockets<'a> {
    pub(in crate::exchange) sockets: Vec<serde_json::Result<WebSocket<'a>>>,
    pub(in crate::exchange) too_many: bool,
    pub(in crate::exchange) others: u64,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", expecting = "an entry")]
pub(in crate::exchange) struct WebSocket<'a> {
    #[serde(borrow)]
    pub(in crate::exchange) started_date_time: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::exchange) request: Request<'a>,
    #[serde(borrow)]
    pub(in crate::exchange) response: Response<'a>,
    #[serde(borrow, rename = "_webSocketMessages")]
    pub(in crate::exchange) messages: Option<&'a RawValue>,
    /// Seconds since 1970.
    #[serde(borrow, rename = "_webSocketOpened")]
    pub(in crate::exchange) opened: Option<&'a RawValue>,
    #[serde(borrow, rename = "_webSocketClosed")]
    pub(in crate::exchange) closed: Option<Closed<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, expecting = "a request")]
pub(in crate::exchange) struct Request<'a> {
    #[serde(borrow)]
    pub(in crate::exchange) url: Cow<'a, str>,
    pub(in crate::exchange) headers: Head,
}

#[derive(Default, Deserialize)]
#[serde(default, expecting = "a response")]
pub(in crate::exchange) struct Response<'a> {
    pub(in crate::exchange) status: i32,
    #[serde(borrow, rename = "statusText")]
    pub(in crate::exchange) reason: Cow<'a, str>,
    pub(in crate::exchange) headers: Head,
}

/// Headers as they are in the file: [`MAX_HEADERS`] at most.
#[derive(Default)]
pub(in crate::exchange) struct Head(pub(in crate::exchange) Vec<(String, String)>);

impl Head {
    /// Value of the headers of this name: several are one with commas (RFC 9110 section 5.3).
    pub(in crate::exchange) fn value(&self, name: &str) -> String {
        let headers = self.0.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        headers.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Default, Deserialize)]
#[serde(default, expecting = "a header")]
struct Header<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

impl<'de: 'a, 'a> Deserialize<'de> for WebSockets<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut found = Self::default();
        list::each(deserializer, "a list of entries", |entry: &'de RawValue| {
            if found.too_many {
                return;
            }
            let text = entry.get();
            let entry = serde_json::from_str::<WebSocket<'de>>(text);
            let has_messages =
                entry.as_ref().map_or_else(|_| text.contains(MESSAGES), |it| it.messages.is_some());
            if !has_messages {
                found.others += 1;
            } else if found.sockets.len() == MAX_IMPORT_CONNECTIONS {
                found.too_many = true;
            } else {
                found.sockets.push(entry);
            }
        })?;
        Ok(found)
    }
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut head = Self::default();
        list::each(deserializer, "a list of headers", |Header { name, value }| {
            if head.0.len() < MAX_HEADERS {
                head.0.push((name.into_owned(), value.into_owned()));
            }
        })?;
        Ok(head)
    }
}
