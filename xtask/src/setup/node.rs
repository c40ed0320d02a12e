//! npm's `ws`, which the bench compares the server with.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{NETWORK_LIMIT, cache, empty};
use crate::process;

/// Provides `ws` in exactly `version`. Returns the folder of modules that it is in, or `None` where
/// there is no npm.
pub(super) fn ws(version: &str) -> Result<Option<PathBuf>> {
    for program in ["node", "npm"] {
        if process::read(Command::new(program).arg("--version")).is_err() {
            eprintln!(
                "  ws: {program} is not there, so Node is left out. Install Node.js with npm."
            );
            return Ok(None);
        }
    }
    let installed = cache()?.join("tools").join(format!("ws-{version}"));
    if !is_in(&installed) {
        eprintln!("  ws: getting it from the npm registry");
        // It has its name only once it is whole, as the other tools have.
        let partial = cache()?.join("partial-ws");
        empty(&partial)?;
        process::run_within(
            NETWORK_LIMIT,
            Command::new("npm")
                .args(["install", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix"])
                .arg(&partial)
                .arg(format!("ws@{version}")),
        )?;
        empty(&installed)?;
        fs::rename(&partial, &installed)
            .with_context(|| format!("Cannot create {}", installed.display()))?;
    }
    eprintln!("  ws: {version}, in {}", installed.display());
    Ok(Some(installed.join(MODULES)))
}

const MODULES: &str = "node_modules";

fn is_in(folder: &Path) -> bool {
    folder.join(MODULES).join("ws/package.json").exists()
}
