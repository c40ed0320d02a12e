//! Import of files exported here or by a browser's developer tools, item by item.

use std::{collections::VecDeque, ops::Range, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use session::{
    Direction, Fact, Message, Negotiated, Record, RecordError, Time, describe_json_error,
};
use thiserror::Error;

use super::{
    file_format::{Format, first_field},
    har::{self, Archive, MAX_IMPORT_CONNECTIONS, WebSocket},
    header::{add_header, as_web_socket, with_headers},
};
use crate::{
    compose::Template,
    connect::{MAX_SUBPROTOCOLS, Target, without_user},
    log::{Ended, Item, LogEvent, Opened},
    payload::LineColumn,
    relay::{Opening, Response},
};

/// Maximum file size in bytes: as much as a list holds by default.
pub const MAX_IMPORT_BYTES: usize = 256 << 20;

/// Maximum number of items: as many as a list holds by default.
pub const MAX_IMPORT_ITEMS: u64 = 1_000_000;

/// Iterator over the items of a file. An entry that cannot be read is an error among them; the next
/// is read all the same, unless the error ends the import.
///
/// Can be suspended between items, so that a page imports in slices.
#[derive(Debug)]
pub struct Import {
    text: String,
    format: Format,
    connections: Vec<ImportedConnection>,
    /// Errors of connections that are left out.
    wrong: VecDeque<ImportError>,
    passed_over: PassedOver,
    /// Current connection.
    connection: usize,
    cursor: Cursor,
    items: u64,
    /// Position of the last error.
    place: Position,
}

/// Position of a byte: moves forward only, so that all errors together take linear time.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    at: usize,
    /// Line breaks before it.
    lines: usize,
    line_start: usize,
}

/// Position of the next item.
#[derive(Clone, Copy, Debug)]
enum Cursor {
    /// At the start of a connection of a HAR.
    Start,
    /// Behind its opening handshake.
    Opened,
    /// At this byte: in a connection's messages of a HAR, anywhere in JSON Lines.
    At(usize),
    /// At the end.
    End,
}

/// A connection of a HAR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedConnection {
    /// Address and offered subprotocols, unchecked: as in the file.
    pub target: Target,
    /// Time of the request.
    pub at: Time,
    /// Time of the response, if the file has it; only files of this project do. Else that of the request.
    pub opened_at: Time,
    /// Heads of the opening handshake, if the file has them.
    pub opening: Option<Opening>,
    /// Result of the handshake; `None` if the connection never opened.
    pub negotiated: Option<Negotiated>,
    /// Time and event of the end, if the file has them; only files of this project do.
    pub ended: Option<(Time, Ended)>,
    /// Range of the message list in the text.
    messages: Range<usize>,
}

/// Imported item for a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedItem {
    /// Index in [`Import::connections`]; 0 for JSON Lines.
    pub connection: usize,
    /// Time of the item.
    pub at: Time,
    /// Imported item.
    pub item: Item,
    /// Round-trip time of an echo.
    pub round_trip: Option<Duration>,
}

/// Counts of skipped content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Pings, pongs and Close frames.
    pub control_frames: u64,
    /// Messages without a direction: errors, in a HAR of Chrome.
    pub other_messages: u64,
    /// Requests without WebSocket messages.
    pub other_requests: u64,
}

