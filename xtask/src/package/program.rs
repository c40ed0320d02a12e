//! Program of a target: built so that neither folder nor machine shows in it.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{is_static, release::Release};
use crate::{process, setup, workspace};

/// Separator of `CARGO_ENCODED_RUSTFLAGS`, which takes paths with spaces, unlike `RUSTFLAGS`.
const SEPARATOR: &str = "\x1f";

/// Targets of a release: static programs for any Linux, and Windows.
pub(super) const TARGETS: [&str; 3] =
    ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-pc-windows-gnu"];

/// Target of this machine, as rustc names it.
pub(super) fn host() -> Result<String> {
    let said = process::read(Command::new("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say its host")
}

/// Builds `wsbench` for `target` and returns its path. For another target than the `host`, Zig
/// links, and its C library is part of the program.
pub(super) fn build(target: &str, host: &str, release: &Release) -> Result<PathBuf> {
    eprintln!("Building for {target}…");
    let is_native = target == host;
    let mut cargo = if is_native {
        let mut cargo = workspace::cargo();
        cargo.arg("build");
        cargo
    } else {
        setup::for_target(target)?;
        let mut zigbuild = setup::for_cross_building()?.zigbuild();
        zigbuild.arg("zigbuild");
        zigbuild
    };
    cargo.args(["--locked", "--release", "-p", "cli", "--bin", "wsbench"]);
    cargo.args(["--target", target]).envs(release.variables());
    let mut flags = workspace::fixed_paths()?;
    if !is_native {
        flags.push("-Cstrip=symbols".to_owned());
    }
    if !is_native && is_static(target) {
        // Zig brings the C library and the code around `main`.
        flags.push("-Clink-self-contained=no".to_owned());
    }
    process::run(cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join(SEPARATOR)))?;
    let name = if target.contains("windows") { "wsbench.exe" } else { "wsbench" };
    Ok(workspace::target()?.join(target).join("release").join(name))
}

/// Checks that the program compiles for `target`. It is neither linked nor run, so no SDK of the
/// other system is needed.
pub(super) fn check(target: &str) -> Result<()> {
    setup::for_target(target)?;
    let mut zigbuild = setup::for_cross_building()?.zigbuild();
    // Nothing is linked, and jemalloc's C code needs headers of Apple's.
    let jemalloc = workspace::target()?.join("libjemalloc.a");
    fs::write(&jemalloc, "")?;
    zigbuild.env("JEMALLOC_OVERRIDE", jemalloc);
    process::run(zigbuild.args(["check", "--locked", "-p", "cli", "--target", target]))
}
