//! Comparison of a message with a matcher.

use std::{cell::OnceCell, cmp::Ordering};

use serde_json::Value;
use session::{Message, Payload};
use workbench::compose::{FillError, Values};

use crate::syntax::{GROUPS_TEXT, Matcher, Operator, Part, Test, Type};

/// Maximum number of differences listed.
const DIFFERENCES: usize = 8;
/// Maximum length of a value in a difference, in characters. A failure is read in a terminal.
const EXCERPT: usize = 80;

/// Differences between a message and a matcher; none if it matches. Each is a phrase without a full
/// stop.
pub(super) type Differences = Vec<String>;

/// Message that is compared with matchers. Its JSON is parsed once, for the first of them that needs it.
pub(super) struct Candidate<'a> {
    payload: Payload<'a>,
    json: OnceCell<Result<Value, String>>,
    /// Rest of its text after the first prefix that it was compared with, and the length of that.
    rest: OnceCell<(usize, Box<Self>)>,
}

impl<'a> Candidate<'a> {
    /// Message that nothing was compared with.
    pub(super) fn new(message: &'a Message) -> Self {
        Self::of(message.payload())
    }

    fn of(payload: Payload<'a>) -> Self {
        Self { payload, json: OnceCell::new(), rest: OnceCell::new() }
    }

    /// Text of a text message. A binary one has none, even if it is UTF-8.
    fn text(&self) -> Option<&'a str> {
        match self.payload {
            Payload::Text(text) => Some(text),
            Payload::Binary(_) => None,
        }
    }

    /// Payload as JSON, also of a binary message. The error is a phrase.
    fn json(&self) -> Result<&Value, String> {
        let json = self.json.get_or_init(|| {
            serde_json::from_slice(self.payload.as_bytes())
                .map_err(|error| format!("it is not JSON: {error}"))
        });
        json.as_ref().map_err(String::clone)
    }
}

/// Compares a message with a matcher, up to the first part of an `and` that does not hold. JSON is
/// parsed for the matchers that need it only.
///
/// # Errors
/// An unknown variable of the matcher.
pub(super) fn differences(
    matcher: &Matcher,
    message: &Candidate<'_>,
    values: &mut Values,
) -> Result<Differences, FillError> {
    Ok(match matcher {
        Matcher::Any => Vec::new(),
        Matcher::Text => unless(message.text().is_some(), "it is a binary message"),
        Matcher::Binary => unless(message.text().is_none(), "it is a text message"),
        Matcher::Equals(wanted) => {
            let wanted = wanted.fill(values)?;
            match message.text() {
                Some(text) if text == wanted => Vec::new(),
                Some(text) => vec![difference_of_texts(&wanted, text)],
                None => unless(false, "it is a binary message"),
            }
        }
        Matcher::Contains(wanted) => {
            let wanted = wanted.fill(values)?;
            match message.text() {
                Some(text) if text.contains(&*wanted) => Vec::new(),
                Some(_) => unless(false, &format!("it does not contain {}", quoted(&wanted))),
                None => unless(false, "it is a binary message"),
            }
        }
        Matcher::Matches(regex) => {
            let is_met = regex.matches(message.payload.as_bytes());
            unless(is_met, &format!("/{}/ does not match", regex.source()))
        }
        Matcher::Json(wanted) => match (wanted.fill(values)?, message.json()) {
            (Ok(wanted), Ok(came)) => {
                let mut differences = Vec::new();
                compare(&wanted, came, &mut "$".to_owned(), &mut differences);
                differences
            }
            (Err(sentence), _) | (_, Err(sentence)) => vec![sentence],
        },
        Matcher::Path(path, test) => match message.json() {
            Ok(came) => test_path(&path.query(came).all(), &path.to_string(), test, values)?,
            Err(sentence) => vec![sentence],
        },
        Matcher::Bytes(wanted) => {
            let equals = matches!(message.payload, Payload::Binary(bytes) if bytes == wanted);
            unless(equals, "the bytes differ")
        }
        Matcher::Size(operator, bytes) => {
            let holds = operator.holds((message.payload.len() as u64).cmp(bytes));
            unless(holds, &format!("it is {} bytes long", message.payload.len()))
        }
        Matcher::After(prefix, rest) => {
            let prefix = prefix.fill(values)?.into_owned();
            match message.text().and_then(|text| text.strip_prefix(&prefix)) {
                Some(after) => {
                    let after = || Candidate::of(Payload::Text(after));
                    let kept = message.rest.get_or_init(|| (prefix.len(), Box::new(after())));
                    match kept {
                        (length, kept) if *length == prefix.len() => {
                            differences(rest, kept, values)?
                        }
                        _ => differences(rest, &after(), values)?,
                    }
                }
                None => unless(false, &format!("it does not begin with {}", quoted(&prefix))),
            }
        }
        Matcher::All(all) => {
            for matcher in all {
                let differences = differences(matcher, message, values)?;
                if !differences.is_empty() {
                    return Ok(differences);
                }
            }
            Vec::new()
        }
    })
}

