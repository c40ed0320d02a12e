//! Connection as the engine reports it.

use std::sync::Arc;

use leptos::prelude::*;
use session::{Negotiated, State, Time};
use workbench::{connect::Cause, engine::Snapshot};

use crate::engine::handle::snapshot_part;

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
    /// Time of the last successful opening handshake.
    pub opened_at: Signal<Option<Time>>,
    /// True while the connection goes through the page's server.
    pub is_relayed: Signal<bool>,
    /// True while the connection accepts a certificate that is not trusted.
    pub accepts_untrusted: Signal<bool>,
    /// Names of the client certificates of the page's server, once it told them.
    pub certificates: Signal<Vec<String>>,
}

impl Reported {
    /// Signals over the parts of `snapshot`.
    pub(crate) fn of(snapshot: Signal<Arc<Snapshot>>) -> Self {
        fn part<T: Clone + PartialEq + Send + Sync + 'static>(
            snapshot: Signal<Arc<Snapshot>>,
            part: fn(&Snapshot) -> T,
        ) -> Signal<T> {
            snapshot_part(snapshot, part).into()
        }
        Self {
            state: part(snapshot, |it| it.state.clone()),
            in_use: part(snapshot, |it| it.in_use.clone()),
            next_address: part(snapshot, |it| it.next_address.clone()),
            causes: part(snapshot, |it| it.causes.clone()),
            can_close_now: part(snapshot, |it| it.can_close_now),
            is_own_end: part(snapshot, |it| it.is_own_end),
            negotiated: part(snapshot, |it| it.negotiated.clone()),
            opened_at: part(snapshot, |it| it.opened_at),
            is_relayed: part(snapshot, |it| it.is_relayed),
            accepts_untrusted: part(snapshot, |it| it.accepts_untrusted),
            certificates: part(snapshot, |it| it.certificates.clone()),
        }
    }
}
