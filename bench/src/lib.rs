//! Measures echo servers: CPU time an echo and memory a connection, beside a raw TCP echo.
//!
//! A server is a program that is started and spoken to over sockets; nothing of this workspace is
//! linked in. Read in this order: `run` (servers and loads, in turns), `shape` (messages), `load`
//! (the generator), `client` (another one beside it), `idle` (silent connections), `server` (CPU
//! time and memory of a process), `report` (the table). `soak` is a program of its own: attacks,
//! and their cost.
#![cfg(target_os = "linux")]

mod client;
mod cores;
mod frame;
mod idle;
mod load;
mod machine;
mod open;
mod report;
mod run;
mod server;
mod shape;
pub mod soak;
mod stats;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, builder::PossibleValuesParser};
use server::Contestant;

/// Measure echo servers beside a raw TCP echo. `cargo xtask bench` builds what it needs.
#[derive(Parser)]
#[command(name = "bench")]
struct Flags {
    /// The release binary of `wsbench`: the server, and the client with its load generator
    #[arg(long, value_name = "PATH")]
    program: PathBuf,
    /// The raw TCP echo's
    #[arg(long, value_name = "PATH")]
    raw_tcp: PathBuf,
    /// The echo server on npm's ws, a script
    #[arg(long, value_name = "PATH", requires = "node_modules")]
    node_script: Option<PathBuf>,
    /// The folder that npm installed ws to
    #[arg(long, value_name = "FOLDER", requires = "node_script")]
    node_modules: Option<PathBuf>,
    /// Shorter rounds, which say less
    #[arg(long)]
    quick: bool,
    /// Only this row; can be given several times
    #[arg(long, value_name = "SHAPE", value_parser = PossibleValuesParser::new(run::row_names()))]
    only: Vec<String>,
    /// Idle connections to open; several counts with commas between
    #[arg(long, value_name = "COUNT", value_delimiter = ',', default_value = "10000")]
    idle: Vec<usize>,
    /// One more server, which echoes on /echo; can be given several times. {port} stands for where
    /// it is to listen, {deflate} for on or off
    #[arg(long, value_name = "NAME=PROGRAM ARGUMENTS", value_parser = Contestant::parse)]
    also: Vec<Contestant>,
    /// Folder for bench.md
    #[arg(long, value_name = "FOLDER")]
    report: PathBuf,
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    match run::run(Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe bench failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}
