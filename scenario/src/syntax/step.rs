//! Steps of a connection: sending, expecting, closing.

use std::time::Duration;

use serde_json_path::JsonPath;
use session::CloseCode;

use super::{
    cursor::Cursor,
    diagnostic::{Diagnostic, Span, excerpt},
    matcher::{Matcher, Test, json_path},
    payload::Payload,
    text::{Regex, Text},
};
use crate::duration;

/// Words that begin an action.
pub(super) const ACTIONS: [&str; 10] =
    [">", "<", "<~", "wait", "silent", "never", "ping", "pong", "close", "drop"];

/// Action of one connection. Parsed with all that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// Sends a message.
    Send(Payload),
    /// Waits for an event.
    Expect(Expectation),
    /// Waits for a time; messages may arrive.
    Wait(Duration),
    /// Checks that nothing arrives for a time. Pings and pongs are no messages.
    Silent(Duration),
    /// Fails the run on a matching message from here on.
    Never(Matcher),
    /// Sends a Ping frame.
    Ping(Text),
    /// Sends a Pong frame.
    Pong(Text),
    /// Sends a Close frame. Code and reason.
    Close(u16, Text),
    /// Ends the connection without a Close frame.
    Drop,
}

/// Event that must happen, in its order among the steps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expectation {
    /// Passes over messages that do not match.
    pub(crate) passes_over: bool,
    /// Event that meets it.
    pub(crate) pattern: Pattern,
    /// Variables that the event sets.
    pub(crate) captures: Vec<Capture>,
    /// Time limit, counted from this step; otherwise the file's.
    pub(crate) within: Option<Duration>,
}

/// Side of a conversation. Tests and mocks are written from their own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Client: a test takes this side, towards the server under test.
    Client,
    /// Server: a mock takes this side.
    Server,
}

impl Side {
    /// Side of the peer.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// Name in a file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// Event that is expected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pattern {
    /// Message that a matcher accepts.
    Message(Matcher),
    /// Ping frame, with this data if any is given.
    Ping(Option<Text>),
    /// Pong frame, with this data if any is given.
    Pong(Option<Text>),
    /// Close frame, optionally with this code, a reason with a match, and the side that closed
    /// first.
    Closed(Option<u16>, Option<Regex>, Option<Side>),
    /// End of the connection without a Close frame.
    Dropped,
    /// Open connection, after a response that meets the conditions.
    Opened(Vec<Condition>),
    /// Refused opening handshake, by a response that meets the conditions.
    Refused(Vec<Condition>),
}

/// Condition on the response to the opening handshake.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// HTTP status of a refusal.
    Status(u16),
    /// Selected subprotocol.
    Subprotocol(Text),
    /// Header with this name; one of several is enough.
    Header(String, Test),
}

/// Variable that an event sets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Capture {
    /// Name of the variable, without its sign `@`.
    pub(crate) name: String,
    /// Part of the event that becomes its value.
    pub(crate) part: Part,
}

/// Part of a message that is captured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// Whole text.
    Text,
    /// First value at a JSON path.
    Path(JsonPath),
    /// First group of an expression.
    Group(Regex),
    /// First header with this name, of the response to the opening handshake.
    Header(String),
}

impl Action {
    /// Parses a step after the name of its connection, such as `< "hi" within 1s`, up to a comment.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let (word, span) = cursor.expect("A step")?;
        Ok(match word {
            ">" => Self::Send(Payload::parse(cursor)?),
            "<" => Self::Expect(Expectation::parse(cursor, false)?),
            "<~" => Self::Expect(Expectation::parse(cursor, true)?),
            "wait" => Self::Wait(parse_duration(cursor)?),
            "silent" => Self::Silent(parse_duration(cursor)?),
            "never" => Self::Never(Matcher::parse(cursor)?),
            "ping" => Self::Ping(data(cursor)?),
            "pong" => Self::Pong(data(cursor)?),
            "close" => {
                let code = code(cursor)?.unwrap_or(CloseCode::NORMAL.0);
                let here = cursor.here();
                let reason = data(cursor)?;
                if code == CloseCode::NO_STATUS.0 && reason.constant() != Some("") {
                    return Err(Diagnostic::new(
                        here,
                        "A Close frame without a code (1005) has no reason.",
                    )
                    .with_help("Give another code, or no reason."));
                }
                if !cursor.is_done() {
                    return Err(Diagnostic::new(cursor.here(), "Invalid close reason.")
                        .with_help("Write it in quotes: close 4001 \"bye\""));
                }
                Self::Close(code, reason)
            }
            "drop" => Self::Drop,
            _ => {
                return Err(Diagnostic::is_not(word, span, "a step.")
                    .suggest(word, &ACTIONS)
                    .or_help(
                        "A connection name is followed by > < <~ wait silent never ping pong close or drop.",
                    ));
            }
        })
    }
}