/// Part of a message to capture. The error is a phrase: binary, no JSON, nothing at the path, or no
/// match. JSON strings come without their quotes, other values as JSON.
pub(super) fn captured(part: &Part, message: &Candidate<'_>) -> Result<String, String> {
    match part {
        Part::Text => {
            message.text().map(str::to_owned).ok_or_else(|| "it is a binary message".to_owned())
        }
        Part::Path(path) => {
            let value = path.query(message.json()?).first();
            let value = value.ok_or_else(|| format!("there is nothing at {path}"))?;
            Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        }
        Part::Group(regex) => {
            let text = message.text().ok_or("it is a binary message")?;
            if text.len() > GROUPS_TEXT {
                return Err(format!("the text is longer than {} KiB", GROUPS_TEXT >> 10));
            }
            let group = regex.group(text).map(str::to_owned);
            group.ok_or_else(|| format!("/{}/ does not match", regex.source()))
        }
        // Checked by the parser.
        Part::Header(_) => Err("it has no headers".to_owned()),
    }
}

/// Values of the headers with a name, in any case (RFC 9110, section 5.1).
pub(super) fn headers<'a>(
    headers: &'a [(String, String)],
    name: &'a str,
) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
}

/// Compares headers of one name with a test, as values at a path.
///
/// A header is a number only where the test compares with one.
pub(super) fn test_header(
    found: &[&str],
    name: &str,
    test: &Test,
    values: &mut Values,
) -> Result<Differences, FillError> {
    let is_number = match test {
        Test::Compares(_, wanted) => wanted.fill(values)?.parse::<f64>().is_ok(),
        _ => false,
    };
    let found = found.iter().map(|text| {
        let number = is_number.then(|| serde_json::from_str(text).ok()).flatten();
        number.unwrap_or_else(|| Value::from(*text))
    });
    let found: Vec<_> = found.collect();
    test_path(&found.iter().collect::<Vec<_>>(), name, test, values)
}

/// No difference if `matches`, else this one.
fn unless(matches: bool, difference: &str) -> Differences {
    if matches { Vec::new() } else { vec![difference.to_owned()] }
}

/// Text in quotes, cut where it is long. At most [`EXCERPT`] characters.
fn quoted(text: &str) -> String {
    Value::from(session::excerpt(text, EXCERPT)).to_string()
}

/// First position at which two texts differ, counted in characters from 1.
fn difference_of_texts(wanted: &str, came: &str) -> String {
    let same = wanted.chars().zip(came.chars()).take_while(|(wanted, came)| wanted == came).count();
    let rest = |text: &str| text.chars().skip(same).collect::<String>();
    match (rest(wanted), rest(came)) {
        (wanted, came) if came.is_empty() => format!("{} is missing at its end", quoted(&wanted)),
        (wanted, came) if wanted.is_empty() => format!("it has {} more at its end", quoted(&came)),
        (wanted, came) => {
            format!(
                "at character {}: expected {}, got {}",
                same + 1,
                quoted(&wanted),
                quoted(&came)
            )
        }
    }
}