/// Error of an import: of the whole file, or of an entry that is left out.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum ImportError {
    /// Changed or removed since it was chosen.
    #[error("The file was changed or removed after it was chosen. Choose it again.")]
    Unread,
    /// Nothing but spaces.
    #[error("The file is empty.")]
    Empty,
    /// Unknown format.
    #[error("This is neither JSON Lines nor HAR.")]
    Format,
    /// Scenario file, by its name.
    #[error("This is a scenario file. Run it in a terminal: wsbench run {0}")]
    Scenario(String),
    /// Workspace file.
    #[error("This is a workspace file. Choose “Add from workspace file…”.")]
    Workspace,
    /// More than [`MAX_IMPORT_BYTES`].
    #[error("The file has {0} bytes; the limit is {MAX_IMPORT_BYTES}. Export fewer messages.")]
    Bytes(usize),
    /// More than [`MAX_IMPORT_ITEMS`].
    #[error("The file has more than {MAX_IMPORT_ITEMS} messages. The rest was not read.")]
    Items,
    /// More than [`MAX_IMPORT_CONNECTIONS`].
    #[error(
        "The file has more than {MAX_IMPORT_CONNECTIONS} WebSocket connections. Export fewer at a time."
    )]
    Connections,
    /// A HAR without a WebSocket.
    #[error(
        "There are no WebSocket messages in this HAR. Export it from the developer tools of Chrome or \
         Edge: not all tools include messages."
    )]
    NoWebSocket,
    /// A line of JSON Lines.
    #[error("Line {line} cannot be read: {error}.")]
    Line {
        /// Counted from 1.
        line: usize,
        /// Error of the record.
        error: RecordError,
    },
    /// Invalid JSON or HAR.
    #[error("The HAR cannot be read at {place}: {error}. Is the file complete?")]
    Har {
        /// Position.
        place: LineColumn,
        /// In serde's words.
        error: String,
    },
    /// A connection in a HAR.
    #[error("WebSocket connection {number} of the HAR cannot be read: {wrong}.")]
    Connection {
        /// Counted from 1.
        number: usize,
        /// Error of the connection.
        wrong: WrongConnection,
    },
    /// A message in a HAR.
    #[error("The message at {place} of the HAR cannot be read: {wrong}.")]
    Message {
        /// Start of the message.
        place: LineColumn,
        /// Error of the message.
        wrong: Wrong,
    },
}

/// Invalid connection of a HAR.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum WrongConnection {
    /// A field of another type; in serde's words.
    #[error("{0}")]
    Json(String),
    /// `startedDateTime`.
    #[error("its \"startedDateTime\" is not a time like 2026-01-02T03:04:05.678Z")]
    Started,
    /// `_webSocketMessages`.
    #[error("its \"_webSocketMessages\" is not a list")]
    Messages,
    /// The time in `_webSocketClosed`.
    #[error("its end is not in seconds since 1970")]
    Ended,
}

/// Invalid message of a HAR.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum Wrong {
    /// A field is missing or of another type; in serde's words.
    #[error("{0}")]
    Json(String),
    /// Not a number of seconds since 1970.
    #[error("its \"time\" is not in seconds since 1970")]
    Time,
    /// A binary message is in base64.
    #[error("its \"data\" is not base64")]
    Base64,
}

impl ImportError {
    /// False for an entry that is left out.
    pub(crate) fn ends_import(&self) -> bool {
        !matches!(self, Self::Line { .. } | Self::Connection { .. } | Self::Message { .. })
    }
}

impl Position {
    /// Line and column of byte `at`, which is not before the last one.
    fn go_to(&mut self, at: usize, text: &str) -> LineColumn {
        let passed = text.get(self.at..at).unwrap_or_default();
        self.lines += passed.matches('\n').count();
        if let Some(end) = passed.rfind('\n') {
            self.line_start = self.at + end + 1;
        }
        self.at = at.max(self.at);
        LineColumn { line: self.lines + 1, column: self.at - self.line_start + 1 }
    }
}

impl Import {
    /// Starts an import. The format is detected from the content, not the file name.
    ///
    /// JSON Lines are not read yet. A HAR is scanned once, without its messages: half a gigabyte a
    /// second in a release build.
    ///
    /// # Errors
    /// If it is too large or of neither format; a HAR also if it is invalid or has no WebSocket.
    pub fn new(mut text: String) -> Result<Self, ImportError> {
        if text.len() > MAX_IMPORT_BYTES {
            return Err(ImportError::Bytes(text.len()));
        }
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        if text.trim().is_empty() {
            return Err(ImportError::Empty);
        }
        if first_field(&text) == Some("format") {
            return Err(ImportError::Workspace);
        }
        let mut import = Self {
            format: format_of(&text).ok_or(ImportError::Format)?,
            text,
            connections: Vec::new(),
            wrong: VecDeque::new(),
            passed_over: PassedOver::default(),
            connection: 0,
            cursor: Cursor::At(0),
            items: 0,
            place: Position::default(),
        };
        if import.format == Format::Har {
            let found = look_through(&import.text)?;
            (import.connections, import.wrong) = (found.connections, found.wrong);
            import.passed_over.other_requests = found.others;
            import.cursor = Cursor::Start;
        }
        Ok(import)
    }

