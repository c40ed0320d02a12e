//! Paths of this repository, its cargo, and its locked versions.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::process;

/// Root folder of the repository: the one that this program was compiled in.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Output folder of trunk, which the server's build embeds.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Target folder of cargo, from the path of this program, since settings may move it.
pub(crate) fn target() -> Result<PathBuf> {
    let program = std::env::current_exe().context("This program does not know where it is")?;
    let target = program.ancestors().nth(2).context("This program is not in cargo's folder")?;
    Ok(target.to_owned())
}

/// Lists the files at or below `place`, in a fixed order. Hidden files and folders are left out.
pub(crate) fn files(place: &Path) -> Result<Vec<PathBuf>> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let listing =
        fs::read_dir(place).with_context(|| format!("Cannot read {}", place.display()))?;
    let mut below = Vec::new();
    for entry in listing {
        let entry = entry?;
        // Editors' lock files and copies.
        if !entry.file_name().to_string_lossy().starts_with('.') {
            below.extend(files(&entry.path())?);
        }
    }
    below.sort();
    Ok(below)
}

/// Empties `folder`, or creates it.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("Cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("Cannot create {}", folder.display()))
}

/// Command for the cargo that runs this program, in the root folder.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Flags for rustc that give the folders of sources fixed names, in panic messages above all. The
/// same sources then give the same program, wherever they lie.
pub(crate) fn fixed_paths() -> Result<Vec<String>> {
    let mut flags: Vec<_> = unpacked()?.iter().map(|registry| remap(registry, "/crates")).collect();
    flags.sort();
    let sysroot = process::read(Command::new("rustc").args(["--print", "sysroot"]))?;
    // A standard library that was built here.
    flags.push(remap(&Path::new(sysroot.trim()).join("lib/rustlib/src/rust"), "/rust"));
    // The last one that fits counts: code that build scripts write is below the sources, or elsewhere.
    flags.push(remap(root(), "/wsbench"));
    flags.push(remap(&target()?, "/target"));
    Ok(flags)
}

/// Folders, one for each registry, in which cargo unpacks packages.
pub(crate) fn unpacked() -> Result<Vec<PathBuf>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let home = home.context("This user has no home folder. Set CARGO_HOME.")?;
    let Ok(registries) = fs::read_dir(home.join("registry/src")) else { return Ok(Vec::new()) };
    registries.map(|registry| Ok(registry?.path())).collect()
}

/// Flag that has rustc write `to` for the folder `from`.
fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

/// SHA-256 of a content in hexadecimal digits.
pub(crate) fn sum(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// Build profile of cargo.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Quick to build, for tests.
    Debug,
    /// Optimised, for users and measurements.
    Release,
}

/// Builds `program` of `package` and returns its path in the target folder.
pub(crate) fn build(package: &str, program: &str, profile: Profile) -> Result<PathBuf> {
    let (flag, folder) = match profile {
        Profile::Debug => (None, "debug"),
        Profile::Release => (Some("--release"), "release"),
    };
    process::run(cargo().args(["build", "-p", package]).args(flag))?;
    Ok(target()?.join(folder).join(program).with_extension(std::env::consts::EXE_EXTENSION))
}

/// `--program` with the release build of `wsbench`, unless `arguments` name another one.
pub(crate) fn program(arguments: &[OsString]) -> Result<Vec<OsString>> {
    if arguments.iter().any(|it| it.to_string_lossy().starts_with("--program")) {
        return Ok(Vec::new());
    }
    Ok(vec!["--program".into(), build("cli", "wsbench", Profile::Release)?.into()])
}

/// Folder for reports: `docs` for a run without `arguments`, else `name` in cargo's target folder.
pub(crate) fn reports(arguments: &[OsString], name: &str) -> Result<PathBuf> {
    if arguments.is_empty() { Ok(root().join("docs")) } else { Ok(target()?.join(name)) }
}

/// Version of `package` in `Cargo.lock`, so that a tool can match it.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let lock =
        fs::read_to_string(&path).with_context(|| format!("Cannot read {}", path.display()))?;
    find_version(&lock, package)
        .map(str::to_owned)
        .with_context(|| format!("{} names no package {package}", path.display()))
}

/// Version on the line after the first `name = "…"` of the package in a lock file.
fn find_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(find_version(lock, "a"), Some("2.0.0"));
        assert_eq!(find_version(lock, "b"), None);
    }
}
