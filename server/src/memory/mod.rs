//! Memory held for peers, and its limit over all connections.
//!
//! `budget` adds up the memory of connections and sheds the heaviest; `account` is one
//! connection in its list, `share` the connection's handle to it; `system` reads the memory of the
//! machine.

pub(crate) mod account;
pub(crate) mod budget;
pub(crate) mod share;
pub(crate) mod system;