    /// Detected file format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whole file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Connections of a HAR, in file order. JSON Lines have none.
    #[must_use]
    pub fn connections(&self) -> &[ImportedConnection] {
        &self.connections
    }

    /// Counts of skipped content so far.
    #[must_use]
    pub fn passed_over(&self) -> PassedOver {
        self.passed_over
    }

    /// Bytes read, and total bytes.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let read = match self.cursor {
            Cursor::At(at) => at,
            Cursor::Start | Cursor::Opened => {
                let next = self.connections.get(self.connection);
                next.map_or(self.text.len(), |next| next.messages.start)
            }
            Cursor::End => self.text.len(),
        };
        (read, self.text.len())
    }

    /// Reads on by one entry. `Some(Ok(None))` for an entry that is passed over.
    pub(crate) fn step(&mut self) -> Option<Result<Option<ImportedItem>, ImportError>> {
        let next = match self.cursor {
            Cursor::End => return None,
            Cursor::At(at) if self.format != Format::Har => self.next_line(at),
            cursor => self.next_in_har(cursor),
        };
        let next = match next {
            Ok(Some(_)) | Err(_) if self.items >= MAX_IMPORT_ITEMS => Err(ImportError::Items),
            next => next,
        };
        self.items += u64::from(!matches!(next, Ok(None)));
        if next.as_ref().is_err_and(ImportError::ends_import) {
            self.cursor = Cursor::End;
        }
        Some(next)
    }

    /// Item of the line at byte `at`.
    fn next_line(&mut self, at: usize) -> Result<Option<ImportedItem>, ImportError> {
        let rest = self.text.get(at..).unwrap_or_default();
        if rest.is_empty() {
            self.cursor = Cursor::End;
            return Ok(None);
        }
        let line = rest.split('\n').next().unwrap_or_default();
        self.cursor = Cursor::At((at + line.len() + 1).min(self.text.len()));
        if line.trim().is_empty() {
            return Ok(None);
        }
        let record = Record::read(line).map_err(|error| ImportError::Line {
            line: self.place.go_to(at, &self.text).line,
            error,
        })?;
        // One beside each line of a message or control frame.
        let is_of_another = matches!(record.fact, Fact::Frame(..));
        let item = item(record.fact);
        self.passed_over.control_frames += u64::from(item.is_none() && !is_of_another);
        Ok(item.map(|(item, round_trip)| ImportedItem {
            connection: 0,
            at: record.at,
            item,
            round_trip,
        }))
    }

    /// Item of the current connection at `cursor`.
    fn next_in_har(&mut self, cursor: Cursor) -> Result<Option<ImportedItem>, ImportError> {
        if let Some(wrong) = self.wrong.pop_front() {
            return Err(wrong);
        }
        let index = self.connection;
        let Some(connection) = self.connections.get(index) else {
            self.cursor = Cursor::End;
            return Ok(None);
        };
        let imported =
            |at, item| Some(ImportedItem { connection: index, at, item, round_trip: None });
        let at = match cursor {
            Cursor::Start => {
                self.cursor = Cursor::Opened;
                let opening = connection.opening.clone().map(Box::new);
                return Ok(opening
                    .and_then(|it| imported(connection.at, Item::Event(LogEvent::Handshake(it)))));
            }
            Cursor::Opened => {
                self.cursor = Cursor::At(connection.messages.start);
                let address = connection.target.url.clone();
                let opened = connection.negotiated.clone();
                let opened = opened.map(|negotiated| Opened { address, negotiated, outage: None });
                return Ok(opened.and_then(|it| {
                    imported(connection.opened_at, Item::Event(LogEvent::Opened(it)))
                }));
            }
            Cursor::At(at) => at,
            Cursor::End => return Ok(None),
        };
        let Some((start, message, end)) = next_message(&self.text, at, connection) else {
            self.connection += 1;
            self.cursor = Cursor::Start;
            let ended = connection.ended.clone();
            return Ok(
                ended.and_then(|(at, ended)| imported(at, Item::Event(LogEvent::Ended(ended))))
            );
        };
        self.cursor = Cursor::At(end);
        let mut wrong = |wrong| {
            let place = self.place.go_to(start, &self.text);
            ImportError::Message { place, wrong }
        };
        let message = message.map_err(|error| wrong(Wrong::Json(describe_json_error(&error))))?;
        let item = har_item(message, &mut self.passed_over).map_err(wrong)?;
        Ok(item.and_then(|(at, item)| imported(at, item)))
    }
}

