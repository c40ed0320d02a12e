//! Connection records as JSON Lines, read and written (`docs/json-lines.md`).

mod frame;
mod instruction;
mod json_error;

use std::{borrow::Cow, fmt, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use self::json_error::describe_line;
pub use self::{
    frame::{Frame, FrameOpcode, Mask},
    instruction::{Instruction, InstructionError},
    json_error::describe_json_error,
};
use crate::{Close, CloseCode, EndReason, Item, Message, Payload, Time};

/// Direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// From the peer to this program.
    #[serde(rename = "in")]
    In,
    /// From this program to the peer.
    #[serde(rename = "out")]
    Out,
}

/// Attempt to connect: the target, and the answer of the server. Each field if it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// Number of the attempt, from 1.
    pub attempt: Option<u32>,
    /// URL, without credentials.
    pub url: Option<String>,
    /// IP address and port connected to, or tried first: the server's or the proxy's.
    pub address: Option<String>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Subprotocol selected by the server.
    pub subprotocol: Option<String>,
    /// Extensions agreed on, as in `Sec-WebSocket-Extensions`.
    pub extensions: Option<String>,
    /// Side that began to close, of an end: [`Direction::Out`] for this one.
    pub closed_by: Option<Direction>,
}

/// Timestamped event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Time of the event.
    pub at: Time,
    /// Event.
    pub fact: Fact,
}

/// Event of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The connection opened.
    Opened(Handshake),
    /// Message. An echo carries its round-trip time in whole microseconds.
    Message(Direction, Message, Option<Duration>),
    /// Ping frame.
    Ping(Direction, Vec<u8>),
    /// Pong frame. An answer to a ping carries its round-trip time.
    Pong(Direction, Vec<u8>, Option<Duration>),
    /// Close frame.
    Close(Direction, Close),
    /// Bytes sent in no frame: the first of them.
    Raw(Vec<u8>),
    /// Frame on the wire, beside the message or control frame that it belongs to.
    Frame(Direction, Frame),
    /// End of the connection or of the attempt, with the cause in words if known.
    Ended(EndReason, Option<String>, Handshake),
}

/// Borrowed form of a [`Record`], written without a copy of its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// Time of the fact.
    pub at: Time,
    /// The fact.
    pub fact: FactRef<'a>,
}

