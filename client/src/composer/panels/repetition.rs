//! Typed settings of a repetition. Text fields, so that an empty one can mean none.

use std::time::Duration;

use workbench::compose::{Repetition, RepetitionError};

/// Reason why a repetition cannot start. The words of each are the view's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepeatError {
    /// A field is not a whole number.
    NotANumber,
    /// A number is out of range.
    OutOfRange(RepetitionError),
    /// The draft is empty.
    EmptyDraft,
    /// The chosen frames end the connection, or may.
    Framing,
}

/// Parses interval (milliseconds) and count; an empty field means no pause, or no limit. Errors if
/// a field is no whole number, or out of the bounds of [`Repetition::new`].
pub(super) fn parse_repetition(interval: &str, count: &str) -> Result<Repetition, RepeatError> {
    let number = |text: &str| match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| RepeatError::NotANumber),
    };
    let interval = number(interval)?.map(Duration::from_millis);
    Repetition::new(interval, number(count)?).map_err(RepeatError::OutOfRange)
}
