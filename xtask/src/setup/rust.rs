//! Components of Rust: rustfmt, clippy, and the standard library for other targets.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::{NETWORK_LIMIT, Way, cache, debian, first_that_works};
use crate::{process, workspace};

/// Target of the page.
pub(super) const WASM32: &str = "wasm32-unknown-unknown";

/// Name of a file beside libraries that were built here: only those are removed again.
const BUILT_HERE: &str = "built-by-wsbench";

/// Provides rustfmt and clippy, which rustup's minimal profile leaves out.
pub(super) fn provide_checkers() -> Result<()> {
    let is_there = |tool: &str| process::read(workspace::cargo().args([tool, "--version"])).is_ok();
    if is_there("fmt") && is_there("clippy") {
        eprintln!("  rustfmt and clippy: installed");
        return Ok(());
    }
    eprintln!("  rustfmt and clippy: getting them with rustup");
    process::run_within(
        NETWORK_LIMIT,
        Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]),
    )
    .context("rustfmt and clippy are missing. Install them with what Rust was installed with.")
}

/// Provides `target` for the Rust in use.
pub(super) fn provide_target(target: &str) -> Result<()> {
    if is_there(target)? {
        eprintln!("  {target}: installed");
        return Ok(());
    }
    let rustup = |_: &Path| {
        process::run_within(NETWORK_LIMIT, Command::new("rustup").args(["target", "add", target]))
    };
    let build = |folder: &Path| build_from_source(target, folder);
    let scratch = cache()?.join(format!("{target}-partial"));
    first_that_works(
        target,
        &[
            Way::OpenNetwork("getting it with rustup", &rustup),
            Way::Registry("building it from Debian's rust-src (about 1 minute)", &build),
        ],
        &scratch,
        &|| {
            ensure!(is_there(target)?, "rustc does not find what was installed");
            Ok(())
        },
        &format!(
            "Install it with `rustup target add {target}`, \
             or with the package manager that Rust came from."
        ),
    )?;
    fs::remove_dir_all(scratch)?;
    // cargo does not notice a changed sysroot.
    let stale = workspace::target()?.join(target);
    if stale.exists() {
        fs::remove_dir_all(stale)?;
    }
    Ok(())
}

/// Removes the targets that were built here, but not rustup's.
pub(super) fn remove_what_was_built() -> Result<()> {
    let libraries = libraries(WASM32)?;
    // TARGETS/wasm32-unknown-unknown/lib
    let targets = libraries.ancestors().nth(2).context("rustc keeps its targets in no folder")?;
    for target in fs::read_dir(targets)? {
        let libraries = target?.path().join("lib");
        if libraries.join(BUILT_HERE).exists() {
            fs::remove_dir_all(&libraries)?;
            eprintln!("Removed {}.", libraries.display());
        }
    }
    Ok(())
}

/// True if rustc has the standard library of `target`, however it got there.
fn is_there(target: &str) -> Result<bool> {
    let Ok(files) = fs::read_dir(libraries(target)?) else { return Ok(false) };
    Ok(files.flatten().any(|file| is_std(&file.file_name().to_string_lossy())))
}

/// True for the file of the standard library itself, which is copied last, and so stands for all.
fn is_std(name: &str) -> bool {
    name.starts_with("libstd-")
}

/// Folder in which rustc looks for the target's libraries. It need not exist.
fn libraries(target: &str) -> Result<PathBuf> {
    let folder = process::read(rustc().args(["--print", "target-libdir", "--target", target]))?;
    Ok(PathBuf::from(folder.trim()))
}

/// Builds the standard library from the source of exactly this rustc. The source is put where rustc
/// expects it for as long as the build takes, unless it is there already.
fn build_from_source(target: &str, folder: &Path) -> Result<()> {
    let version = process::read(rustc().arg("--version"))?;
    let version = version.split(' ').nth(1).context("rustc does not say its version")?;
    let source = debian::unpack("rust-src", version, &folder.join("rust-src"))?;
    let sysroot = process::read(rustc().args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    let brought_source = !library.exists();
    if brought_source {
        // Renamed when complete: the folder's presence means that the library is complete.
        let partial = library.with_extension("partial");
        copy_folder(&find_library(&source, version)?, &partial)?;
        fs::rename(partial, &library)?;
    }
    let built = build_std(target, &folder.join("scratch"));
    if brought_source {
        fs::remove_dir_all(&library)?;
    }
    install(target, &built?)
}

/// Folder of the standard library in the unpacked rust-src.
fn find_library(package: &Path, version: &str) -> Result<PathBuf> {
    let library = package.join(format!("usr/src/rustc-{version}/library"));
    ensure!(library.exists(), "Debian's rust-src has no {}", library.display());
    Ok(library)
}

/// Builds an empty crate with its standard library and returns the folder of the libraries.
fn build_std(target: &str, scratch: &Path) -> Result<PathBuf> {
    fs::create_dir_all(scratch.join("src"))?;
    fs::write(scratch.join("src/lib.rs"), "")?;
    fs::write(
        scratch.join("Cargo.toml"),
        "[package]\nname = \"scratch\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    let crates = if target == WASM32 { "" } else { ",panic_unwind" };
    process::run(
        workspace::cargo()
            .current_dir(scratch)
            .args(["build", "--release", "--target", target])
            .arg(format!("-Zbuild-std=std,panic_abort,test,proc_macro{crates}"))
            .env("CARGO_TARGET_DIR", scratch.join("target"))
            // `-Z` on stable Rust; and the page's LTO needs bitcode.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Cembed-bitcode=yes"),
    )?;
    Ok(scratch.join("target").join(target).join("release/deps"))
}

/// Copies the built libraries, [`is_std`] last, so that an interrupted copy does not pass for a
/// complete one.
fn install(target: &str, built: &Path) -> Result<()> {
    let libraries = libraries(target)?;
    fs::create_dir_all(&libraries)
        .with_context(|| format!("Cannot write to {}", libraries.display()))?;
    // First, so that an interrupted installation can be removed.
    fs::write(libraries.join(BUILT_HERE), "Removed by `cargo xtask clean-tools`.\n")?;
    let mut names = Vec::new();
    for file in fs::read_dir(built)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.strip_suffix(".rlib").is_some_and(|stem| !stem.starts_with("libscratch")) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| is_std(name));
    for name in names {
        fs::copy(built.join(&name), libraries.join(&name))?;
    }
    Ok(())
}

/// Copies a folder with all below it; symbolic links become files.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("Cannot write to {}", to.display()))?;
    for file in fs::read_dir(from)? {
        let file = file?;
        let copy = to.join(file.file_name());
        if file.file_type()?.is_dir() {
            copy_folder(&file.path(), &copy)?;
        } else {
            fs::copy(file.path(), copy)?;
        }
    }
    Ok(())
}

/// The rustc that cargo uses, or else the one on `PATH`.
fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
}
