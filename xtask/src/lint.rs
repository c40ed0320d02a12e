//! `cargo xtask lint`: static checks.

use std::process::Command;

use anyhow::Result;

use crate::{architecture, process, setup, workspace};

/// Runs the checks from the quickest to the slowest, and ends at the first that fails: format,
/// architecture, workflows, lints, fuzz targets, documentation. Without npm, workflows are not
/// checked.
pub(crate) fn run() -> Result<()> {
    eprintln!("Looking for the tools of the checks:");
    setup::for_checks()?;
    process::run(workspace::cargo().args(["fmt", "--all", "--check"]))?;
    architecture::check()?;
    if let Some(actionlint) = setup::actionlint()? {
        for workflow in workspace::files(&workspace::root().join(".github/workflows"))? {
            process::run(Command::new("node").arg(&actionlint).arg(workflow))?;
        }
    }
    // The client builds for wasm32 only.
    let checks: [&[&str]; 2] = [
        &["--workspace", "--exclude", "client"],
        &["-p", "client", "--target", "wasm32-unknown-unknown"],
    ];
    for packages in checks {
        let mut clippy = workspace::cargo();
        clippy.arg("clippy").args(packages).args(["--all-targets", "--", "--deny", "warnings"]);
        process::run(&mut clippy)?;
    }
    // A workspace of its own, whose targets build with a sanitizer otherwise. The lints are rustc's.
    let mut fuzz = workspace::cargo();
    fuzz.args(["check", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--target-dir"]);
    fuzz.arg(workspace::target()?.join("fuzz")).env("RUSTFLAGS", "--deny warnings");
    process::run(&mut fuzz)?;
    let mut doc = workspace::cargo();
    doc.args([
        "doc",
        "--no-deps",
        "--workspace",
        "--exclude",
        "client",
        "--document-private-items",
    ]);
    process::run(doc.env("RUSTDOCFLAGS", "--deny warnings"))
}
