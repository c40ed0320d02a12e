//! Result of a run, and the failures that are one.

use workbench::compose::{FillError, Flaw, TemplateError};

use super::peer::{Counterpart, Seen};
use crate::syntax::Span;

/// Result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every step passed.
    Passed,
    /// First step that did not pass.
    Failed(Failure),
}

/// Step that did not pass. Its texts are without the values of [`Run::hide`](super::Run::hide).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its place in the file.
    pub span: Span,
    /// Sentence about the event that did not fit.
    pub message: String,
    /// Differences between the message that came and the one that was wanted.
    pub differences: Vec<String>,
    /// The last messages of the connection, the oldest first.
    pub recent: Vec<Seen>,
    /// True if the test could not be run, for want of a connection or of a file to send: it says
    /// nothing about the conversation.
    pub is_error: bool,
    /// True if the peer closed the connection before the step.
    pub is_early_end: bool,
}

impl Failure {
    /// Failure at a step, without differences or messages.
    pub(super) fn new(span: &Span, message: impl Into<String>) -> Self {
        Self {
            span: span.clone(),
            message: message.into(),
            differences: Vec::new(),
            recent: Vec::new(),
            is_error: false,
            is_early_end: false,
        }
    }

    /// Adds the differences.
    pub(super) fn with(self, differences: impl IntoIterator<Item = String>) -> Self {
        Self { differences: differences.into_iter().collect(), ..self }
    }
}

/// Failure of a step, with the last messages of its connection. Their texts are without secrets
/// already.
pub(super) fn failure(peer: &Counterpart, span: &Span, message: &str) -> Failure {
    Failure { recent: peer.recent.iter().cloned().collect(), ..Failure::new(span, message) }
}

/// Failure of a step by the end of its connection.
pub(super) fn ended(peer: &Counterpart, span: &Span, message: &str) -> Failure {
    Failure { is_early_end: true, ..failure(peer, span, message) }
}

/// Failure of a step by a connection that could not be made: at its `connect` line, or at the
/// expectation about it.
pub(super) fn unconnected(span: &Span, message: String) -> Failure {
    let mut failure = Failure::new(span, message);
    failure.is_error = true;
    failure
}

/// Failure of a step that has an unknown variable. Its help names the ways to set one.
pub(super) fn unknown(span: &Span, error: &FillError) -> Failure {
    let message = match error {
        FillError::Placeholder(TemplateError { flaw: Flaw::Unknown { name, .. }, .. }) => {
            format!("Unknown variable {name}. Set it with @{name} = …, --set {name}=… or capture.")
        }
        other => other.to_string(),
    };
    Failure::new(span, message)
}