/// Borrowed form of a [`Fact`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactRef<'a> {
    /// See [`Fact::Opened`].
    Opened(Option<&'a Handshake>),
    /// See [`Fact::Message`].
    Message(Direction, Payload<'a>, Option<Duration>),
    /// See [`Fact::Ping`].
    Ping(Direction, &'a [u8]),
    /// See [`Fact::Pong`].
    Pong(Direction, &'a [u8], Option<Duration>),
    /// See [`Fact::Close`].
    Close(Direction, &'a Close),
    /// See [`Fact::Raw`].
    Raw(&'a [u8]),
    /// See [`Fact::Frame`].
    Frame(Direction, Frame),
    /// See [`Fact::Ended`].
    Ended(&'a EndReason, Option<&'a str>, Option<&'a Handshake>),
}

impl Fact {
    /// Borrows the payload.
    #[must_use]
    pub fn as_ref(&self) -> FactRef<'_> {
        match self {
            Self::Opened(handshake) => FactRef::Opened(Some(handshake)),
            Self::Message(direction, message, round_trip) => {
                FactRef::Message(*direction, message.payload(), *round_trip)
            }
            Self::Ping(direction, bytes) => FactRef::Ping(*direction, bytes),
            Self::Pong(direction, bytes, round_trip) => {
                FactRef::Pong(*direction, bytes, *round_trip)
            }
            Self::Close(direction, close) => FactRef::Close(*direction, close),
            Self::Raw(bytes) => FactRef::Raw(bytes),
            Self::Frame(direction, frame) => FactRef::Frame(*direction, *frame),
            Self::Ended(reason, cause, handshake) => {
                FactRef::Ended(reason, cause.as_deref(), Some(handshake))
            }
        }
    }
}

impl From<Item> for Fact {
    fn from(item: Item) -> Self {
        match item {
            Item::Opened { .. } => Self::Opened(Handshake::default()),
            Item::Sent(message) => Self::Message(Direction::Out, message, None),
            Item::Ended(reason) => Self::Ended(reason, None, Handshake::default()),
        }
    }
}

/// Fields of a line; absent ones are omitted.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Line<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<Direction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Event>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subprotocol: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trip_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<Frame>,
    /// Of an [`Instruction`].
    #[serde(skip_serializing_if = "Option::is_none")]
    fragment: Option<usize>,
    /// Of an [`Instruction`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    Binary,
    Ping,
    Pong,
    Close,
    Raw,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Event {
    Open,
    Closed,
    Failed,
    Cancelled,
}

/// Serializes to a JSON object without line breaks.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RecordRef { at: self.at, fact: self.fact.as_ref() }.fmt(f)
    }
}

/// Serializes like the [`Record`].
impl fmt::Display for RecordRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line { time: self.at.to_string().into(), ..Line::default() };
        match self.fact {
            FactRef::Opened(handshake) => {
                line.event = Some(Event::Open);
                line.handshake(handshake);
            }
            FactRef::Message(direction, payload, round_trip) => {
                line.message(direction, payload, round_trip);
            }
            FactRef::Ping(direction, bytes) => line.payload(direction, Kind::Ping, bytes, None),
            FactRef::Pong(direction, bytes, round_trip) => {
                line.payload(direction, Kind::Pong, bytes, round_trip);
            }
            FactRef::Close(direction, close) => {
                line.direction = Some(direction);
                line.kind = Some(Kind::Close);
                line.close(close);
            }
            FactRef::Raw(bytes) => line.payload(Direction::Out, Kind::Raw, bytes, None),
            FactRef::Frame(direction, frame) => {
                line.direction = Some(direction);
                line.frame = Some(frame);
            }
            FactRef::Ended(reason, cause, handshake) => {
                line.ended(reason);
                line.handshake(handshake);
                line.text = cause.map(Cow::from);
            }
        }
        f.write_str(&line.json())
    }
}

impl<'a> Line<'a> {
    fn json(&self) -> String {
        // Only maps with odd keys and failing writers are errors, and neither occurs here.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn message(&mut self, way: Direction, payload: Payload<'a>, round_trip: Option<Duration>) {
        match payload {
            Payload::Text(text) => {
                self.text = Some(text.into());
                self.head(way, Kind::Text, text.len(), round_trip);
            }
            Payload::Binary(bytes) => self.payload(way, Kind::Binary, bytes, round_trip),
        }
    }

    fn ended(&mut self, reason: &'a EndReason) {
        self.event = Some(match reason {
            EndReason::Failed => Event::Failed,
            EndReason::Cancelled => Event::Cancelled,
            EndReason::Closed(_) => Event::Closed,
        });
        if let EndReason::Closed(close) = reason {
            self.close(close);
        }
    }

    fn handshake(&mut self, handshake: Option<&'a Handshake>) {
        let Some(handshake) = handshake else { return };
        self.attempt = handshake.attempt;
        self.url = handshake.url.as_deref().map(Cow::from);
        self.address = handshake.address.as_deref().map(Cow::from);
        self.status = handshake.status;
        self.subprotocol = handshake.subprotocol.as_deref().map(Cow::from);
        self.extensions = handshake.extensions.as_deref().map(Cow::from);
        self.direction = handshake.closed_by;
    }

    fn head(&mut self, way: Direction, kind: Kind, size: usize, round_trip: Option<Duration>) {
        self.direction = Some(way);
        self.kind = Some(kind);
        self.size = Some(size);
        self.round_trip_us =
            round_trip.map(|round_trip| u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX));
    }

    fn payload(&mut self, way: Direction, kind: Kind, bytes: &[u8], round_trip: Option<Duration>) {
        self.head(way, kind, bytes.len(), round_trip);
        self.base64 = Some(BASE64_STANDARD.encode(bytes).into());
    }

    fn close(&mut self, close: &'a Close) {
        self.code = Some(close.code.0);
        self.reason = Some(close.reason.as_str().into());
    }
}

/// Invalid record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum RecordError {
    /// Invalid JSON or a field of the wrong type.
    #[error("it is not a JSON object of this format: {0}")]
    Json(String),
    /// `time` is missing or invalid.
    #[error("\"time\" must be a time like 2026-01-02T03:04:05.678901Z")]
    Time,
    /// Neither `event` nor both of `direction` and `kind`.
    #[error("it needs \"event\", or \"direction\" and \"kind\"")]
    Kind,
    /// Missing or invalid payload of a message or control frame.
    #[error("the payload must be in \"text\", or for bytes in \"base64\"")]
    Payload,
    /// `size` differs from the size of the payload.
    #[error("\"size\" is not the size of the payload; the line may be truncated")]
    Size,
}

impl Record {
    /// Parses a line. Unknown fields are ignored, so that later versions may add some.
    ///
    /// # Errors
    /// If the line is invalid.
    pub fn read(line: &str) -> Result<Self, RecordError> {
        Line::parse(line)?.read_record()
    }

