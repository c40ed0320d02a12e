//! Endpoints that send unasked.

pub(super) mod ping;
pub(super) mod stream;
pub(super) mod time;
