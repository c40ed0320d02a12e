//! Mistakes in a scenario file.

use std::ops::Range;

use thiserror::Error;

/// Maximum number of diagnostics of a file. The rest is most often a consequence of the first ones.
pub(super) const DIAGNOSTICS: usize = 20;

/// Least similarity (Jaro-Winkler, 0 to 1) of a word that is suggested. Below it, suggestions are
/// mostly wrong.
const SIMILARITY: f64 = 0.75;

/// Range of a [`Source`](super::Source), in bytes. Never empty but at the end of a line.
pub type Span = Range<usize>;

/// Mistake in a scenario file. Mistakes are reported together, since a file is corrected as a
/// whole.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Diagnostic {
    /// Part of the text with the mistake.
    pub span: Span,
    /// Sentence about the mistake, and the syntax that is expected there.
    pub message: String,
    /// Sentence with the correction, if it can be guessed.
    pub suggestion: Option<String>,
}

impl Diagnostic {
    /// Mistake without help.
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), suggestion: None }
    }

    /// Mistake of a `word` that is not `what` is expected in its place, such as `a step.`
    pub(super) fn is_not(word: &str, span: Span, what: &str) -> Self {
        Self::new(span, format!("'{}' is not {what}", excerpt(word)))
    }

    /// Suggests the word of `known` that is most similar to `word`, if one is similar enough.
    pub(super) fn suggest(mut self, word: &str, known: &[&str]) -> Self {
        let known = similar(word, known.iter().copied(), SIMILARITY);
        self.suggestion = known.map(|known| format!("Did you mean '{known}'?"));
        self
    }

    /// Adds `help`, unless there is a suggestion. A suggestion is more precise.
    pub(super) fn or_help(self, help: &str) -> Self {
        if self.suggestion.is_some() { self } else { self.with_help(help) }
    }

    /// Sentence that helps, in place of a suggestion.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.suggestion = Some(help.into());
        self
    }
}

/// Start of a text, for a message: 40 characters at most.
pub(super) fn excerpt(text: &str) -> String {
    const CHARACTERS: usize = 40;
    session::excerpt(text, CHARACTERS).into_owned()
}

/// Word of `known` that is most similar to `word` (Jaro-Winkler, 0 to 1); `None` if none is as similar as
/// `least`.
#[must_use]
pub fn similar<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    least: f64,
) -> Option<&'a str> {
    let likeness = known.into_iter().map(|known| (strsim::jaro_winkler(word, known), known));
    let best = likeness.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(likeness, _)| *likeness >= least).map(|(_, known)| known)
}
