//! What a connection's state means to the bar.

use std::time::Duration;

use session::{CloseCode, EndReason, State, Time};

use super::words::words;

/// The state's name for styles and tests.
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

pub(super) fn label(state: &State) -> &'static str {
    let words = &words().connection;
    match state {
        State::Idle(None) => words.idle,
        State::Idle(Some(EndReason::Failed)) | State::Waiting { ending: EndReason::Failed, .. } => {
            words.failed
        }
        State::Idle(Some(EndReason::Cancelled | EndReason::Closed(_))) => words.closed,
        State::Connecting(_) => words.connecting,
        State::Open(_) => words.open,
        State::Closing(_) => words.closing,
        State::Waiting { .. } => words.lost,
    }
}

/// What happened and what to try; empty where the label says it all. `cause` is the likeliest of a
/// failure.
pub(super) fn explanation(state: &State, cause: Option<String>) -> String {
    let (State::Idle(Some(ending)) | State::Waiting { ending, .. }) = state else {
        return String::new();
    };
    let words = &words().connection;
    match ending {
        EndReason::Failed => cause.unwrap_or_default(),
        EndReason::Cancelled => words.cancelled.to_owned(),
        EndReason::Closed(close) if close.code == CloseCode::ABNORMAL => (words.was_lost)(close),
        EndReason::Closed(close) => (words.was_closed)(close),
    }
}

/// Whether the last attempt did not open a connection.
pub(super) fn has_failed(state: &State) -> bool {
    matches!(
        state,
        State::Idle(Some(EndReason::Failed)) | State::Waiting { ending: EndReason::Failed, .. }
    )
}

pub(super) fn waits_until(state: &State) -> Option<Time> {
    match state {
        State::Waiting { until, .. } => Some(*until),
        _ => None,
    }
}

/// `00:42`, and with hours `1:00:42`.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
