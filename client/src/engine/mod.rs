//! The engine in its worker, and the page's handle to it.

pub(crate) mod handle;
pub(crate) mod notice;
pub(crate) mod outgoing;
mod supervisor;
pub(crate) mod worker;
mod worker_link;
