//! Values of the variables in a tab's address and subprotocols.

use leptos::prelude::*;
use session::Time;
use workbench::compose::Values;

use crate::{browser::clock::now, composer::library::Library};

/// Values of a tab's next connection. They stay until they are drawn anew, so that the address that
/// is checked and shown is the one that is connected to.
#[derive(Clone, Copy)]
pub struct Filling {
    /// Source of the user's own variables.
    library: Library,
    /// Time, and number of the connection.
    drawn: RwSignal<(Time, u64)>,
}

impl Filling {
    /// Values of a first connection, at the present time.
    pub(crate) fn new(library: Library) -> Self {
        Self { library, drawn: RwSignal::new((now(), 0)) }
    }

    /// Saved messages, connections and variables.
    pub(super) fn library(self) -> Library {
        self.library
    }

    /// Draws the values of another connection.
    pub(super) fn draw(self) {
        self.drawn.update(|(time, number)| (*time, *number) = (now(), *number + 1));
    }

    /// Values as drawn last, with the variables as they are now. `{{seq}}` counts connections.
    pub(crate) fn values(self) -> Values {
        let (now, number) = self.drawn.get();
        let variables = self.library.variables();
        Values { now, seq: number.max(1), variables, ..Values::new(now.0) }
    }
}
