//! Crates that this project depends on: checks, and notices of their licenses.

pub(crate) mod deny;
pub(crate) mod minimum;
pub(crate) mod notices;
