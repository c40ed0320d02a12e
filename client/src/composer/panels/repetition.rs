//! Typed settings of a repetition. Text fields, so that an empty one can mean none.

use workbench::compose::Repetition;

/// Reason why a repetition cannot start. The words of each are the view's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepeatError {
    /// The interval is no whole number of milliseconds, or 0.
    Interval,
    /// The count is no whole number, or 0.
    Count,
    /// The draft is empty.
    EmptyDraft,
    /// The chosen frames end the connection, or may.
    Framing,
}

/// Parses interval (milliseconds) and count; an empty field means no pause, or no limit. Errors if one is no whole
/// number from 1.
pub(super) fn parse_repetition(interval: &str, count: &str) -> Result<Repetition, RepeatError> {
    let number = |text: &str, error| match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| error),
    };
    let interval = number(interval, RepeatError::Interval)?;
    Ok(Repetition::new(interval, number(count, RepeatError::Count)?))
}