/// Item of a message in a HAR file, with its time; `None` for one that is passed over, and counted.
fn har_item(
    message: har::Message<'_>,
    passed_over: &mut PassedOver,
) -> Result<Option<(Time, Item)>, Wrong> {
    if har::CONTROL.contains(&message.opcode) {
        passed_over.control_frames += 1;
        return Ok(None);
    }
    let item: fn(Message) -> Item = match &*message.way {
        "send" => Item::Sent,
        "receive" => Item::Received,
        _ => {
            passed_over.other_messages += 1;
            return Ok(None);
        }
    };
    let payload = match message.opcode {
        har::TEXT => Message::Text(message.data.into_owned()),
        har::BINARY => {
            let bytes = BASE64_STANDARD.decode(&*message.data);
            Message::Binary(bytes.map_err(|_| Wrong::Base64)?)
        }
        _ => {
            passed_over.other_messages += 1;
            return Ok(None);
        }
    };
    let time = har::time(message.time).ok_or(Wrong::Time)?;
    Ok(Some((time, item(payload))))
}

impl Iterator for Import {
    type Item = Result<ImportedItem, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(next) = self.step()?.transpose() {
                return Some(next);
            }
        }
    }
}

/// Both are objects, and a HAR's has nothing but `log` in it.
fn format_of(text: &str) -> Option<Format> {
    let is_object = text.trim_start().starts_with('{');
    is_object
        .then(|| if first_field(text) == Some("log") { Format::Har } else { Format::JsonLines })
}

/// Converts a fact to an item and its round-trip time.
fn item(fact: Fact) -> Option<(Item, Option<Duration>)> {
    match fact {
        Fact::Opened(mut handshake) => {
            handshake.url = handshake.url.as_deref().map(without_user);
            Some((Item::Event(LogEvent::Opened(handshake.into())), None))
        }
        Fact::Message(Direction::In, message, time) => Some((Item::Received(message), time)),
        Fact::Message(Direction::Out, message, time) => Some((Item::Sent(message), time)),
        Fact::Ended(reason, cause, handshake) => {
            let address = handshake.url.as_deref().map(without_user).unwrap_or_default();
            let cause = cause.as_deref();
            let ended = Ended::imported(address, reason, cause, handshake.closed_by);
            Some((Item::Event(LogEvent::Ended(ended)), None))
        }
        Fact::Ping(..) | Fact::Pong(..) | Fact::Close(..) | Fact::Raw(_) | Fact::Frame(..) => None,
    }
}

/// First look at a HAR.
struct Found {
    connections: Vec<ImportedConnection>,
    /// Errors of connections that cannot be read.
    wrong: VecDeque<ImportError>,
    /// Number of other requests.
    others: u64,
}

