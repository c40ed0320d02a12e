//! `cargo xtask soak`: attacks the release server, and measures its memory and an echo beside.

use std::{ffi::OsString, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{process, workspace};

/// Options of the soak test.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A tenth of the peers; the report goes to target/soak
    #[arg(long)]
    quick: bool,
    /// Another build of the server; the report goes to target/soak
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// Only this attack, such as chat; can be given several times. The report goes to target/soak
    #[arg(long, value_name = "NAME")]
    only: Vec<OsString>,
}

/// Builds the server and the rig in release, and runs the attacks. A whole run of the repository's
/// own server writes `docs/soak.md`, any other `soak/soak.md` in cargo's target folder.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    // One by one: built together, the server would get crate features that only the rig needs.
    let needed = if flags.server.is_none() { &["server", "bench"][..] } else { &["bench"] };
    for package in needed {
        process::run(workspace::cargo().args(["build", "--release", "-p", package]))?;
    }
    let release = workspace::target()?.join("release");
    let server = flags.server.clone().unwrap_or_else(|| release.join("wsbench-server"));
    let mut soak = Command::new(release.join("soak"));
    soak.arg("--server").arg(server);
    for only in &flags.only {
        soak.arg("--only").arg(only);
    }
    soak.args(flags.quick.then_some("--quick"));
    // Only a complete run of the repository's own server is recorded.
    let is_whole = !flags.quick && flags.server.is_none() && flags.only.is_empty();
    let folder =
        if is_whole { workspace::root().join("docs") } else { workspace::target()?.join("soak") };
    process::run(soak.arg("--report").arg(folder.join("soak.md")))
}
