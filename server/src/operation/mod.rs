//! Operation: health, metrics, and the log of messages and events.

pub(crate) mod admin;
pub(crate) mod event_log;
pub(crate) mod line_limit;
pub(crate) mod message_log;
pub(crate) mod metrics;
mod process;
pub(crate) mod record;
mod text_format;
