//! Crates that this project depends on: checks, and notices of their licences.

pub(crate) mod deny;
pub(crate) mod minimum;
pub(crate) mod notices;