/// Data of a Ping or Pong frame, or the reason of a Close frame; its length is checked when it is
/// sent. Empty if there are no quotes.
fn data(cursor: &mut Cursor<'_>) -> Result<Text, Diagnostic> {
    match cursor.quoted()? {
        Some((text, span)) => Text::new(&text, span),
        None => Text::new("", cursor.here()),
    }
}

/// Takes a close code, if a number follows. Codes are 1000 to 4999 (RFC 6455, section 7.4.2);
/// `None` if no number follows.
fn code(cursor: &mut Cursor<'_>) -> Result<Option<u16>, Diagnostic> {
    if !cursor.peek().starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(None);
    }
    let (word, span) = cursor.expect("A close code")?;
    let code = word.parse().ok().filter(|code| (1000..5000).contains(code));
    code.map(Some).ok_or_else(|| Diagnostic::is_not(word, span, "a close code: use 1000 to 4999."))
}

/// Takes an HTTP status. From 100 to 599.
pub(super) fn status(cursor: &mut Cursor<'_>) -> Result<u16, Diagnostic> {
    let (word, span) = cursor.expect("A status")?;
    let status = word.parse().ok().filter(|status| (100..600).contains(status));
    status.ok_or_else(|| Diagnostic::is_not(word, span, "an HTTP status, like 401."))
}

impl Expectation {
    /// Parses an event and its clauses: any number of captures, and a time limit.
    fn parse(cursor: &mut Cursor<'_>, passes_over: bool) -> Result<Self, Diagnostic> {
        let pattern = Pattern::parse(cursor)?;
        let (mut captures, mut within) = (Vec::new(), None);
        loop {
            let here = cursor.here();
            if cursor.takes("capture") {
                let capture = Capture::parse(cursor)?;
                pattern.check_capture(&capture, here)?;
                captures.push(capture);
            } else if cursor.takes("within") {
                within = Some(parse_duration(cursor)?);
            } else {
                return Ok(Self { passes_over, pattern, captures, within });
            }
        }
    }
}

impl Pattern {
    /// True for a message, rather than the opening, the end or a control frame.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Self::Message(_))
    }

    /// Parses an event. Any word that names none begins a matcher of a message.
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        if cursor.takes("ping") {
            return Ok(Self::Ping(optional(cursor)?));
        }
        if cursor.takes("pong") {
            return Ok(Self::Pong(optional(cursor)?));
        }
        if cursor.takes("dropped") {
            return Ok(Self::Dropped);
        }
        if cursor.takes("closed") {
            let code = code(cursor)?;
            let reason = cursor.between_slashes()?;
            let reason =
                reason.map(|(expression, span)| Regex::new(&expression, span)).transpose()?;
            let follows = ["by", "within", "capture"].contains(&cursor.peek());
            if !follows && !cursor.is_done() {
                return Err(Diagnostic::new(
                    cursor.here(),
                    "An expected reason is a regular expression.",
                )
                .with_help("Write it between slashes: closed 4001 /bye/"));
            }
            if !cursor.takes("by") {
                return Ok(Self::Closed(code, reason, None));
            }
            let (word, span) = cursor.expect("The side that closes first")?;
            let side = [Side::Client, Side::Server].into_iter().find(|side| side.name() == word);
            let side = side.ok_or_else(|| {
                Diagnostic::is_not(word, span, "a side.")
                    .with_help("Write by server or by client: the one that closes first.")
            })?;
            return Ok(Self::Closed(code, reason, Some(side)));
        }
        if cursor.takes("opened") {
            return Condition::parse_all(cursor, false).map(Self::Opened);
        }
        if cursor.takes("refused") {
            return Condition::parse_all(cursor, true).map(Self::Refused);
        }
        Ok(Self::Message(Matcher::parse(cursor)?))
    }
}

impl Pattern {
    /// Checks that the event has the captured part: messages have texts, the opening has headers.
    fn check_capture(&self, capture: &Capture, span: Span) -> Result<(), Diagnostic> {
        let is_header = matches!(capture.part, Part::Header(_));
        let (fits, help) = match self {
            Self::Message(_) => (
                !is_header,
                "Only opened and refused have headers: < opened capture id = header X-Id.",
            ),
            Self::Opened(_) | Self::Refused(_) => {
                (is_header, "Only a header can be captured here: capture id = header X-Id.")
            }
            _ => (false, "Only messages, and headers of opened and refused, can be captured."),
        };
        let mistake = || Diagnostic::new(span, "This cannot be captured here.").with_help(help);
        if fits { Ok(()) } else { Err(mistake()) }
    }
}

impl Condition {
    /// Parses conditions joined by `and`, if there are any.
    fn parse_all(cursor: &mut Cursor<'_>, of_refusal: bool) -> Result<Vec<Self>, Diagnostic> {
        let mut all = Vec::new();
        if cursor.is_done() || ["capture", "within"].contains(&cursor.peek()) {
            return Ok(all);
        }
        loop {
            all.push(Self::parse(cursor, of_refusal)?);
            if !cursor.takes("and") {
                return Ok(all);
            }
        }
    }