fn look_through(text: &str) -> Result<Found, ImportError> {
    let archive: Archive = serde_json::from_str(text).map_err(|error| ImportError::Har {
        place: LineColumn { line: error.line(), column: error.column() },
        error: describe_json_error(&error),
    })?;
    let found = archive.log.entries;
    if found.too_many {
        return Err(ImportError::Connections);
    }
    if found.sockets.is_empty() {
        return Err(ImportError::NoWebSocket);
    }
    let (mut connections, mut wrong) = (Vec::new(), VecDeque::new());
    for (number, socket) in (1..).zip(found.sockets) {
        let socket = socket.map_err(|error| WrongConnection::Json(describe_json_error(&error)));
        match socket.and_then(|socket| connection(text, socket)) {
            Ok(connection) => connections.push(connection),
            Err(error) => wrong.push_back(ImportError::Connection { number, wrong: error }),
        }
    }
    Ok(Found { connections, wrong, others: found.others })
}

fn connection(text: &str, socket: WebSocket<'_>) -> Result<ImportedConnection, WrongConnection> {
    let messages = socket.messages.map(RawValue::get).unwrap_or_default();
    if !messages.starts_with('[') {
        return Err(WrongConnection::Messages);
    }
    // serde borrows from the text.
    let start = messages.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let url = as_web_socket(&without_user(&socket.request.url));
    let ended = socket.closed.map(|closed| {
        let time = har::time(closed.time).ok_or(WrongConnection::Ended)?;
        let cause = closed.cause.as_deref();
        Ok((time, Ended::imported(url.clone(), closed.ending(), cause, closed.direction)))
    });
    let at = socket.started_date_time.parse().map_err(|_| WrongConnection::Started)?;
    let opening = opening(&url, &socket.request.headers, &socket.response);
    let mut headers = Vec::new();
    for (name, value) in &socket.request.headers.0 {
        // A recorded value has no variables.
        add_header(&mut headers, name, &Template::escaped(value));
    }
    let offered = socket.request.headers.value("sec-websocket-protocol");
    let offered = offered.split(',').map(str::trim).filter(|name| !name.is_empty());
    let agreed = socket.response.headers;
    // 101 over HTTP/1.1, 200 over HTTP/2 (RFC 8441 section 5).
    let is_open = matches!(socket.response.status, 101 | 200);
    Ok(ImportedConnection {
        target: Target {
            url,
            subprotocols: offered.take(MAX_SUBPROTOCOLS).map(str::to_owned).collect(),
            relay: with_headers(headers).map(Box::new),
        },
        at,
        opened_at: socket.opened.and_then(har::time).unwrap_or(at),
        opening,
        negotiated: is_open.then_some(Negotiated {
            subprotocol: agreed.value("sec-websocket-protocol"),
            extensions: agreed.value("sec-websocket-extensions"),
        }),
        ended: ended.transpose()?,
        messages: start..start + messages.len(),
    })
}

/// Heads of an opening handshake, if the file has the whole of them.
fn opening(url: &str, request: &har::Head, response: &har::Response<'_>) -> Option<Opening> {
    let is_whole = |(name, _): &(String, String)| name.eq_ignore_ascii_case("sec-websocket-key");
    if !request.0.iter().any(is_whole) {
        return None;
    }
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let mut head = format!("GET /{path} HTTP/1.1");
    for (name, value) in &request.0 {
        head.extend(["\n", name, ": ", &value.replace(['\r', '\n'], " ")]);
    }
    let response = Response {
        status: u16::try_from(response.status).unwrap_or(0),
        reason: response.reason.to_string(),
        headers: response.headers.0.clone(),
        body: String::new(),
    };
    Some(Opening::of_heads(&head, response))
}

/// Next message from byte `at` on: its start, the message or its error, and its end.
fn next_message<'a>(
    text: &'a str,
    at: usize,
    connection: &ImportedConnection,
) -> Option<(usize, serde_json::Result<har::Message<'a>>, usize)> {
    let list = text.get(at..connection.messages.end).unwrap_or_default();
    let rest =
        list.trim_start_matches(|sign: char| sign.is_ascii_whitespace() || "[,".contains(sign));
    let start = at + list.len() - rest.len();
    // The first scan checked that the list is JSON: its end is the only other error.
    let mut messages = serde_json::Deserializer::from_str(rest).into_iter::<&'a RawValue>();
    let message = messages.next()?.ok()?;
    Some((start, serde_json::from_str(message.get()), start + messages.byte_offset()))
}
