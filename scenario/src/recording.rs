//! Recordings: conversations that took place, written down as scenario files.

use std::{collections::HashSet, fmt::Write};

use session::{Direction, Fact, Message};

use crate::syntax::{Diagnostic, Side, format, parse};

/// Query parameters whose values are credentials; their names contain one of these words, in any case.
const SECRETS: [&str; 6] = ["token", "key", "secret", "password", "auth", "sig"];
/// Maximum length of a subprotocol that is written down: longer ones are tokens, as browsers set no headers.
const SUBPROTOCOL: usize = 32;

/// Conversation of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// URL, if it is known. Its credentials are not written down.
    pub url: Option<String>,
    /// Subprotocols that the client offered, or the one that was selected.
    pub subprotocols: Vec<String>,
    /// Messages and Close frames in order; other facts are passed over.
    pub facts: Vec<Fact>,
}

/// Scenario file of recordings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Content of the file, laid out.
    pub text: String,
    /// Indexes of the recordings that a mock leaves out: a client could not tell them from an earlier one.
    pub left_out: Vec<usize>,
}

/// Writes recordings down as a scenario file. Of several connections, each is a section of a test; of a mock,
/// the first one of each path and subprotocols is served.
///
/// Credentials in URLs become variables.
///
/// # Errors
///
/// If the file would have mistakes, as one that is too large.
pub fn write(recordings: &[Recording], side: Side) -> Result<Written, Vec<Diagnostic>> {
    let mut text = String::new();
    let mut left_out = Vec::new();
    let mut served = HashSet::new();
    for (index, recording) in recordings.iter().enumerate() {
        let url = recording.url.as_deref().map_or_else(|| "{{url}}".to_owned(), url);
        let head = match side {
            Side::Client => format!("connect {url}\n"),
            Side::Server => format!("serve {}\n", path(&url)),
        };
        let head = head + &subprotocols(&recording.subprotocols);
        match side {
            Side::Server if served.contains(&head) => {
                left_out.push(index);
                continue;
            }
            Side::Client if recordings.len() > 1 => {
                let _ = writeln!(text, "\n[connection {}]", index + 1);
            }
            _ => text.push('\n'),
        }
        text += &head;
        served.insert(head);
        steps(&mut text, &recording.facts, side);
    }
    let text = format(&text)?;
    parse(&text)?;
    Ok(Written { text, left_out })
}

/// Appends the steps, up to the first Close frame.
fn steps(text: &mut String, facts: &[Fact], side: Side) {
    for fact in facts {
        let (direction, step) = match fact {
            Fact::Message(direction, message, _) => (*direction, Ok(message)),
            Fact::Close(direction, close) => (*direction, Err(close)),
            _ => continue,
        };
        let sends = (direction == Direction::Out) == (side == Side::Client);
        // What else a server says may differ from day to day; what a mock hears is its client's test.
        let expect = if side == Side::Client { "<~" } else { "<" };
        let line = match step {
            Ok(message) if sends => payload(message).map_or_else(
                || "# An empty binary message was here.".to_owned(),
                |it| format!("> {it}"),
            ),
            Ok(message) => {
                let matcher = payload(message);
                format!("{expect} {}", matcher.as_deref().unwrap_or("binary and size == 0"))
            }
            Err(close) => {
                // 1005 and 1006 stand for frames without a code, or none: nobody can send them.
                let code = match close.code.0 {
                    1005 | 1006 => String::new(),
                    code => code.clamp(1000, 4999).to_string(),
                };
                let reason = if code.is_empty() || close.reason.is_empty() || !sends {
                    String::new()
                } else {
                    quoted(&close.reason)
                };
                let _ = if sends {
                    writeln!(text, "close {code} {reason}")
                } else {
                    writeln!(text, "{expect} closed {code}")
                };
                return;
            }
        };
        text.push_str(&line);
        text.push('\n');
    }
}

/// Message as it is sent, and as it is expected; `None` for an empty binary one.
fn payload(message: &Message) -> Option<String> {
    match message {
        Message::Text(text) if is_json(text) => Some(braces(text)),
        Message::Text(text) => Some(quoted(text)),
        Message::Binary(bytes) if bytes.is_empty() => None,
        Message::Binary(bytes) => {
            let hex = bytes.iter().map(|byte| format!(" {byte:02x}"));
            Some(format!("hex{}", hex.collect::<String>()))
        }
    }
}

/// `true` for an object or array on one line: written without quotes, it can be read.
fn is_json(text: &str) -> bool {
    text.starts_with(['{', '['])
        && text.ends_with(['}', ']'])
        && !text.contains(char::is_control)
        && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn quoted(text: &str) -> String {
    braces(&serde_json::Value::from(text).to_string())
}

/// Text in which no variable begins.
fn braces(text: &str) -> String {
    text.replace("{{", "{{{{")
}

/// URL as one word, its credentials replaced by variables.
fn url(url: &str) -> String {
    let word: String = url.chars().filter(|it| !it.is_whitespace() && !it.is_control()).collect();
    let word = braces(&word);
    let (scheme, rest) = word.split_once("://").unwrap_or(("ws", &word));
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority_end = before.find('/').unwrap_or(before.len());
    let before = match before[..authority_end].rfind('@') {
        Some(at) => format!("{{{{credentials}}}}{}", &before[at..]),
        None => before.to_owned(),
    };
    let query = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={{{{{}}}}}", variable(name)),
        _ => parameter.to_owned(),
    });
    let query = query.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{scheme}://{before}{mark}{query}")
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

/// Name of the variable of a parameter.
fn variable(name: &str) -> String {
    let name: String =
        name.chars().filter(|it| it.is_ascii_alphanumeric() || "_-".contains(*it)).collect();
    if crate::check_name(&name).is_ok() { name } else { "token".to_owned() }
}

/// Path of a URL as a mock serves it: without the query.
fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    path.replace('{', "%7B").replace('}', "%7D")
}

/// Line of the subprotocols, without tokens.
fn subprotocols(names: &[String]) -> String {
    let is_word = |name: &&String| {
        let is_token = |it: char| it.is_ascii_alphanumeric() || "!$%&'*+-.^_`|~".contains(it);
        !name.is_empty() && name.len() <= SUBPROTOCOL && name.chars().all(is_token)
    };
    let names: Vec<&str> = names.iter().filter(is_word).map(String::as_str).collect();
    if names.is_empty() { String::new() } else { format!("subprotocol {}\n", names.join(" ")) }
}
