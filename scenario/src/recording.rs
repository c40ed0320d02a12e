//! Recordings: conversations that took place, as scenario files.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::RangeInclusive,
};

use session::{
    Close, CloseCode, Direction, EndReason, Fact, Handshake, Message, hexadecimal, is_secret_name,
    is_secret_subprotocol,
};
use workbench::compose::Template;

use crate::{
    run::MAX_FRAGMENTS,
    syntax::{Diagnostic, Side, TEXT_BYTES, format, is_connection_name, is_token, parse},
};

/// Bytes of a file that are left for its layout, which adds indentation and spaces.
const MARGIN: usize = 4 << 10;

/// Conversation of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// Name of the connection; one that a file cannot have is replaced.
    pub name: Option<String>,
    /// URL, if it is known. Its credentials are not written down.
    pub url: Option<String>,
    /// Headers of the request that a test sends again, as names and values. Credentials are not written down.
    pub headers: Vec<(String, String)>,
    /// Subprotocols that the client offered, or the one that was selected.
    pub subprotocols: Vec<String>,
    /// Openings, messages, pings sent and their pongs, Close frames and ends without one, in order;
    /// other facts are passed over.
    pub facts: Vec<Fact>,
    /// Bytes of a fragment of the messages that came or went in fragments, by their index in
    /// `facts`. The messages of other indexes went in one frame.
    pub fragments: BTreeMap<usize, usize>,
}

/// Scenario file of recordings. Its text has no mistake: it was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Content of the file, laid out.
    pub text: String,
    /// Indexes of the recordings that a mock leaves out: a client could not tell them from an earlier one.
    pub left_out: Vec<usize>,
    /// Names of the variables that stand for credentials and secrets.
    pub variables: BTreeSet<String>,
    /// True if the file is full and the recordings go on.
    pub is_cut: bool,
}

/// Writes recordings as a scenario file, up to the size of one. In a test, connections at the same
/// time are a section, and so is each that was alone; in a mock, the first one of each path and
/// subprotocols is served.
///
/// `order` has the index of a recording for each fact of all, in the order in which they took place; empty, the
/// recordings took place one after the other. Each lasts from its first fact to its last.
///
/// Credentials in URLs and headers become variables; so does each value of `secrets`, by its name, wherever it
/// stands. A message in which it cannot be replaced is left out.
///
/// # Errors
/// If the file would have mistakes, as for a URL that is too large.
pub fn write(
    recordings: &[Recording],
    order: &[usize],
    side: Side,
    secrets: &[(String, String)],
) -> Result<Written, Vec<Diagnostic>> {
    let secrets = Replacements::new(secrets);
    let mut writer =
        Writer { text: String::new(), side, secrets, variables: BTreeSet::new(), is_cut: false };
    let left_out = match side {
        Side::Server => writer.mock(recordings),
        Side::Client => {
            writer.test(recordings, order);
            Vec::new()
        }
    };
    let text = format(&writer.text)?;
    parse(&text)?;
    Ok(Written { text, left_out, variables: writer.variables, is_cut: writer.is_cut })
}

/// Recordings at the same time, each of which overlaps another one, or a single recording.
struct Group {
    /// Their indexes, in the order of their first facts.
    members: Vec<usize>,
    /// Range of the order of all facts in which theirs lie.
    order: RangeInclusive<usize>,
}

/// Groups of the recordings that have facts, in the order in which they began. Linear in the order
/// but for the sort of the recordings.
fn groups(recordings: usize, order: &[usize]) -> Vec<Group> {
    let mut spans: Vec<Option<(usize, usize)>> = vec![None; recordings];
    for (position, &index) in order.iter().enumerate() {
        if let Some(span) = spans.get_mut(index) {
            span.get_or_insert((position, position)).1 = position;
        }
    }
    let mut spans: Vec<_> =
        spans.into_iter().enumerate().filter_map(|(index, span)| Some((span?, index))).collect();
    spans.sort_unstable();
    let mut groups: Vec<Group> = Vec::new();
    for ((first, last), index) in spans {
        match groups.last_mut() {
            Some(group) if first < *group.order.end() => {
                group.members.push(index);
                group.order = *group.order.start()..=last.max(*group.order.end());
            }
            _ => groups.push(Group { members: vec![index], order: first..=last }),
        }
    }
    groups
}

