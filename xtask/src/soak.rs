//! `cargo xtask soak`: attacks the release server, and measures its memory and an echo beside.

use std::{ffi::OsString, process::Command};

use anyhow::Result;

use crate::{
    process,
    workspace::{self, Profile},
};

/// Builds `wsbench` and the rig in release, and runs the attacks. A whole run of the repository's own program writes
/// `docs/soak.md`, one with `arguments` for the rig `soak/soak.md` in cargo's target folder.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    let mut soak = Command::new(workspace::build("bench", "soak", Profile::Release)?);
    soak.args(workspace::program(arguments)?).args(arguments);
    let folder = workspace::reports(arguments, "soak")?;
    process::run(soak.arg("--report").arg(folder.join("soak.md")))
}
