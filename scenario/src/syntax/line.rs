//! One line of a file: a setting, a section, a step, an option of a connection, or part of a block.

use std::time::Duration;

use super::{
    cursor::Cursor,
    diagnostic::{Diagnostic, Span, excerpt},
    matcher::{Matcher, Operator},
    payload::Payload,
    step::{ACTIONS, Action, check_variable, parse_duration, status},
    text::Text,
};
use crate::{duration, path::Path};

/// Words that begin a line. A misspelled word is compared with them.
const WORDS: [&str; 18] = [
    "connect", "include", "serve", "repeat", "every", "unordered", "any", "parallel", "barrier",
    "timeout", "limit", "require", "header", "subprotocol", "compression", "ignore", "query",
    "refuse",
];

/// Words of other tools, each with its word here.
const FOREIGN: [(&str, &str); 7] = [
    ("send", ">"),
    ("expect", "<"),
    ("receive", "<"),
    ("recv", "<"),
    ("sleep", "wait"),
    ("pause", "wait"),
    ("disconnect", "drop"),
];

/// Words of other lines or places, each with its help.
const ELSEWHERE: [(&str, &str); 5] = [
    ("capture", "Put it after the expectation: < any capture id = $.id"),
    ("within", "Put it after the expectation: < any within 2s"),
    ("let", "To set a variable, write @NAME = VALUE."),
    ("set", "To set a variable, write @NAME = VALUE."),
    ("var", "To set a variable, write @NAME = VALUE."),
];

/// Maximum number of rounds of `repeat`. Longer loads are those of `wsbench bench`.
const ROUNDS: u32 = 1_000_000;

/// Line of a file. Each kind has the syntax of its comment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// Empty line, or a comment.
    Empty,
    /// `@name = value`
    Variable(String, Text),
    /// `timeout 2s`
    Timeout(Duration),
    /// `limit 30s`
    Limit(Duration),
    /// `require p99 < 50ms`
    Require(Requirement),
    /// `include "login.ws"`
    Include(String),
    /// `[name]`
    Section(String),
    /// `connect alice ws://…`
    Connect(Option<String>, Text),
    /// `serve /rooms/{room}`
    Serve(String, Path),
    /// Line below `connect` or `serve`.
    Option(ConnectOption),
    /// `alice > hi`
    Step(Option<String>, Action),
    /// `barrier`
    Barrier,
    /// `repeat 3 {`
    Opens(BlockStart),
    /// `}`
    Closes,
}

/// Start of a block. Its end is a line with `}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockStart {
    /// Number of rounds.
    Repeat(u32),
    /// Interval of the rounds, and their total time.
    Every(Duration, Duration),
    /// All of the expectations, in any order.
    Unordered,
    /// Number of the expectations that are enough, in any order.
    Any(usize),
    /// Lane for each connection.
    Parallel,
}

/// Option of a connection. Below `serve`, those of the opening handshake are conditions on a
/// client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ConnectOption {
    /// Header of the opening handshake.
    Header(String, Text),
    /// Parameter of the query that a client must send.
    Query(String, Text),
    /// HTTP status that a client gets in place of a WebSocket.
    Refuse(u16),
    /// Subprotocols, in order of preference.
    Subprotocols(Vec<Text>),
    /// Offer of permessage-deflate (RFC 7692), or none.
    Compression(bool),
    /// Messages that neither match nor fail anything.
    Ignore(Matcher),
    /// Messages that are answered by themselves: by a message, a Close frame, or the end.
    On(Matcher, Action),
}

/// Condition on the latencies of a run. Its latencies are those from a message sent to its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// Place of its line.
    pub(crate) span: Span,
    /// Statistic that is compared: one of [`METRICS`].
    metric: (&'static str, u8),
    /// Comparison that has to hold.
    pub(crate) operator: Operator,
    /// Latency on the right of the comparison.
    pub(crate) bound: Duration,
}

