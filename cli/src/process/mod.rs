//! The process: exit status, interrupts, standard streams, terminal mode, processes that it starts.

mod console;
mod exit;
mod group;
mod interrupt;
pub(crate) mod terminal_mode;

pub(crate) use self::{
    console::{Colors, escape_controls, fail, paint, print_document, print_error, print_notice},
    exit::{EarlyExit, Exit},
    group::{Group, ProcessGroup, shell},
    interrupt::Interrupt,
};

/// Raises the limit on open files (`RLIMIT_NOFILE`) to the maximum: a connection is one.
pub(crate) fn raise_open_files() {
    // If this fails, the excess connections report it.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}
