//! `cargo xtask soak`: attacks the release server, and measures its memory and an echo beside.

use std::{ffi::OsString, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    process,
    workspace::{self, Profile},
};

/// Options of the soak test.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A tenth of the peers; the report goes to target/soak
    #[arg(long)]
    quick: bool,
    /// Another build of wsbench; the report goes to target/soak
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Only this attack, such as chat; can be given several times. The report goes to target/soak
    #[arg(long, value_name = "NAME")]
    only: Vec<OsString>,
}

/// Builds `wsbench` and the rig in release, and runs the attacks. A whole run of the repository's
/// own program writes `docs/soak.md`, any other `soak/soak.md` in cargo's target folder.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let program = workspace::release(flags.program.as_deref())?;
    let mut soak = Command::new(workspace::build("bench", "soak", Profile::Release)?);
    soak.arg("--program").arg(program);
    for only in &flags.only {
        soak.arg("--only").arg(only);
    }
    soak.args(flags.quick.then_some("--quick"));
    // Only a complete run of the repository's own program is recorded.
    let is_whole = !flags.quick && flags.program.is_none() && flags.only.is_empty();
    let folder =
        if is_whole { workspace::root().join("docs") } else { workspace::target()?.join("soak") };
    process::run(soak.arg("--report").arg(folder.join("soak.md")))
}
