//! The program around the library: flags, log, start and end of the process.

mod capacity;
mod command_line;
mod flags;
mod log;
mod port_file;
mod redacted_value;
mod service;
mod start;

use std::sync::LazyLock;

use crate::routes::page;

pub use self::{
    command_line::{naming_variable, without_backticks, without_empty_variables},
    flags::{Flags, MockFlags, TlsFlags},
    redacted_value::{RedactedValue, secret_variable},
    start::start,
};

/// Release and commit, as `-V` prints them.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("WSBENCH_COMMIT"), ")");

/// Release and commit, target and features, as `--version` prints them.
pub static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let page = if page::is_built() { "page" } else { "no page" };
    let allocator = if cfg!(unix) { "jemalloc" } else { "system allocator" };
    let manager = if cfg!(unix) { ", systemd" } else { "" };
    let target = env!("WSBENCH_TARGET");
    format!("{VERSION}\ntarget: {target}\nfeatures: {page}, {allocator}{manager}")
});
