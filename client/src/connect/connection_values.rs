//! Values of the variables in a tab's address and subprotocols.

use leptos::prelude::*;
use session::Time;
use workbench::compose::Values;

use crate::{browser::clock::now, composer::library::Library};

/// Values of a tab's next connection. They stay until they are renewed, so that the address that
/// is checked and shown is the one that is connected to.
#[derive(Clone, Copy)]
pub struct ConnectionValues {
    /// Source of the user's own variables.
    pub(super) library: Library,
    /// Time, and number of the connection.
    current: RwSignal<(Time, u64)>,
}

impl ConnectionValues {
    /// Values of a first connection, at the present time.
    pub(crate) fn new(library: Library) -> Self {
        Self { library, current: RwSignal::new((now(), 0)) }
    }

    /// Renews them for another connection.
    pub(super) fn renew(self) {
        self.current.update(|(time, number)| (*time, *number) = (now(), *number + 1));
    }

    /// Values as renewed last, with the variables as they are now. `{{seq}}` counts connections.
    pub(crate) fn get(self) -> Values {
        let (now, number) = self.current.get();
        let variables = self.library.variables();
        Values { now, seq: number.max(1), variables, ..Values::new(now.0) }
    }
}
