//! Connection as the engine reports it.

use leptos::prelude::*;
use session::{Negotiated, State, Time};
use workbench::connect::Cause;

use crate::EngineHandle;

/// Signals of a tab's connection. Each is a part of the engine's snapshot, memoized so that a snapshot that
/// leaves it alone renders nothing.
#[derive(Clone, Copy)]
pub struct Reported {
    /// Session state.
    pub state: Signal<State>,
    /// Address that the connection uses, tries or closes.
    pub in_use: Signal<Option<String>>,
    /// Address to connect to once the connection has closed.
    pub next_address: Signal<Option<String>>,
    /// Probable causes of the last failure, likeliest first.
    pub causes: Signal<Vec<Cause>>,
    /// True if the closing handshake is slow.
    pub can_close_now: Signal<bool>,
    /// True if this side closed the last connection.
    pub is_own_end: Signal<bool>,
    /// Subprotocol and extensions of the open connection.
    pub negotiated: Signal<Option<Negotiated>>,
    /// Time since which the connection is open, or being opened.
    pub since: Signal<Option<Time>>,
    /// True while the connection goes through the page's server.
    pub is_relayed: Signal<bool>,
    /// True while the connection accepts a certificate that is not trusted.
    pub accepts_untrusted: Signal<bool>,
    /// Names of the client certificates of the page's server, once it told them.
    pub certificates: Signal<Vec<String>>,
}

impl Reported {
    /// Signals of the connection of `engine`.
    pub(crate) fn of(engine: EngineHandle) -> Self {
        Self {
            state: engine.state.into(),
            in_use: engine.in_use.into(),
            next_address: engine.part(|it| it.next_address.clone()).into(),
            causes: engine.part(|it| it.causes.clone()).into(),
            can_close_now: engine.part(|it| it.can_close_now).into(),
            is_own_end: engine.part(|it| it.is_own_end).into(),
            negotiated: engine.part(|it| it.negotiated.clone()).into(),
            since: engine.part(|it| it.since).into(),
            is_relayed: engine.part(|it| it.is_relayed).into(),
            accepts_untrusted: engine.part(|it| it.accepts_untrusted).into(),
            certificates: engine.part(|it| it.certificates.clone()).into(),
        }
    }
}
