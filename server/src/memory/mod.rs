//! Memory held for peers, and its limit over all connections.
//!
//! `budget` adds up what connections hold and chooses who gives way; `account` is one connection in its
//! list, `share` the connection's handle to it; `system` finds out how much memory there is.

pub(crate) mod account;
pub(crate) mod budget;
pub(crate) mod share;
pub(crate) mod system;
