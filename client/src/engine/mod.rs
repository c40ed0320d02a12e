//! The engine in its worker, and the page's handle to it.

pub(crate) mod host;
pub(crate) mod port;
pub(crate) mod shell;
pub(crate) mod worker;
