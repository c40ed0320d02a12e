//! The process: exit status, interrupts, standard streams, terminal mode, processes that it starts.

mod console;
mod exit;
mod group;
mod interrupt;
mod open_files;
pub(crate) mod terminal_mode;

pub(crate) use self::{
    console::{Colors, escape_controls, fail, paint, print_document, print_error, print_notice},
    exit::Exit,
    group::{ProcessGroup, shell},
    interrupt::Interrupt,
    open_files::raise_open_files,
};
