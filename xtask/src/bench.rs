//! `cargo xtask bench`: benchmark of the release server beside a raw TCP echo and npm's `ws`.

use std::{ffi::OsString, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{process, setup, workspace};

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Shorter, less precise rounds; the report goes to target/bench
    #[arg(long)]
    quick: bool,
    /// Another build of the server; the report goes to target/bench
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
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
/// own server writes `docs/bench.md`, any other the folder `bench` in cargo's target folder.
/// Without npm, `ws` is left out.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let modules = setup::node_modules()?;
    // One by one: built together, the server would get crate features that only the benchmark needs.
    let is_client = |name: &OsString| name.to_string_lossy().starts_with("client");
    let needs_client = flags.only.is_empty() || flags.only.iter().any(is_client);
    let server = flags.server.is_none().then_some("server");
    let client = needs_client.then_some("cli");
    for package in server.into_iter().chain(client).chain(["bench"]) {
        process::run(workspace::cargo().args(["build", "--release", "-p", package]))?;
    }
    let release = workspace::target()?.join("release");
    let mut bench = Command::new(release.join("bench"));
    bench.args(["--raw-tcp".into(), release.join("raw_tcp_echo")]);
    let server = flags.server.clone().unwrap_or_else(|| release.join("wsbench-server"));
    bench.arg("--server").arg(server);
    if needs_client {
        bench.arg("--client").arg(release.join("wsbench"));
    }
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
    // Only a complete run of the repository's own server is recorded.
    let is_whole =
        !flags.quick && flags.server.is_none() && flags.only.is_empty() && flags.also.is_empty();
    let docs = workspace::root().join("docs");
    let report = if is_whole { docs } else { workspace::target()?.join("bench") };
    process::run(bench.arg("--report").arg(report))
}
