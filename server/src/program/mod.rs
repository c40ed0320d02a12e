//! The program around the library: flags, log, start and end of the process.

mod capacity;
mod flags;
mod log;
mod port_file;
mod start;

pub use self::{
    flags::{Flags, MockFlags, TlsFlags},
    start::start,
};

/// Release and commit, as `--version` prints them.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("WSBENCH_COMMIT"), ")");
