//! `cargo xtask minimum`: the oldest Rust that builds the programs, `rust-version` of the workspace.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::{process, setup, workspace};

/// Checks all packages but the page, which set-up's tools build, with that Rust. Where rustup
/// cannot provide it, a warning stands for the check. It builds in a target folder of its own,
/// since another compiler would make cargo build everything again.
pub(crate) fn run() -> Result<()> {
    let version = env!("CARGO_PKG_RUST_VERSION");
    ensure!(!version.is_empty(), "Cargo.toml names no rust-version");
    if let Err(error) = setup::toolchain(version) {
        return process::leave_out(&format!("Rust {version} was NOT TRIED: {error:#}"));
    }
    let mut cargo = Command::new("rustup");
    cargo.current_dir(workspace::root()).args(["run", version, "cargo", "check", "--locked"]);
    cargo.args(["--workspace", "--exclude", "client", "--target-dir"]);
    process::run(cargo.arg(workspace::target()?.join("minimum")))
}