/// Statistics of the latencies of a run: percentiles by nearest rank, of which 100 is the longest, by name.
const METRICS: [(&str, u8); 5] = [("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("max", 100)];

impl Line {
    /// Parses a line, which may go on over others within JSON. Nothing but a comment may follow.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let line = Self::begin(cursor)?;
        cursor.finish()?;
        Ok(line)
    }

    /// Parses a line up to its end: by its first word, or the second, after the name of a
    /// connection.
    fn begin(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        if cursor.is_done() {
            return Ok(Self::Empty);
        }
        let first = cursor.peek();
        if let Some(name) = first.strip_prefix('@') {
            let span = cursor.here();
            check_variable(name, span)?;
            cursor.word();
            return Self::variable(name.to_owned(), cursor);
        }
        if first.starts_with('[') {
            return Self::section(cursor);
        }
        if ACTIONS.contains(&first) {
            return Ok(Self::Step(None, Action::parse(cursor)?));
        }
        let (word, span) = cursor.expect("A step")?;
        Ok(match word {
            "}" => Self::Closes,
            "timeout" => Self::Timeout(positive(cursor)?),
            "limit" => Self::Limit(positive(cursor)?),
            "require" => Self::Require(Requirement::parse(cursor, span.start)?),
            "include" => {
                let here = cursor.here();
                let (path, _) = cursor.quoted()?.ok_or_else(|| {
                    Diagnostic::new(here, "The path of a file is missing here.")
                        .with_help("Write it in quotes: include \"login.ws\"")
                })?;
                Self::Include(path)
            }
            "connect" => Self::connect(cursor)?,
            "serve" => Self::serve(cursor)?,
            "header" | "query" | "refuse" | "subprotocol" | "compression" | "ignore" | "on" => {
                Self::Option(ConnectOption::parse(word, cursor)?)
            }
            "barrier" => Self::Barrier,
            "repeat" | "every" | "unordered" | "any" | "parallel" => Self::opens(word, cursor)?,
            _ if ACTIONS.contains(&cursor.peek()) => {
                check_name(word.trim_end_matches(':'), span.clone())?;
                if word.ends_with(':') {
                    return Err(Diagnostic::new(
                        span,
                        "Remove the colon after the connection name.",
                    ));
                }
                Self::Step(Some(word.to_owned()), Action::parse(cursor)?)
            }
            _ => return Err(no_step(word, span)),
        })
    }

    /// Parses the value of a variable: a string in quotes, or the rest up to a comment.
    fn variable(name: String, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let here = cursor.here();
        if !cursor.takes("=") {
            return Err(Diagnostic::new(here, "An equals sign is missing here.")
                .with_help(format!("Write @{name} = value, with spaces around the sign.")));
        }
        let quoted = cursor.quoted()?;
        let (value, span) = quoted.unwrap_or_else(|| {
            let (rest, span) = cursor.take_value();
            (rest.to_owned(), span)
        });
        Ok(Self::Variable(name, Text::new(&value, span)?))
    }

    /// Parses the name of a section, in brackets; space around it is not part of it.
    fn section(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let rest = cursor.rest();
        // A name may have brackets and number signs.
        let mut ends = rest.match_indices(']').map(|(at, _)| at + 1);
        let end =
            ends.find(|end| matches!(rest[*end..].trim_start().bytes().next(), None | Some(b'#')));
        let (name, span) = cursor.take_bytes(end.unwrap_or(rest.len()));
        let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim);
        match inner {
            Some(inner) if !inner.is_empty() => Ok(Self::Section(inner.to_owned())),
            _ => Err(Diagnostic::new(span, "A section is a name in brackets, like [login].")
                .with_help("To send JSON, write > before it.")),
        }
    }

    /// Parses the URL of a connection, which may have a name before it.
    fn connect(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let (first, span) = cursor.expect("A URL")?;
        if cursor.is_done() {
            return Ok(Self::Connect(None, Text::new(first, span)?));
        }
        check_name(first, span)?;
        let (url, span) = cursor.expect("A URL")?;
        Ok(Self::Connect(Some(first.to_owned()), Text::new(url, span)?))
    }

    /// Parses a path; its parameters are variables, and have names as these.
    fn serve(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let (path, span) = cursor.expect("A path")?;
        let parsed = Path::parse(path, |name| {
            check_variable(name, span.clone()).map_err(|mistake| mistake.message)
        });
        let parsed = parsed.map_err(|sentence: String| Diagnostic::new(span, sentence))?;
        Ok(Self::Serve(path.to_owned(), parsed))
    }

    /// Parses the beginning of a block, up to its brace.
    fn opens(word: &str, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        let start = match word {
            "repeat" => BlockStart::Repeat(number(cursor, ROUNDS)?),
            "every" => {
                let interval = positive(cursor)?;
                expect_word(cursor, "for")?;
                BlockStart::Every(interval, positive(cursor)?)
            }
            "any" => {
                let count = number(cursor, ROUNDS)?;
                expect_word(cursor, "of")?;
                BlockStart::Any(count as usize)
            }
            "unordered" => BlockStart::Unordered,
            _ => BlockStart::Parallel,
        };
        expect_word(cursor, "{")?;
        Ok(Self::Opens(start))
    }
}

