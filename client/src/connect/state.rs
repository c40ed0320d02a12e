//! Texts for a connection's state.

use std::time::Duration;

use session::{Close, CloseCode, EndReason, State, Time};

use super::words::words;

/// Value of `data-state`, for styles and tests.
pub(crate) fn state_name(state: &State) -> &'static str {
    match state {
        State::Idle(None) => "idle",
        State::Idle(Some(EndReason::Failed)) => "failed",
        State::Idle(Some(EndReason::Cancelled | EndReason::Closed(_))) => "closed",
        State::Connecting(_) => "connecting",
        State::Open(_) => "open",
        State::Closing(_) => "closing",
        State::Waiting { .. } => "waiting",
    }
}

/// True for an end by the close code of an error; a close by this side that had no answer is none.
pub(crate) fn is_bad_end(state: &State, is_own: bool) -> bool {
    let State::Idle(Some(EndReason::Closed(close))) = state else { return false };
    close.code.is_error() && !(is_own && *close == Close::abnormal())
}

/// Label of the state.
pub(super) fn label(state: &State) -> &'static str {
    let words = &words().connection;
    match state {
        State::Idle(None) => words.idle,
        State::Idle(Some(EndReason::Failed)) => words.failed,
        State::Idle(Some(EndReason::Cancelled | EndReason::Closed(_))) => words.closed,
        State::Connecting(_) => words.connecting,
        State::Open(_) => words.open,
        State::Closing(_) => words.closing,
        State::Waiting { .. } => words.reconnecting,
    }
}

/// Explanation of the state; empty if the label is enough. `cause` is the likeliest cause of a failure,
/// `is_own` true for an end by this side.
pub(super) fn explanation(state: &State, cause: Option<String>, is_own: bool) -> String {
    let (State::Idle(Some(reason)) | State::Waiting { reason, .. }) = state else {
        return String::new();
    };
    let words = &words().connection;
    let sentence = match reason {
        EndReason::Failed => cause.unwrap_or_default(),
        EndReason::Cancelled => words.cancelled.to_owned(),
        EndReason::Closed(close) if is_own && *close == Close::abnormal() => {
            words.was_unanswered.to_owned()
        }
        EndReason::Closed(close) if is_own || close.code != CloseCode::ABNORMAL => {
            (words.was_closed)(close)
        }
        EndReason::Closed(close) => cause.unwrap_or_else(|| (words.was_lost)(close)),
    };
    match state {
        State::Waiting { reason: EndReason::Closed(_), .. } => {
            format!("{}: {sentence}", words.lost)
        }
        _ => sentence,
    }
}

/// True if the last connection attempt failed, or the connection was lost.
pub(super) fn has_failed(state: &State) -> bool {
    let (State::Idle(Some(reason)) | State::Waiting { reason, .. }) = state else { return false };
    match reason {
        EndReason::Failed => true,
        EndReason::Closed(close) => close.code == CloseCode::ABNORMAL,
        EndReason::Cancelled => false,
    }
}

/// Time of the next attempt, if a retry is pending.
pub(super) fn retry_at(state: &State) -> Option<Time> {
    match state {
        State::Waiting { until, .. } => Some(*until),
        _ => None,
    }
}

/// Formats a duration as `00:42`, or `1:00:42` from one hour on.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
