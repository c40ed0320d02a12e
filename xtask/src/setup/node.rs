//! npm packages for the benchmarks and the tests, in one folder of modules.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{NETWORK_LIMIT, cache};
use crate::{process, workspace};

/// Folder that npm makes in a prefix, and in which Node.js looks for modules.
const MODULES: &str = "node_modules";

/// Provides `packages`, each as `name@version`. Returns their folder of modules, or `None` without
/// npm. Scripts of the packages do not run: none of them needs one.
pub(super) fn modules(packages: &[&str]) -> Result<Option<PathBuf>> {
    let shown = packages.join(", ");
    for program in ["node", "npm"] {
        if process::read(Command::new(program).arg("--version")).is_err() {
            eprintln!(
                "  {shown}: {program} is not there, so they are left out. Install Node.js with npm."
            );
            return Ok(None);
        }
    }
    // The folder's name has the versions: other versions get another folder.
    let installed =
        cache()?.join("tools").join(format!("node-{}", packages.join("-").replace('/', "-")));
    let modules = installed.join(MODULES);
    if !modules.exists() {
        eprintln!("  {shown}: getting them from the npm registry");
        // Renamed when complete, like the other tools.
        let partial = cache()?.join("partial-node");
        workspace::empty(&partial)?;
        process::run_within(
            NETWORK_LIMIT,
            Command::new("npm")
                .args(["install", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix"])
                .arg(&partial)
                .args(packages),
        )?;
        workspace::empty(&installed)?;
        fs::rename(&partial, &installed)
            .with_context(|| format!("Cannot create {}", installed.display()))?;
    }
    eprintln!("  {shown}: in {}", installed.display());
    Ok(Some(modules))
}
