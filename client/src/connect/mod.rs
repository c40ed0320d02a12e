//! Stub.
use workbench::{Ending, State};
pub(crate) fn state_name(state: &State) -> &'static str {
    match state {
        State::Idle(None) => "idle",
        State::Idle(Some(Ending::Failed)) => "failed",
        State::Idle(Some(Ending::Cancelled | Ending::Closed(_))) => "closed",
        State::Connecting(_) => "connecting",
        State::Open(_) => "open",
        State::Closing(_) => "closing",
        State::Waiting { .. } => "waiting",
    }
}
