//! Operation: health, metrics, and the log of messages.

pub(crate) mod admin;
pub(crate) mod message_log;
pub(crate) mod metrics;
