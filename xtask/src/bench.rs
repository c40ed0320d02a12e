//! `cargo xtask bench`: benchmark of the release server beside a raw TCP echo and npm's `ws`.

use std::{ffi::OsString, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    process, setup,
    workspace::{self, Profile},
};

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Shorter, less precise rounds; the report goes to target/bench
    #[arg(long)]
    quick: bool,
    /// Another build of wsbench; the report goes to target/bench
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Only this row, such as 32x1 or idle; can be given several times. The report goes to
    /// target/bench
    #[arg(long, value_name = "SHAPE")]
    only: Vec<OsString>,
    /// Idle connections to open, instead of 10000; several counts with commas between
    #[arg(long, value_name = "COUNT")]
    idle: Option<OsString>,
    /// One more server, which echoes on /echo; can be given several times. {port} stands for where
    /// it is to listen, {deflate} for on or off. The report goes to target/bench
    #[arg(long, value_name = "NAME=PROGRAM ARGUMENTS")]
    also: Vec<OsString>,
}

/// Builds the benchmark and its servers in release, and runs it. A whole run of the repository's
/// own program writes `docs/bench.md`, any other the folder `bench` in cargo's target folder.
/// Without npm, `ws` is left out.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let modules = setup::node_modules()?;
    let program = workspace::release(flags.program.as_deref())?;
    let mut bench = Command::new(workspace::build("bench", "bench", Profile::Release)?);
    bench.arg("--program").arg(program);
    bench.arg("--raw-tcp").arg(workspace::target()?.join("release/raw_tcp_echo"));
    if let Some(modules) = modules {
        let script = workspace::root().join("bench/src/node_ws.js");
        bench.args(["--node-script".into(), script, "--node-modules".into(), modules]);
    }
    for only in &flags.only {
        bench.arg("--only").arg(only);
    }
    for also in &flags.also {
        bench.arg("--also").arg(also);
    }
    if let Some(idle) = &flags.idle {
        bench.arg("--idle").arg(idle);
    }
    bench.args(flags.quick.then_some("--quick"));
    // Only a complete run of the repository's own program is recorded.
    let is_whole =
        !flags.quick && flags.program.is_none() && flags.only.is_empty() && flags.also.is_empty();
    let docs = workspace::root().join("docs");
    let report = if is_whole { docs } else { workspace::target()?.join("bench") };
    process::run(bench.arg("--report").arg(report))
}
