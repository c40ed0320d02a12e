//! Text with variables, and regular expressions.

use std::{borrow::Cow, sync::Arc};

use session::{Pattern, Search};
use workbench::compose::{FillError, Template, Values};

use super::diagnostic::{Diagnostic, Span};

/// Maximum size of a compiled expression with groups, in bytes.
const GROUPS_SIZE: usize = 16 << 10;
/// Maximum size of a text that is searched for groups, in bytes. With [`GROUPS_SIZE`]: some ms of work.
const GROUPS_TEXT: usize = 64 << 10;

/// Text in which variables may stand: `{{name}}`, with the built-in ones of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    source: Arc<str>,
    /// Without variables.
    is_constant: bool,
}

impl Text {
    pub(super) fn new(text: &str, span: Span) -> Result<Self, Diagnostic> {
        let template = Template::parse(text);
        let template = template.map_err(|error| Diagnostic::new(span, error.flaw.to_string()))?;
        Ok(Self { source: text.into(), is_constant: template.is_constant() })
    }

    /// The text with its variables replaced.
    pub(crate) fn fill(&self, values: &mut Values) -> Result<Cow<'_, str>, FillError> {
        if self.is_constant {
            return Ok(Cow::Borrowed(&self.source));
        }
        // Parsed before, so there is no error left.
        Template::parse(&*self.source).map_or_else(
            |_| Ok(Cow::Borrowed(&*self.source)),
            |template| template.fill(values).map(|filled| Cow::Owned(filled.into_owned())),
        )
    }
}

/// Regular expression.
#[derive(Clone, Debug)]
pub(crate) struct Regex {
    pattern: Pattern,
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
            Diagnostic::new(span, format!("The expression is not valid: {error}."))
        })?;
        Ok(Self { pattern, groups: None })
    }

    /// Compiles an expression whose first group is captured.
    pub(super) fn with_group(expression: &str, span: Span) -> Result<Self, Diagnostic> {
        let groups = regex_lite::RegexBuilder::new(expression).size_limit(GROUPS_SIZE).build();
        let groups = groups.map_err(|error| {
            Diagnostic::new(span.clone(), format!("The expression is not valid: {error}."))
        })?;
        if groups.captures_len() < 2 {
            return Err(Diagnostic::new(span, "The expression has no group to capture.")
                .with_help("Put the part to keep in parentheses, like /id=([0-9]+)/."));
        }
        Ok(Self { groups: Some(groups), ..Self::new(expression, span)? })
    }

    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        // Linear in the text, whatever the expression: no bound on the steps is needed.
        Search::new(self.pattern.clone()).advance(text, &mut u64::MAX.clone()).unwrap_or(false)
    }

    /// First group of the first match, in texts of up to 64 KiB.
    pub(crate) fn group<'a>(&self, text: &'a str) -> Option<&'a str> {
        let groups = self.groups.as_ref().filter(|_| text.len() <= GROUPS_TEXT)?;
        groups.captures(text)?.get(1).map(|group| group.as_str())
    }

    pub(crate) fn source(&self) -> &str {
        self.pattern.as_str()
    }
}
