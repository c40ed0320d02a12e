//! Workers: a thread, the channel to it, and timers.

pub(crate) mod channel;
pub(crate) mod thread;
pub(crate) mod timer;