    /// Parses lines independently, numbered from 1. Empty lines are skipped.
    pub fn read_all(lines: &str) -> impl Iterator<Item = (usize, Result<Self, RecordError>)> {
        let lines = (1..).zip(lines.lines()).filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(number, line)| (number, Self::read(line)))
    }
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Result<Self, RecordError> {
        serde_json::from_str(line).map_err(|error| RecordError::Json(describe_line(&error)))
    }

    fn read_record(self) -> Result<Record, RecordError> {
        let at = self.time.parse().map_err(|_| RecordError::Time)?;
        let fact = match (self.event, self.direction, self.kind) {
            (Some(Event::Open), ..) => Fact::Opened(self.read_handshake()),
            (Some(event), ..) => {
                let reason = match event {
                    Event::Failed => EndReason::Failed,
                    Event::Cancelled => EndReason::Cancelled,
                    Event::Open | Event::Closed => EndReason::Closed(self.read_close()),
                };
                let handshake = self.read_handshake();
                Fact::Ended(reason, self.text.map(Cow::into_owned), handshake)
            }
            (None, Some(direction), Some(kind)) => self.read_frame(direction, kind)?,
            (None, Some(direction), None) => {
                Fact::Frame(direction, self.frame.ok_or(RecordError::Kind)?)
            }
            _ => return Err(RecordError::Kind),
        };
        Ok(Record { at, fact })
    }

    fn read_handshake(&self) -> Handshake {
        let owned = |field: &Option<Cow<'_, str>>| field.as_deref().map(str::to_owned);
        Handshake {
            attempt: self.attempt,
            url: owned(&self.url),
            address: owned(&self.address),
            status: self.status,
            subprotocol: owned(&self.subprotocol),
            extensions: owned(&self.extensions),
            closed_by: self.direction,
        }
    }

    fn read_frame(self, direction: Direction, kind: Kind) -> Result<Fact, RecordError> {
        let round_trip = self.round_trip_us.map(Duration::from_micros);
        if matches!(kind, Kind::Close) {
            return Ok(Fact::Close(direction, self.read_close()));
        }
        let size = self.size;
        let message = match (kind, self.text, self.base64) {
            (Kind::Text, Some(text), _) => Message::Text(text.into_owned()),
            (Kind::Binary | Kind::Ping | Kind::Pong | Kind::Raw, _, Some(base64)) => {
                let bytes = BASE64_STANDARD.decode(&*base64);
                Message::Binary(bytes.map_err(|_| RecordError::Payload)?)
            }
            _ => return Err(RecordError::Payload),
        };
        if size.is_some_and(|size| size != message.len()) {
            return Err(RecordError::Size);
        }
        Ok(match (kind, message) {
            (Kind::Ping, Message::Binary(bytes)) => Fact::Ping(direction, bytes),
            (Kind::Pong, Message::Binary(bytes)) => Fact::Pong(direction, bytes, round_trip),
            (Kind::Raw, Message::Binary(bytes)) => Fact::Raw(bytes),
            (_, message) => Fact::Message(direction, message, round_trip),
        })
    }

    fn read_close(&self) -> Close {
        let code = self.code.map_or(CloseCode::NO_STATUS, CloseCode);
        Close { code, reason: self.reason.as_deref().unwrap_or_default().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn line(fact: Fact) -> String {
        Record { at: Time(1_767_323_045_678_901), fact }.to_string()
    }

    #[test]
    fn lines_as_documented() {
        let lines = [
            line(Fact::Opened(Handshake::default())),
            line(Fact::Opened(Handshake {
                attempt: Some(2),
                url: Some("ws://localhost:8080/".into()),
                address: Some("127.0.0.1:8080".into()),
                status: Some(101),
                subprotocol: Some("chat".into()),
                extensions: Some("permessage-deflate".into()),
                closed_by: None,
            })),
            line(Fact::Message(Direction::Out, Message::Text("a \"b\"\n".into()), None)),
            line(Fact::Message(
                Direction::In,
                Message::Binary(vec![0, 255]),
                Some(Duration::from_micros(312)),
            )),
            line(Fact::Ping(Direction::In, vec![1])),
            line(Fact::Close(Direction::In, Close { code: CloseCode(4001), reason: "bye".into() })),
            line(Fact::Ended(
                EndReason::Failed,
                Some("Nothing answers.".into()),
                Handshake { status: Some(404), ..Handshake::default() },
            )),
        ];
        expect![[r#"
            {"time":"2026-01-02T03:04:05.678901Z","event":"open"}
            {"time":"2026-01-02T03:04:05.678901Z","event":"open","attempt":2,"url":"ws://localhost:8080/","address":"127.0.0.1:8080","status":101,"subprotocol":"chat","extensions":"permessage-deflate"}
            {"time":"2026-01-02T03:04:05.678901Z","direction":"out","kind":"text","text":"a \"b\"\n","size":6}
            {"time":"2026-01-02T03:04:05.678901Z","direction":"in","kind":"binary","base64":"AP8=","size":2,"round_trip_us":312}
            {"time":"2026-01-02T03:04:05.678901Z","direction":"in","kind":"ping","base64":"AQ==","size":1}
            {"time":"2026-01-02T03:04:05.678901Z","direction":"in","kind":"close","code":4001,"reason":"bye"}
            {"time":"2026-01-02T03:04:05.678901Z","event":"failed","status":404,"text":"Nothing answers."}
        "#]]
        .assert_eq(&(lines.join("\n") + "\n"));
    }

    #[test]
    fn errors_name_the_line_and_the_cause() {
        let lines = "{\"time\":\"2026-01-02T03:04:05Z\",\"event\":\"open\",\"new\":[1]}\n\n\
            {\"time\":\"today\"}\n\
            {\"time\":\"2026-01-02T03:04:05Z\"}\n\
            {\"time\":\"2026-01-02T03:04:05Z\",\"direction\":\"in\",\"kind\":\"text\"}\n\
            {\"time\":\"2026-01-02T03:04:05Z\",\"direction\":\"in\",\"kind\":\"ping\",\"base64\":\"!\"}\n\
            {\"time\":\"2026-01-02T03:04:05Z\",\"direction\":\"in\",\"kind\":\"text\",\"text\":\"hi\",\"size\":3}\n\
            nonsense\n{\"direction\":\"sideways\"}";
        let errors: Vec<_> = Record::read_all(lines)
            .filter_map(|(number, record)| Some((number, record.err()?)))
            .collect();
        let json = |words: &str| RecordError::Json(words.into());
        let way = "expected 'in' or 'out', found 'sideways' at column 23";
        assert_eq!(
            errors,
            [
                (3, RecordError::Time),
                (4, RecordError::Kind),
                (5, RecordError::Payload),
                (6, RecordError::Payload),
                (7, RecordError::Size),
                (8, json("invalid JSON at column 2")),
                (9, json(way)),
            ]
        );
    }

    fn any_fact() -> impl Strategy<Value = Fact> {
        let way = || prop_oneof![Just(Direction::In), Just(Direction::Out)];
        let bytes = || prop::collection::vec(any::<u8>(), 0..40);
        let round_trip =
            || prop::option::of(any::<u32>().prop_map(|us| Duration::from_micros(us.into())));
        let close = || {
            (any::<u16>(), any::<String>())
                .prop_map(|(code, reason)| Close { code: CloseCode(code), reason })
        };
        let cause = || prop::option::of(any::<String>());
        let handshake = || {
            let number = prop::option::of(any::<u16>());
            let texts = (cause(), cause(), cause(), cause());
            (number, texts).prop_map(|(status, (url, address, subprotocol, extensions))| {
                let attempt = status.map(u32::from);
                let closed_by = None;
                Handshake { attempt, url, address, status, subprotocol, extensions, closed_by }
            })
        };
        let frame = || {
            type Numbers = (Option<[u8; 4]>, u8, Option<u64>, Option<u64>);
            (0..16_u8, any::<[bool; 4]>(), any::<Numbers>()).prop_map(
                |(opcode, [fin, rsv1, rsv2, rsv3], (mask, header, size, inflated))| {
                    let (opcode, mask) = (opcode.into(), mask.map(Mask));
                    Frame { opcode, fin, rsv1, rsv2, rsv3, mask, header, size, inflated }
                },
            )
        };
        let message =
            prop_oneof![any::<String>().prop_map(Message::Text), bytes().prop_map(Message::Binary)];
        let reason = prop_oneof![
            close().prop_map(EndReason::Closed),
            Just(EndReason::Failed),
            Just(EndReason::Cancelled)
        ];
        prop_oneof![
            handshake().prop_map(Fact::Opened),
            (way(), message, round_trip()).prop_map(|(way, it, time)| Fact::Message(way, it, time)),
            (way(), bytes()).prop_map(|(way, bytes)| Fact::Ping(way, bytes)),
            (way(), bytes(), round_trip())
                .prop_map(|(way, bytes, time)| Fact::Pong(way, bytes, time)),
            (way(), close()).prop_map(|(way, close)| Fact::Close(way, close)),
            bytes().prop_map(Fact::Raw),
            (way(), frame()).prop_map(|(way, frame)| Fact::Frame(way, frame)),
            (reason, cause(), handshake(), prop::option::of(way())).prop_map(
                |(reason, cause, handshake, closed_by)| {
                    Fact::Ended(reason, cause, Handshake { closed_by, ..handshake })
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn output_parses_back(fact in any_fact(), at in 0..1_u64 << 56) {
            let record = Record { at: Time(at), fact };
            let line = record.to_string();
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(Record::read(&line), Ok(record));
        }

        #[test]
        fn arbitrary_lines_do_not_panic(line in any::<String>()) {
            prop_assert!(Record::read(&line).is_err());
        }
    }
}
