//! Text with variables, and regular expressions. Both are parsed once, with the file.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use session::{Pattern, Search};
use workbench::compose::{FillError, Template, Values};

use super::diagnostic::{Diagnostic, Span};

/// Maximum size of a compiled expression with groups, in bytes. It bounds the time of a search.
const GROUPS_SIZE: usize = 16 << 10;
/// Maximum size of a text that is searched for groups, in bytes. With [`GROUPS_SIZE`]: some ms of work.
pub(crate) const GROUPS_TEXT: usize = 64 << 10;

/// Text in which variables may stand: `{{name}}`, with the built-in ones of the page. Parsed once.
/// A clone shares the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(Arc<Template<'static>>);

impl Text {
    /// Parses a template; the mistake covers `span`, the place of the text.
    pub(super) fn new(text: &str, span: Span) -> Result<Self, Diagnostic> {
        let template = Template::parse(text.to_owned());
        let template = template.map_err(|error| Diagnostic::new(span, error.flaw.to_string()))?;
        Ok(Self(Arc::new(template)))
    }

    /// Text without variables; `None` if it has any.
    pub(super) fn constant(&self) -> Option<&str> {
        self.0.is_constant().then(|| self.0.text())
    }

    /// Text with its variables replaced. Fails on an unknown variable, and on one whose value
    /// cannot be made.
    pub(crate) fn fill(&self, values: &mut Values) -> Result<Cow<'_, str>, FillError> {
        self.0.fill(values)
    }

    /// Names of its variables, without the built-in ones.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    /// Checks that it is JSON, with each variable taken for a value. If a variable stands for
    /// another part of the JSON, nothing is checked. `span` is its place, `help` the sentence for
    /// the mistake.
    pub(super) fn check_json(&self, span: Span, help: &str) -> Result<(), Diagnostic> {
        let has_variables = !self.0.is_constant();
        if has_variables && !are_values(&self.0.filled_by(&MARK.to_string())) {
            return Ok(());
        }
        let Err(error) = serde_json::from_str::<Value>(&self.0.filled_by("1")) else {
            return Ok(());
        };
        let place = if has_variables { span } else { place(self.0.text(), span, &error) };
        let sentence = error.to_string();
        let sentence = sentence.split(" at line ").next().unwrap_or_default();
        Err(Diagnostic::new(place, format!("This is not JSON: {sentence}.")).with_help(help))
    }
}

/// Mark in place of a variable. No JSON has it.
const MARK: char = '\u{1}';

/// True if each mark in a JSON is in a string, or in the place of a value.
fn are_values(json: &str) -> bool {
    let (mut in_string, mut escaped, mut before, mut after_mark) = (false, false, ' ', false);
    let mut open = Vec::new();
    for character in json.chars().filter(|it| !it.is_ascii_whitespace()) {
        if in_string {
            in_string = character != '"' || escaped;
            escaped = character == '\\' && !escaped;
        } else if std::mem::replace(&mut after_mark, character == MARK)
            && !",]}".contains(character)
            || character == MARK && !":[,".contains(before)
            // Behind a comma of an object there are members.
            || character == MARK && before == ',' && open.last() == Some(&'{')
        {
            return false;
        } else {
            in_string = character == '"';
            match character {
                '{' | '[' => open.push(character),
                '}' | ']' => drop(open.pop()),
                _ => {}
            }
        }
        before = character;
    }
    true
}

/// Place of the character at which a JSON is wrong; all of it for an error at its end.
fn place(json: &str, span: Span, error: &serde_json::Error) -> Span {
    let line: usize = json.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
    let start = json.floor_char_boundary((line + error.column()).saturating_sub(1));
    let end = json.ceil_char_boundary((start + 1).min(json.len()));
    if error.is_eof() || end <= start { span } else { span.start + start..span.start + end }
}

/// JSON in which variables may stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Json {
    /// JSON text, in which variables may stand.
    text: Text,
    /// Its value, if it has no variables. Parsed once.
    constant: Option<Arc<Value>>,
}

impl Json {
    /// Parses JSON, with the mistake at the place of the error.
    pub(super) fn new(text: &str, span: Span) -> Result<Self, Diagnostic> {
        let text = Text::new(text, span.clone())?;
        text.check_json(span, "To expect text that is not JSON, put it in quotes.")?;
        let constant = text.constant().and_then(|text| serde_json::from_str(text).ok());
        Ok(Self { text, constant: constant.map(Arc::new) })
    }

    /// The JSON as written.
    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// Value with its variables replaced. The inner error is a sentence: the filled text is no
    /// JSON.
    pub(crate) fn fill(
        &self,
        values: &mut Values,
    ) -> Result<Result<Arc<Value>, String>, FillError> {
        if let Some(constant) = &self.constant {
            return Ok(Ok(Arc::clone(constant)));
        }
        let filled = serde_json::from_str(&self.text.fill(values)?);
        Ok(filled.map(Arc::new).map_err(|error| format!("the expected value is not JSON: {error}")))
    }
}

/// Regular expression. A search is linear in the text; a clone shares the automaton.
#[derive(Clone, Debug)]
pub(crate) struct Regex {
    /// Parsed expression.
    pattern: Pattern,
    /// Search of the last text, with its automaton as far as it was needed.
    search: Arc<Mutex<Option<Search>>>,
    /// For captures: the same expression, with its groups.
    groups: Option<regex_lite::Regex>,
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Regex {
    /// Compiles an expression to match.
    pub(super) fn new(expression: &str, span: Span) -> Result<Self, Diagnostic> {
        let pattern = expression.parse::<Pattern>();
        let pattern = pattern.map_err(|error| {
            Diagnostic::new(span, format!("Invalid regular expression: {error}."))
        })?;
        Ok(Self { pattern, search: Arc::default(), groups: None })
    }

    /// Compiles an expression whose first group is captured. Bounded by [`GROUPS_SIZE`].
    pub(super) fn with_group(expression: &str, span: Span) -> Result<Self, Diagnostic> {
        let groups = regex_lite::RegexBuilder::new(expression).size_limit(GROUPS_SIZE).build();
        let groups = groups.map_err(|error| {
            Diagnostic::new(span.clone(), format!("Invalid regular expression: {error}."))
        })?;
        if groups.captures_len() < 2 {
            return Err(Diagnostic::new(span, "The regular expression has no group to capture.")
                .with_help("Put the part to keep in parentheses, like /id=([0-9]+)/."));
        }
        Ok(Self { groups: Some(groups), ..Self::new(expression, span)? })
    }

    /// True if the expression matches anywhere in the text.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let kept = || self.search.lock().unwrap_or_else(PoisonError::into_inner);
        let search = kept().take();
        let mut search = search.unwrap_or_else(|| Search::new(self.pattern.clone()));
        let matches = search.matches(text);
        *kept() = Some(search);
        matches
    }

    /// First group of the first match, in texts of up to [`GROUPS_TEXT`].
    pub(crate) fn group<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.groups.as_ref()?.captures(text)?.get(1).map(|group| group.as_str())
    }

    /// Expression as written, without its slashes.
    pub(crate) fn source(&self) -> &str {
        self.pattern.as_str()
    }
}