/// Names of recordings at the same time, by index, each with a space behind it. A name that a file
/// cannot have, that another has, or that shows a secret is replaced by `client1`, `client2` and so
/// on.
fn names(
    recordings: &[Recording],
    members: &[usize],
    secrets: &Replacements<'_>,
) -> BTreeMap<usize, String> {
    let mut taken = HashSet::new();
    let mut others = (1..).map(|number| format!("client{number}"));
    let mut names = BTreeMap::new();
    for &index in members {
        let own = recordings[index].name.clone().filter(|name| {
            is_connection_name(name) && !taken.contains(name) && !secrets.are_in(name.as_bytes())
        });
        let name = own.or_else(|| others.find(|name| !taken.contains(name))).unwrap_or_default();
        names.insert(index, format!("{name} "));
        taken.insert(name);
    }
    names
}

/// Text of a file, as far as it is written.
struct Writer<'a> {
    /// Lines as written, before their layout.
    text: String,
    /// Side that the file takes: it tells sending from expecting.
    side: Side,
    /// Values that are replaced by variables.
    secrets: Replacements<'a>,
    /// Names of the variables written.
    variables: BTreeSet<String>,
    /// True once a line had no room: nothing is added after it.
    is_cut: bool,
}

impl Writer<'_> {
    /// Appends the paths of a mock. Returns the indexes of recordings that a client could not tell
    /// from earlier ones.
    fn mock(&mut self, recordings: &[Recording]) -> Vec<usize> {
        let (mut left_out, mut served) = (Vec::new(), HashSet::new());
        for (index, recording) in recordings.iter().enumerate() {
            let head = self.head(recording, "");
            if served.contains(&head) {
                left_out.push(index);
                continue;
            }
            self.line("");
            self.line(&head);
            served.insert(head);
            self.alone(recording);
        }
        left_out
    }

    /// Appends the sections of a test. Each begins with its connections; their steps keep the order
    /// of the facts.
    fn test(&mut self, recordings: &[Recording], order: &[usize]) {
        let one_by_one: Vec<usize>;
        let order = if order.is_empty() {
            let each = recordings.iter().enumerate();
            // At least one each: a connection may have no facts.
            one_by_one = each.flat_map(|(index, it)| vec![index; it.facts.len().max(1)]).collect();
            &one_by_one
        } else {
            order
        };
        let groups = groups(recordings.len(), order);
        let has_sections = groups.len() > 1;
        let mut begun = 0;
        for Group { members, order: part } in groups {
            let (first, last) = (begun + 1, begun + members.len());
            begun = last;
            let title = match members[..] {
                _ if !has_sections => "\n".to_owned(),
                [_] => format!("\n[connection {first}]\n"),
                _ => format!("\n[connections {first} to {last}]\n"),
            };
            // With the first connection as one line: a section without any would be a mistake.
            if let [index] = members[..] {
                let head = self.head(&recordings[index], "");
                self.line(&format!("{title}{head}"));
                self.alone(&recordings[index]);
            } else {
                self.together(title, recordings, &members, &order[part]);
            }
        }
    }

    /// Appends the steps of a connection, up to the first Close frame, or the end without one. They
    /// have no name: the file or section has this connection alone.
    fn alone(&mut self, recording: &Recording) {
        for index in 0..recording.facts.len() {
            if self.is_cut {
                return;
            }
            let (line, is_end) = self.step(recording, index);
            if let Some(line) = line {
                self.line(&line);
            }
            if is_end {
                return;
            }
        }
    }

    /// Appends the steps of connections at the same time, each up to its end. Each connection
    /// begins with an expectation of its opening, so that none sends before all are open. A
    /// fact whose step is a comment has no name before it.
    fn together(
        &mut self,
        mut title: String,
        recordings: &[Recording],
        members: &[usize],
        order: &[usize],
    ) {
        let names = names(recordings, members, &self.secrets);
        // Indexes of the next fact; `None` after the end.
        let mut next: BTreeMap<usize, Option<usize>> = BTreeMap::new();
        for index in order {
            if self.is_cut {
                return;
            }
            let (Some(name), Some(recording)) = (names.get(index), recordings.get(*index)) else {
                continue;
            };
            let next = next.entry(*index).or_insert_with(|| {
                let head = self.head(recording, name);
                self.line(&format!("{}{head}", std::mem::take(&mut title)));
                Some(0)
            });
            let Some(at) = *next else { continue };
            let (mut line, is_end) = self.step(recording, at);
            if at == 0 && line.as_ref().is_none_or(|line| !line.starts_with("< opened")) {
                // Who is to hear what another one says is there before.
                self.line(&format!("{name}< opened"));
            }
            if let Some(line) = line.take_if(|line| !line.starts_with('#')) {
                self.line(&format!("{name}{line}"));
            }
            if let Some(comment) = line {
                self.line(&comment);
            }
            *next = (!is_end).then_some(at + 1);
        }
    }

    /// Appends a line, unless the file is full. From the first line without room on, nothing is
    /// written: a step in the middle must not be missing.
    fn line(&mut self, line: &str) {
        if self.is_cut || self.text.len() + line.len() > TEXT_BYTES - MARGIN {
            self.is_cut = true;
        } else {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// Variable that stands for a value. Notes its name, for the caller to tell.
    fn variable(&mut self, name: &str) -> String {
        self.variables.insert(name.to_owned());
        format!("{{{{{name}}}}}")
    }

    /// Text as it is written, with variables in the place of secrets. `None` if a brace before one of them would
    /// be read as a part of it.
    fn template(&mut self, text: &str) -> Option<String> {
        let mut written = String::new();
        for part in self.secrets.split(text) {
            match part {
                Ok(text) => written.push_str(&Template::escaped(text)),
                Err(name) => {
                    let braces = written.len() - written.trim_end_matches('{').len();
                    if !braces.is_multiple_of(4) {
                        return None;
                    }
                    written.push_str(&self.variable(name));
                }
            }
        }
        Some(written)
    }

    /// Text in quotes, as it is written. The escapes are those of JSON. `None` as for
    /// [`Self::template`].
    fn quoted(&mut self, text: &str) -> Option<String> {
        Some(serde_json::Value::from(self.template(text)?).to_string())
    }

    /// Lines of a `connect` or a `serve`: URL or path, headers and subprotocols. A name has a space
    /// behind it.
    fn head(&mut self, recording: &Recording, name: &str) -> String {
        let url = match &recording.url {
            Some(url) => self.url(url),
            None => self.variable("url"),
        };
        let subprotocols = subprotocols(&recording.subprotocols, &self.secrets);
        if self.side == Side::Server {
            return format!("serve {}{subprotocols}", path(&url));
        }
        let headers = recording.headers.iter();
        let headers: String = headers.map(|(name, value)| self.header(name, value)).collect();
        format!("connect {name}{url}{headers}{subprotocols}")
    }

    /// Line of a header; empty for one that a file cannot have. A credential becomes a variable
    /// named after the header, unless a secret of the caller stands for it.
    fn header(&mut self, name: &str, value: &str) -> String {
        let written = is_token(name).then(|| self.template(value)).flatten();
        let Some(written) = written.filter(|it| !it.is_empty() && !it.contains(char::is_control))
        else {
            return String::new();
        };
        // A scheme, such as Bearer, may stand before the secret.
        let is_known = matches!(self.secrets.split(value)[..], [Ok(scheme), Err(_), Ok("")]
            if !scheme.trim_end().contains(' '));
        let written = if is_secret_name(name) && !is_known {
            self.variable(&variable(&name.to_ascii_lowercase()))
        } else {
            written
        };
        format!("\nheader {name}: {written}")
    }

    /// Step of a fact, if it has one, and true if it is the last of its connection: a Close frame,
    /// or an end without one.
    fn step(&mut self, recording: &Recording, index: usize) -> (Option<String>, bool) {
        let is_test = self.side == Side::Client;
        let line = match recording.facts.get(index) {
            Some(Fact::Message(direction, message, _)) => {
                let fragment = recording.fragments.get(&index).copied();
                self.message(self.sends(*direction), message, fragment)
            }
            Some(Fact::Close(direction, close)) => {
                return (Some(self.close(self.sends(*direction), close)), true);
            }
            Some(Fact::Ended(EndReason::Closed(close), ..))
                if close.code == CloseCode::ABNORMAL =>
            {
                return (Some(if is_test { "<~ dropped" } else { "drop" }.to_owned()), true);
            }
            Some(Fact::Opened(Handshake { subprotocol: Some(name), .. }))
                if is_test && is_subprotocol(name, &self.secrets) =>
            {
                format!("< opened subprotocol {name}")
            }
            // A mock answers pings by itself.
            Some(Fact::Ping(Direction::Out, data)) if is_test => self.control("ping", data),
            Some(Fact::Pong(Direction::In, data, Some(_))) if is_test => {
                self.control("<~ pong", data)
            }
            _ => return (None, false),
        };
        (Some(line), false)
    }

    /// True if the side of the file is the one that sends.
    fn sends(&self, direction: Direction) -> bool {
        (direction == Direction::Out) == (self.side == Side::Client)
    }

    /// Sign of an expectation. A test passes over other messages of a server, which may differ from
    /// day to day; a mock expects each message of its client.
    fn expect(&self) -> &'static str {
        if self.side == Side::Client { "<~" } else { "<" }
    }

    /// Step that sends or expects a message; a comment in its place if a secret in it cannot be
    /// replaced. `fragment` is the size of its frames in bytes, raised where there would be too
    /// many.
    fn message(&mut self, sends: bool, message: &Message, fragment: Option<usize>) -> String {
        let Some(words) = self.payload(message) else {
            return "# A message with a secret was omitted here.".to_owned();
        };
        let fragment = fragment.map(|bytes| bytes.max(message.len().div_ceil(MAX_FRAGMENTS)));
        match fragment {
            _ if !sends => format!("{} {words}", self.expect()),
            Some(bytes) => format!("> fragment {bytes} {words}"),
            None => format!("> {words}"),
        }
    }

    /// Step that sends or expects a Close frame (RFC 6455, section 5.5.1). Codes outside of 1000 to
    /// 4999 are clamped. A reason is expected by a test only, as an expression that matches it.
    fn close(&mut self, sends: bool, close: &Close) -> String {
        let is_without_code = close.code == CloseCode::NO_STATUS;
        let reason = if is_without_code { "" } else { &*close.reason };
        let code = match close.code {
            // No frame, which nobody can send.
            CloseCode::ABNORMAL if sends => return "close".to_owned(),
            CloseCode::ABNORMAL => return format!("{} closed", self.expect()),
            CloseCode(code) => code.clamp(1000, 4999),
        };
        if sends {
            let reason = Some(reason).filter(|it| !it.is_empty()).and_then(|it| self.quoted(it));
            return format!("close {code} {}", reason.unwrap_or_default());
        }
        let is_plain = !reason.is_empty() && !reason.contains(char::is_control);
        let reason =
            (is_plain && self.side == Side::Client && !self.secrets.are_in(reason.as_bytes()))
                .then(|| format!("/{}/", regex_lite::escape(reason).replace('/', "\\/")));
        format!("{} closed {code} {}", self.expect(), reason.unwrap_or_default())
    }

    /// Step of a control frame with its data. A comment stands in its place if the data is no
    /// UTF-8.
    fn control(&mut self, step: &str, data: &[u8]) -> String {
        let written = str::from_utf8(data).ok().and_then(|text| self.quoted(text));
        match written {
            Some(_) if data.is_empty() => step.to_owned(),
            Some(data) => format!("{step} {data}"),
            None => format!("# {step}: its data cannot be written."),
        }
    }

    /// Payload as a file has it, sent or expected. `None` if a secret in it cannot be replaced.
    fn payload(&mut self, message: &Message) -> Option<String> {
        match message {
            // As a variable, it would be another text than the escaped one.
            Message::Text(text) if is_json(text) && self.secrets.are_escaped_in(text) => None,
            Message::Text(text) if is_json(text) && !self.secrets.are_json_in(text) => {
                self.template(text)
            }
            Message::Text(text) => self.quoted(text),
            Message::Binary(bytes) if self.secrets.are_in(bytes) => None,
            Message::Binary(bytes) if bytes.is_empty() => Some("hex \"\"".to_owned()),
            Message::Binary(bytes) => Some(format!("hex {}", hexadecimal(bytes, " "))),
        }
    }

    /// URL as one word, its credentials replaced by variables. User information becomes the
    /// variable `credentials`, a value of a secret parameter one named after it.
    fn url(&mut self, url: &str) -> String {
        let word: String =
            url.chars().filter(|it| !it.is_whitespace() && !it.is_control()).collect();
        // Secrets first: their names say more than those of the parameters.
        let Some(word) = self.template(&word) else { return self.variable("url") };
        let (scheme, rest) = word.split_once("://").unwrap_or(("ws", &word));
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority_end = before.find('/').unwrap_or(before.len());
        let before = match before[..authority_end].rfind('@') {
            Some(at) => self.variable("credentials") + &before[at..],
            None => before.to_owned(),
        };
        let query = query.split('&').map(|parameter| match parameter.split_once('=') {
            Some((name, value)) if is_secret_name(name) && !self.secrets.are_named(value) => {
                format!("{name}={}", self.variable(&variable(name)))
            }
            _ => parameter.to_owned(),
        });
        let query = query.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{scheme}://{before}{mark}{query}")
    }
}

