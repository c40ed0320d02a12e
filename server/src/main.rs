//! `wsbench-server`: the server as a program of its own.

use std::{env, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser};

/// Allocator of the program, where it can be built: not for Windows.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Parser)]
#[command(
    name = "wsbench-server",
    version = server::VERSION,
    long_version = server::LONG_VERSION.as_str()
)]
struct Program {
    #[command(flatten)]
    flags: server::Flags,
}

/// Serves until a signal; see [`server::start`].
fn main() -> ExitCode {
    let command = server::without_backticks(Program::command());
    let mut command = server::without_empty_variables(command);
    let matches = command.try_get_matches_from_mut(env::args_os());
    let matches = matches.unwrap_or_else(|error| server::naming_variable(error, &command).exit());
    server::start(Program::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()).flags)
}