/// Compares JSON: an object has at least the wanted members, an array exactly the wanted items.
///
/// Recursion is bounded by the depth to which `serde_json` parses, 128. At most [`DIFFERENCES`] are
/// listed, each with its path from `$`.
fn compare(wanted: &Value, came: &Value, path: &mut String, differences: &mut Differences) {
    if differences.len() >= DIFFERENCES {
        return;
    }
    let length = path.len();
    match (wanted, came) {
        (Value::Object(wanted), Value::Object(came)) => {
            for (name, wanted) in wanted {
                if differences.len() >= DIFFERENCES {
                    return;
                }
                path.push('.');
                path.push_str(name);
                match came.get(name) {
                    Some(came) => compare(wanted, came, path, differences),
                    None => differences.push(format!("{path} is missing")),
                }
                path.truncate(length);
            }
        }
        (Value::Array(wanted), Value::Array(came)) if wanted.len() == came.len() => {
            for (index, (wanted, came)) in wanted.iter().zip(came).enumerate() {
                path.extend(["[", &index.to_string(), "]"]);
                compare(wanted, came, path, differences);
                path.truncate(length);
            }
        }
        (Value::Array(wanted), Value::Array(came)) => {
            differences.push(format!(
                "{path}: expected {} items, got {}",
                wanted.len(),
                came.len()
            ));
        }
        _ if equals(wanted, came) => {}
        _ => {
            differences.push(format!(
                "{path}: expected {}, got {}",
                excerpt(wanted),
                excerpt(came)
            ));
        }
    }
}

/// JSON, cut where it is long. At most [`EXCERPT`] characters.
fn excerpt(value: &Value) -> String {
    session::excerpt(&value.to_string(), EXCERPT).into_owned()
}

/// Order of two values of one type; `None` if they cannot be compared. Integers of 64 bits are
/// compared exactly, other numbers as floating point, strings by their bytes. Values of other types
/// are only equal or not; numbers in them are compared by value, too. Recursion is bounded as in [`compare`].
fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i128(), other.as_i128()) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
        },
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Array(one), Value::Array(other)) => {
            let are_equal = one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| equals(one, other));
            are_equal.then_some(Ordering::Equal)
        }
        (Value::Object(one), Value::Object(other)) => {
            let has = |(name, value)| other.get(name).is_some_and(|other| equals(value, other));
            (one.len() == other.len() && one.iter().all(has)).then_some(Ordering::Equal)
        }
        _ => (one == other).then_some(Ordering::Equal),
    }
}

/// True for equal JSON, with numbers by value.
fn equals(one: &Value, other: &Value) -> bool {
    order(one, other) == Some(Ordering::Equal)
}

/// Tests the values found at a path; one that passes is enough. Without any, only `missing` passes.
fn test_path(
    found: &[&Value],
    path: &str,
    test: &Test,
    values: &mut Values,
) -> Result<Differences, FillError> {
    let Some(first) = found.first() else {
        return Ok(unless(*test == Test::Missing, &format!("{path} is missing")));
    };
    let compares = match test {
        Test::Compares(operator, wanted) => {
            let wanted = wanted.fill(values)?;
            // A captured string comes without its quotes.
            let json = serde_json::from_str(&wanted).unwrap_or_else(|_| Value::from(&*wanted));
            Some((operator, json))
        }
        _ => None,
    };
    let passes = |value: &&Value| match (test, &compares) {
        (Test::Is(kind), _) => is(*kind, value),
        (Test::Matches(regex), _) => {
            value.as_str().is_some_and(|text| regex.matches(text.as_bytes()))
        }
        (_, Some((operator, wanted))) => match order(value, wanted) {
            Some(order) => operator.holds(order),
            None => **operator == Operator::NotEqual,
        },
        _ => *test == Test::Exists,
    };
    let verb = if *test == Test::Missing { "is there:" } else { "is" };
    let more = match found.len() {
        1 => String::new(),
        several => format!(" (the first of {several} values)"),
    };
    let difference = format!("{path} {verb} {}{more}", excerpt(first));
    Ok(unless(found.iter().any(passes), &difference))
}

/// True for a value of this type (RFC 8259 section 3). Integers are numbers.
fn is(kind: Type, value: &Value) -> bool {
    match kind {
        Type::Object => value.is_object(),
        Type::Array => value.is_array(),
        Type::String => value.is_string(),
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Null => value.is_null(),
    }
}