    /// Parses one condition. A status is one of a refusal, a subprotocol one of an opening.
    fn parse(cursor: &mut Cursor<'_>, of_refusal: bool) -> Result<Self, Diagnostic> {
        if cursor.takes("header") {
            let name = header_name(cursor)?;
            return Ok(Self::Header(name, Test::parse(cursor)?));
        }
        if of_refusal && cursor.peek().starts_with(|first: char| first.is_ascii_digit()) {
            return status(cursor).map(Self::Status);
        }
        if !of_refusal && cursor.takes("subprotocol") {
            let (word, span) = cursor.expect("A subprotocol")?;
            return Ok(Self::Subprotocol(Text::new(word, span)?));
        }
        let word = excerpt(cursor.peek());
        Err(Diagnostic::new(cursor.here(), format!("'{word}' is not a part of the response."))
            .with_help(if of_refusal {
                "Write a status, or a header: < refused 401 and header Retry-After exists."
            } else {
                "Write its subprotocol or a header: < opened subprotocol chat and header X-Id exists."
            }))
    }
}

/// Takes the name of a header. The colon that a header line has is a mistake here.
fn header_name(cursor: &mut Cursor<'_>) -> Result<String, Diagnostic> {
    let (name, span) = cursor.expect("The name of a header")?;
    if name.ends_with(':') {
        return Err(Diagnostic::new(span, "Remove the colon after the header name.")
            .with_help("Write it like header X-Id == \"7\" or header X-Id matches /^[0-9]+$/."));
    }
    Ok(name.to_owned())
}

/// Data of a control frame that is expected, if quotes follow.
fn optional(cursor: &mut Cursor<'_>) -> Result<Option<Text>, Diagnostic> {
    let quoted = cursor.quoted()?;
    quoted.map(|(text, span)| Text::new(&text, span)).transpose()
}

impl Capture {
    /// Parses a capture: its name, and the part after the equals sign.
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let (name, span) = cursor.expect("A name")?;
        if name.starts_with(['$', '/']) {
            return Err(Diagnostic::new(span, "The name of a variable is missing here.")
                .with_help("Put it before the value: capture id = $.id"));
        }
        check_variable(name, span)?;
        let here = cursor.here();
        if !cursor.takes("=") {
            return Err(Diagnostic::new(here, "An equals sign is missing here.")
                .with_help("Write capture id = $.id, with spaces around the sign."));
        }
        let here = cursor.here();
        let name = name.to_owned();
        if let Some((path, span)) = cursor.path() {
            return Ok(Self { name, part: Part::Path(json_path(path, span)?) });
        }
        if let Some((expression, span)) = cursor.between_slashes()? {
            return Ok(Self { name, part: Part::Group(Regex::with_group(&expression, span)?) });
        }
        if cursor.takes("text") {
            return Ok(Self { name, part: Part::Text });
        }
        if cursor.takes("header") {
            return Ok(Self { name, part: Part::Header(header_name(cursor)?) });
        }
        Err(Diagnostic::new(here, "A value to capture is missing here.").with_help(
            "Write a JSON path like $.id, an expression with a group like /id=([0-9]+)/, text, or header NAME.",
        ))
    }
}

/// Checks that `name` can be written as `{{name}}`, and is not built in. Names have up to
/// `MAX_VARIABLE_BYTES` bytes.
pub(super) fn check_variable(name: &str, span: Span) -> Result<(), Diagnostic> {
    let is_name = !name.is_empty()
        && name.len() <= workbench::compose::MAX_VARIABLE_BYTES
        && name.chars().all(|it| it.is_ascii_alphanumeric() || "_-.".contains(it));
    if !is_name {
        return Err(Diagnostic::is_not(name, span, "a variable name.").with_help(
            "Names contain only letters, digits and _ - . and have spaces around them.",
        ));
    }
    if workbench::compose::BUILT_IN.contains(&name) {
        return Err(Diagnostic::new(
            span,
            format!("'{name}' is a built-in variable. Choose another name."),
        ));
    }
    Ok(())
}

/// Checks that `name` can be the name of a variable.
///
/// # Errors
/// A sentence about the name.
pub fn check_name(name: &str) -> Result<(), String> {
    check_variable(name, 0..0).map_err(|mistake| mistake.message)
}

/// Parses `NAME=VALUE`, the assignment of a variable on a command line.
///
/// # Errors
/// A sentence about the name, which never repeats the value.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    check_name(name)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Takes a duration with its unit, such as `250ms`.
pub(super) fn parse_duration(cursor: &mut Cursor<'_>) -> Result<Duration, Diagnostic> {
    let (word, span) = cursor.expect("A duration")?;
    duration::parse(word).map_err(|sentence| Diagnostic::new(span, format!("{sentence}.")))
}