/// Mistake of a word that begins no line, with the most likely help.
fn no_step(word: &str, span: Span) -> Diagnostic {
    let mistake = Diagnostic::is_not(word, span, "a step.");
    if let Some((_, own)) = FOREIGN.iter().find(|(other, _)| *other == word) {
        return mistake.with_help(format!("Use '{own}' instead."));
    }
    if let Some((_, place)) = ELSEWHERE.iter().find(|(other, _)| *other == word) {
        return mistake.with_help(*place);
    }
    if word.starts_with(['<', '>']) {
        return mistake.with_help("Put a space after > and <.");
    }
    if word.ends_with(':') {
        return mistake.with_help(format!("Syntax: header {} VALUE", excerpt(word)));
    }
    let known = [&WORDS[..], &ACTIONS[..]].concat();
    mistake
        .suggest(&word.to_ascii_lowercase(), &known)
        .or_help("To send a message, write > before it.")
}

/// Takes a word that has to follow.
fn expect_word(cursor: &mut Cursor<'_>, word: &str) -> Result<(), Diagnostic> {
    let here = cursor.here();
    if cursor.takes(word) {
        Ok(())
    } else {
        Err(Diagnostic::new(here, format!("'{word}' is missing here.")))
    }
}

/// Takes a number from 1 to `most`.
fn number(cursor: &mut Cursor<'_>, most: u32) -> Result<u32, Diagnostic> {
    let (word, span) = cursor.expect("A number")?;
    let number = word.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Diagnostic::is_not(word, span, &format!("a number from 1 to {most}.")))
}

/// Takes a duration of at least a microsecond, the unit of [`session::Time`]: a shorter interval would not advance.
fn positive(cursor: &mut Cursor<'_>) -> Result<Duration, Diagnostic> {
    let here = cursor.here();
    let duration = parse_duration(cursor)?;
    let is_positive = duration >= Duration::from_micros(1);
    is_positive
        .then_some(duration)
        .ok_or_else(|| Diagnostic::new(here, "The duration must be at least 1us."))
}

/// Checks the name of a connection. Words that begin a line are no names.
fn check_name(name: &str, span: Span) -> Result<(), Diagnostic> {
    /// Maximum length of a name, in bytes.
    const BYTES: usize = 32;
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= BYTES
        && name.chars().all(|it| it.is_ascii_alphanumeric() || "_-".contains(it));
    if !is_word {
        return Err(Diagnostic::is_not(name, span, "a connection name.")
            .with_help("A name starts with a letter and contains only letters, digits, _ and -."));
    }
    if WORDS.contains(&name) || ACTIONS.contains(&name) || name == "on" {
        return Err(Diagnostic::new(span, format!("'{name}' is a keyword. Choose another name.")));
    }
    Ok(())
}

/// True for a name that a file can give to a connection: no keyword, and at most 32 bytes.
pub(crate) fn is_connection_name(name: &str) -> bool {
    check_name(name, 0..0).is_ok()
}

