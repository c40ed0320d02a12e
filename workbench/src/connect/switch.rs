//! Relation of the address box to the connection in use.

use session::State;

/// Note below the address box while a connection is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchNote {
    /// The box has another address than the open connection, which is named.
    StillConnected(String),
    /// The box has another address than the one being tried, which is named.
    StillConnecting(String),
    /// The named address follows once the connection has closed.
    ConnectsNext(String),
    /// Connection, or attempt, with other options than are set.
    OtherOptions,
}

/// Returns the note for the typed `address`, complete and with variables expanded; `None` if it is
/// invalid. `in_use` is the address of the connection, `next` the one that follows it;
/// `has_other_options` is true if it was opened with others than those that are set.
#[must_use]
pub fn switch_note(
    state: &State,
    in_use: Option<&str>,
    next: Option<&str>,
    address: Option<&str>,
    has_other_options: bool,
) -> Option<SwitchNote> {
    if let Some(next) = next {
        return Some(SwitchNote::ConnectsNext(next.to_owned()));
    }
    let in_use = in_use?;
    match state {
        State::Closing(_) | State::Idle(_) => None,
        _ if address == Some(in_use) => has_other_options.then_some(SwitchNote::OtherOptions),
        State::Open(_) => Some(SwitchNote::StillConnected(in_use.to_owned())),
        State::Connecting(_) | State::Waiting { .. } => {
            Some(SwitchNote::StillConnecting(in_use.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use session::Attempt;

    use super::*;

    const IN_USE: &str = "ws://localhost:8080/ws";

    fn note(state: &State, address: Option<&str>) -> Option<SwitchNote> {
        switch_note(state, Some(IN_USE), None, address, false)
    }

    #[test]
    fn another_address_is_marked_as_not_in_use() {
        let open = State::Open(Attempt(0));
        assert_eq!(note(&open, Some(IN_USE)), None);
        let connected = Some(SwitchNote::StillConnected(IN_USE.to_owned()));
        assert_eq!(note(&open, Some("ws://localhost:8080/echo")), connected);
        assert_eq!(note(&open, None), connected);
        let connecting = Some(SwitchNote::StillConnecting(IN_USE.to_owned()));
        assert_eq!(note(&State::Connecting(Attempt(0)), Some("ws://other")), connecting);
        assert_eq!(note(&State::Closing(Attempt(0)), Some("ws://other")), None);
        assert_eq!(switch_note(&State::Idle(None), None, None, Some("ws://other"), true), None);
    }

    #[test]
    fn other_options_are_marked_as_not_in_use() {
        let note = |state, address| switch_note(&state, Some(IN_USE), None, Some(address), true);
        let open = || State::Open(Attempt(0));
        assert_eq!(note(open(), IN_USE), Some(SwitchNote::OtherOptions));
        assert_eq!(note(State::Connecting(Attempt(0)), IN_USE), Some(SwitchNote::OtherOptions));
        assert_eq!(note(State::Closing(Attempt(0)), IN_USE), None);
        let connected = Some(SwitchNote::StillConnected(IN_USE.to_owned()));
        assert_eq!(note(open(), "ws://other"), connected);
    }

    #[test]
    fn the_next_address_is_named_while_the_connection_closes() {
        let closing = State::Closing(Attempt(0));
        let next =
            switch_note(&closing, Some(IN_USE), Some("ws://other/"), Some("ws://third"), false);
        assert_eq!(next, Some(SwitchNote::ConnectsNext("ws://other/".to_owned())));
    }
}
