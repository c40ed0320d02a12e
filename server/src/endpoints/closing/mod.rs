//! Endpoints about the end of a connection.

pub(super) mod abort;
pub(super) mod close;
pub(super) mod hang;