/// Values that a file must not show, with the names of their variables.
struct Replacements<'a>(Vec<(&'a str, String)>);

impl<'a> Replacements<'a> {
    /// Replacements of these values; empty ones are left out.
    fn new(secrets: &'a [(String, String)]) -> Self {
        let mut all: Vec<_> = secrets.iter().filter(|(_, value)| !value.is_empty()).collect();
        // The longest first: it may contain another one.
        all.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        Self(all.into_iter().map(|(name, value)| (&**name, value.clone())).collect())
    }

    /// Parts of a text: `Ok` is text, `Err` the name of a secret. Values do not overlap: the longer
    /// one is found first.
    fn split<'t>(&self, text: &'t str) -> Vec<Result<&'t str, &'a str>> {
        let mut parts = vec![Ok(text)];
        for (name, value) in &self.0 {
            let split = |part: Result<&'t str, &'a str>| match part {
                Ok(text) => {
                    let between =
                        text.split(value.as_str()).flat_map(|text| [Err(*name), Ok(text)]);
                    between.skip(1).collect::<Vec<_>>()
                }
                name => vec![name],
            };
            parts = parts.into_iter().flat_map(split).collect();
        }
        parts
    }

    /// True if one of them is in a text as JSON escapes it, and not as it is.
    fn are_escaped_in(&self, json: &str) -> bool {
        self.0.iter().any(|(_, value)| {
            let escaped = serde_json::Value::from(&**value).to_string();
            let escaped = &escaped[1..escaped.len() - 1];
            escaped != *value && json.contains(escaped)
        })
    }

    /// True if one of them that has a bracket, quote or backslash is in a JSON text: with a
    /// variable in its place, the rest would be no JSON.
    fn are_json_in(&self, json: &str) -> bool {
        self.0.iter().any(|(_, value)| {
            value.contains(['{', '}', '[', ']', '"', '\\']) && json.contains(value)
        })
    }

    /// True for the variable of one of them, in its braces.
    fn are_named(&self, variable: &str) -> bool {
        let name = variable.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        name.is_some_and(|name| self.0.iter().any(|(known, _)| *known == name))
    }

    /// True if one of them is in `bytes`, as it is.
    fn are_in(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|(_, value)| bytes.windows(value.len()).any(|it| it == value.as_bytes()))
    }
}