impl ConnectOption {
    /// Parses an option after its first word. `ignore` and `on` begin with a matcher.
    fn parse(word: &str, cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        match word {
            "header" => {
                let here = cursor.here();
                let (header, span) = cursor.take_rest();
                let (name, value) = header.split_once(':').ok_or_else(|| {
                    Diagnostic::new(
                        here,
                        "A header is a name, a colon and a value, like header X-Id: 7.",
                    )
                })?;
                Ok(Self::Header(name.trim().to_owned(), Text::new(value.trim(), span)?))
            }
            "query" => {
                let (word, span) = cursor.expect("A parameter of the query")?;
                let (name, value) = word.split_once('=').ok_or_else(|| {
                    Diagnostic::new(span.clone(), "An equals sign is missing here.")
                        .with_help("Write query NAME=VALUE, without spaces, as in a URL.")
                })?;
                Ok(Self::Query(name.to_owned(), Text::new(value, span)?))
            }
            "refuse" => {
                let here = cursor.here();
                match status(cursor)? {
                    ..200 => Err(Diagnostic::new(here, "A refusal has a status from 200 to 599.")),
                    status => Ok(Self::Refuse(status)),
                }
            }
            "subprotocol" => {
                let mut offered = Vec::new();
                while let Some((word, span)) = (!cursor.is_done()).then(|| cursor.word()).flatten()
                {
                    offered.push(Text::new(word.trim_end_matches(','), span)?);
                }
                if offered.is_empty() {
                    return Err(Diagnostic::new(cursor.here(), "A subprotocol is missing here."));
                }
                Ok(Self::Subprotocols(offered))
            }
            "compression" => {
                let (word, span) = cursor.expect("on or off")?;
                match word {
                    "on" => Ok(Self::Compression(true)),
                    "off" => Ok(Self::Compression(false)),
                    _ => Err(Diagnostic::new(span, "compression is on or off.")),
                }
            }
            "ignore" => Ok(Self::Ignore(Matcher::parse(cursor)?)),
            _ => {
                cursor.begin_rule();
                let matcher = Matcher::parse(cursor)?;
                if ["close", "drop"].contains(&cursor.peek()) {
                    return Ok(Self::On(matcher, Action::parse(cursor)?));
                }
                expect_word(cursor, ">").map_err(|mistake| {
                    mistake
                        .with_help("A rule answers with > MESSAGE, close CODE \"REASON\" or drop.")
                })?;
                check_answer(cursor)?;
                Ok(Self::On(matcher, Action::Send(Payload::parse(cursor)?)))
            }
        }
    }
}

/// Checks that a text answer of a rule does not read like an end of the connection.
fn check_answer(cursor: &Cursor<'_>) -> Result<(), Diagnostic> {
    let mut words = cursor.rest().split_whitespace();
    let is_end = match words.next() {
        Some("drop") => words.next().is_none(),
        Some("close") => words.next().is_none_or(|code| code.parse::<u16>().is_ok()),
        _ => false,
    };
    if !is_end {
        return Ok(());
    }
    let here = cursor.here().start;
    let span = here..here + cursor.rest().len();
    Err(Diagnostic::new(span, "This would be sent as text.").with_help(
        "To end the connection, leave out the >: on MATCHER close 4001. To send the text, put it in quotes.",
    ))
}

impl Requirement {
    /// Sentence about the statistic and its bound, if it is not met; without any latency, too.
    /// `percentile` returns that of the latencies, 100 being the longest; `None` without any.
    pub fn unmet(&self, percentile: impl Fn(u8) -> Option<Duration>) -> Option<String> {
        let Self { metric: (name, share), operator, bound, .. } = self;
        match percentile(*share) {
            Some(found) if operator.holds(found.cmp(bound)) => None,
            Some(found) => Some(format!(
                "{name} is {}; required: {name} {} {}.",
                workbench::format::span(found),
                operator.sign(),
                duration::print(*bound),
            )),
            None => Some(format!("{name} is unknown: no message was answered.")),
        }
    }

    /// Parses a requirement; `start` is the position of its line.
    fn parse(cursor: &mut Cursor<'_>, start: usize) -> Result<Self, Diagnostic> {
        let (word, span) = cursor.expect("A metric")?;
        let metric = METRICS.into_iter().find(|(name, _)| *name == word).ok_or_else(|| {
            Diagnostic::is_not(word, span, "a metric.")
                .with_help("Metrics are p50, p90, p95, p99 and max: require p99 < 50ms.")
        })?;
        let operator = Operator::parse(cursor)?;
        let (word, span) = cursor.expect("A duration")?;
        let place = start..span.end;
        let bound =
            duration::parse(word).map_err(|text| Diagnostic::new(span, format!("{text}.")))?;
        Ok(Self { span: place, metric, operator, bound })
    }
}
