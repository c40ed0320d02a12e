//! `wsbench-server`: the server as a program of its own.

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "wsbench-server", version = server::VERSION)]
struct Program {
    #[command(flatten)]
    flags: server::Flags,
}

fn main() -> ExitCode {
    server::start(Program::parse().flags)
}
