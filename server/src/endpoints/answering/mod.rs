//! Endpoints that answer messages, or keep them.

pub(super) mod chat;
pub(super) mod echo;
pub(super) mod sink;
pub(super) mod slow;
