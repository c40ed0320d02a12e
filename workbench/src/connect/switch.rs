//! Relation of the address box to the connection in use.

use session::State;

use super::Address;

/// Note below the address box while a connection is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchNote {
    /// The box has another address than the open connection, which is named.
    StillConnected(String),
    /// The box has another address than the one being tried, which is named.
    StillConnecting(String),
    /// The named address follows once the connection has closed.
    ConnectsNext(String),
}

/// Returns the note for what is typed. `in_use` is the address of the connection, `next` the one that
/// follows it; `page_is_secure` as in [`Address::parse`].
#[must_use]
pub fn switch_note(
    state: &State,
    in_use: Option<&str>,
    next: Option<&str>,
    typed: &str,
    page_is_secure: bool,
) -> Option<SwitchNote> {
    if let Some(next) = next {
        return Some(SwitchNote::ConnectsNext(next.to_owned()));
    }
    let in_use = in_use?;
    let is_same = Address::parse(typed, page_is_secure)
        .map_or_else(|_| typed.trim() == in_use, |address| address.as_str() == in_use);
    match state {
        _ if is_same => None,
        State::Open(_) => Some(SwitchNote::StillConnected(in_use.to_owned())),
        State::Connecting(_) | State::Waiting { .. } => {
            Some(SwitchNote::StillConnecting(in_use.to_owned()))
        }
        State::Closing(_) | State::Idle(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use session::Attempt;

    use super::*;

    const IN_USE: &str = "ws://localhost:8080/ws";

    fn note(state: &State, typed: &str) -> Option<SwitchNote> {
        switch_note(state, Some(IN_USE), None, typed, false)
    }

    #[test]
    fn the_address_in_use_needs_no_note_however_it_is_typed() {
        let open = State::Open(Attempt(0));
        for typed in [IN_USE, " ws://localhost:8080/ws ", "localhost:8080/ws"] {
            assert_eq!(note(&open, typed), None, "{typed}");
        }
    }

    #[test]
    fn another_address_is_marked_as_not_in_use() {
        let connected = Some(SwitchNote::StillConnected(IN_USE.to_owned()));
        for typed in ["ws://localhost:8080/echo", "", "ftp://x"] {
            assert_eq!(note(&State::Open(Attempt(0)), typed), connected, "{typed}");
        }
        let connecting = Some(SwitchNote::StillConnecting(IN_USE.to_owned()));
        assert_eq!(note(&State::Connecting(Attempt(0)), "ws://other"), connecting);
        assert_eq!(note(&State::Closing(Attempt(0)), "ws://other"), None);
        assert_eq!(switch_note(&State::Idle(None), None, None, "ws://other", false), None);
    }

    #[test]
    fn the_next_address_is_named_while_the_connection_closes() {
        let closing = State::Closing(Attempt(0));
        let next = switch_note(&closing, Some(IN_USE), Some("ws://other/"), "ws://third", false);
        assert_eq!(next, Some(SwitchNote::ConnectsNext("ws://other/".to_owned())));
    }
}