/// True for an object or array on one line, which needs no quotes.
fn is_json(text: &str) -> bool {
    text.starts_with(['{', '['])
        && text.ends_with(['}', ']'])
        && !text.contains(char::is_control)
        && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

/// Name of the variable of a parameter. Other characters than those of a name are left out; `token`
/// if none is left.
fn variable(name: &str) -> String {
    let name: String =
        name.chars().filter(|it| it.is_ascii_alphanumeric() || "_-".contains(*it)).collect();
    if crate::check_name(&name).is_ok() { name } else { "token".to_owned() }
}

/// Path of a URL as a mock serves it, without the query. A segment with a variable is a parameter.
fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    let mut parameters = HashSet::new();
    let segments = path.split('/').map(|segment| {
        let name = segment.split_once("{{").and_then(|(_, rest)| rest.split_once("}}"));
        match name.filter(|(name, _)| crate::check_name(name).is_ok() && parameters.insert(*name)) {
            Some((name, _)) => format!("{{{name}}}"),
            None => segment.replace('{', "%7B").replace('}', "%7D"),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Line of the subprotocols, without tokens. Empty if there is none to write.
fn subprotocols(names: &[String], secrets: &Replacements<'_>) -> String {
    let names = names.iter().map(String::as_str).filter(|name| is_subprotocol(name, secrets));
    let names: Vec<_> = names.collect();
    if names.is_empty() { String::new() } else { format!("\nsubprotocol {}", names.join(" ")) }
}

/// True for a subprotocol that a file may show: it can be sent, and is neither a credential nor a secret of the
/// caller.
fn is_subprotocol(name: &str, secrets: &Replacements<'_>) -> bool {
    is_token(name) && !is_secret_subprotocol(name) && !secrets.are_in(name.as_bytes())
}
