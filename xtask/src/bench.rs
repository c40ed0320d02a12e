//! `cargo xtask bench`: benchmark of the release server beside a raw TCP echo and npm's `ws`.

use std::{ffi::OsString, process::Command};

use anyhow::Result;

use crate::{
    process, setup,
    workspace::{self, Profile},
};

/// Builds the benchmark and its servers in release, and runs it. A whole run of the repository's own program writes
/// `docs/bench.md`, one with `arguments` for the benchmark the folder `bench` in cargo's target folder. Without npm,
/// `ws` is left out.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    let modules = setup::node_modules()?;
    let program = workspace::program(arguments)?;
    let mut bench = Command::new(workspace::build("bench", "bench", Profile::Release)?);
    bench.args(program).arg("--raw-tcp").arg(workspace::target()?.join("release/raw_tcp_echo"));
    if let Some(modules) = modules {
        let script = workspace::root().join("bench/src/node_ws.js");
        bench.args(["--node-script".into(), script, "--node-modules".into(), modules]);
    }
    bench.args(arguments).arg("--report").arg(workspace::reports(arguments, "bench")?);
    process::run(&mut bench)
}
