//! `wsbench-server`: the server as a program of its own.

use std::process::ExitCode;

use clap::Parser;

#[cfg(not(target_env = "msvc"))]
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

fn main() -> ExitCode {
    server::start(Program::parse().flags)
}
