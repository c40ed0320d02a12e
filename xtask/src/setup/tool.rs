//! Programs in the user's cache: those that build the page, and those that checks and tests run.

use std::{
    env::consts::{ARCH, OS},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use super::{NETWORK_LIMIT, Way, cache, debian, first_that_works, python};
use crate::{process, workspace};

/// Time limit for a download to connect, in seconds: a closed network shows quickly.
const CONNECT_SECONDS: &str = "5";

/// Programs of one package, in the required version.
struct Tool<'a> {
    /// The first one reports the version.
    programs: &'a [&'a str],
    version: &'a str,
    /// True if an installed version will do, as the program prints it.
    accepts: &'a dyn Fn(&str) -> bool,
}

/// Provides trunk, in any patch release of `version`. Like the other two, returns the folder to put on `PATH`, or
/// `None` if the program is on it already.
pub(super) fn trunk(version: &str) -> Result<Option<PathBuf>> {
    let series = version.rsplit_once('.').map_or(version, |(series, _)| series);
    let release = |folder: &Path| {
        let triple = triple("unknown-linux-gnu")?;
        let url = format!(
            "https://github.com/trunk-rs/trunk/releases/download/v{version}/trunk-{triple}.tar.gz"
        );
        unpack_release(&url, 0, &folder.join(BINARIES))
    };
    let get = |folder: &Path| prebuilt("trunk", version, folder, &release);
    // Without TLS it builds in half the time. Trunk needs TLS only to download tools that are on PATH here.
    let build = |folder: &Path| cargo_install("trunk", version, OPTIMIZE_NOTHING, folder);
    let tool = Tool {
        programs: &["trunk"],
        version,
        accepts: &|found| found.starts_with(&format!("{series}.")),
    };
    tool.provide(
        &[
            Way::OpenNetwork("getting a prebuilt one", &get),
            Way::Registry("building it from source, once (about 2 minutes on 2 cores)", &build),
        ],
        &format!("Install it with `cargo install trunk --version {version}`."),
    )
}

/// Provides wasm-bindgen and its test runner in exactly the `version` of Cargo.lock: library and program share
/// a format that changes with each release.
pub(super) fn wasm_bindgen(version: &str) -> Result<Option<PathBuf>> {
    let release = |folder: &Path| {
        let linux = if ARCH == "x86_64" { "unknown-linux-musl" } else { "unknown-linux-gnu" };
        let triple = triple(linux)?;
        let url = format!(
            "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/{version}/\
             wasm-bindgen-{version}-{triple}.tar.gz"
        );
        unpack_release(&url, 1, &folder.join(BINARIES))
    };
    let get = |folder: &Path| prebuilt("wasm-bindgen-cli", version, folder, &release);
    // Unoptimized, it would be too slow on megabytes of wasm.
    let build =
        |folder: &Path| cargo_install("wasm-bindgen-cli", version, OPTIMIZE_A_LITTLE, folder);
    let tool = Tool {
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        version,
        accepts: &|found| found == version,
    };
    tool.provide(
        &[
            Way::OpenNetwork("getting a prebuilt one", &get),
            Way::Registry("building it from source, once (about 1.5 minutes on 2 cores)", &build),
        ],
        &format!("Install it with `cargo install wasm-bindgen-cli --version {version}`."),
    )
}

/// Provides wasm-opt in `version` or a later one.
pub(super) fn wasm_opt(version: &str) -> Result<Option<PathBuf>> {
    let release = |folder: &Path| {
        let platform = match (OS, ARCH) {
            ("linux", _) => format!("{ARCH}-linux"),
            ("macos", "aarch64") => "arm64-macos".to_owned(),
            ("macos", _) => format!("{ARCH}-macos"),
            _ => bail!("no release is known for {OS} on {ARCH}"),
        };
        let url = format!(
            "https://github.com/WebAssembly/binaryen/releases/download/version_{version}/\
             binaryen-version_{version}-{platform}.tar.gz"
        );
        unpack_release(&url, 1, folder)
    };
    let from_npm = |folder: &Path| {
        let mut npm = Command::new("npm");
        // `--global` puts the programs into the folder's `bin`.
        npm.args(["install", "--global", "--no-fund", "--no-audit", "--prefix"]).arg(folder);
        process::run(npm.arg(format!("binaryen@{version}")))
    };
    let needed: Option<u32> = version.parse().ok();
    let tool =
        Tool { programs: &["wasm-opt"], version, accepts: &|found| found.parse().ok() >= needed };
    tool.provide(
        &[
            Way::OpenNetwork("getting a prebuilt one", &release),
            Way::Registry("getting it from the npm registry", &from_npm),
        ],
        &format!("Install Node.js with npm, or put wasm-opt of binaryen {version} on PATH."),
    )
}

/// Provides Firefox's WebDriver, in any release of the series of `version`.
pub(super) fn geckodriver(version: &str) -> Result<Option<PathBuf>> {
    let series = version.rsplit_once('.').map_or(version, |(series, _)| series);
    let tool = Tool {
        programs: &["geckodriver"],
        version,
        accepts: &|found| found.starts_with(&format!("{series}.")),
    };
    let build = |folder: &Path| cargo_install("geckodriver", version, OPTIMIZE_NOTHING, folder);
    tool.provide(
        &[Way::Registry("building it from source, once (about 1.5 minutes on 2 cores)", &build)],
        &format!("Install it with `cargo install geckodriver --version {version}`."),
    )
}

/// Provides Prometheus with its checker: Debian's, unpacked, since an installed one would start a service.
pub(super) fn prometheus() -> Result<Option<PathBuf>> {
    let tool =
        Tool { programs: &["prometheus", "promtool"], version: "debian", accepts: &|_| true };
    let unpack = |folder: &Path| {
        let scratch = folder.join("scratch");
        let unpacked = debian::unpack_of(&debian::suite()?, &["prometheus"], &scratch)?;
        fs::rename(unpacked.join("usr/bin"), folder.join(BINARIES))?;
        Ok(fs::remove_dir_all(scratch)?)
    };
    tool.provide(
        &[Way::Registry("unpacking Debian's package", &unpack)],
        "Put prometheus and promtool on PATH.",
    )
}

/// Provides a subcommand of cargo in exactly `version`: prebuilt in a Python package, or from source.
pub(super) fn cargo_subcommand(name: &str, version: &str) -> Result<Option<PathBuf>> {
    let package = format!("astral-dev-toolchain-{name}=={version}");
    let get = |folder: &Path| python::unpack_programs(&package, &folder.join(BINARIES));
    let build = |folder: &Path| cargo_install(name, version, OPTIMIZE_NOTHING, folder);
    let tool = Tool { programs: &[name], version, accepts: &|found| found == version };
    tool.provide(
        &[
            Way::Registry("getting a prebuilt one from the Python registry", &get),
            Way::Registry("building it from source, once (some minutes)", &build),
        ],
        &format!("Install it with `cargo install {name} --version {version}`."),
    )
}

/// Folder of the programs in an installation, as cargo and npm name it.
const BINARIES: &str = "bin";

impl Tool<'_> {
    /// Looks on `PATH`, then in the cache, then tries the `ways` in order. Returns the folder of
    /// the programs, or `None` if they are on `PATH`.
    fn provide(&self, ways: &[Way], by_hand: &str) -> Result<Option<PathBuf>> {
        let Self { programs, version, .. } = self;
        let name = programs[0];
        if let Some(found) = self.found(|program| Command::new(program)) {
            eprintln!("  {name}: {found}, on PATH");
            return Ok(None);
        }
        let installed = cache()?.join("tools").join(format!("{name}-{version}"));
        let programs_in = |folder: &Path| {
            let binaries = folder.join(BINARIES);
            self.found(|program| Command::new(binaries.join(program)))
        };
        if programs_in(&installed).is_none() {
            // Renamed when complete, so that an interrupted installation starts again.
            let partial = cache()?.join(format!("partial-{name}"));
            let check = || {
                ensure!(programs_in(&partial).is_some(), "the installed program does not run");
                Ok(())
            };
            first_that_works(name, ways, &partial, &check, by_hand)?;
            workspace::empty(&installed)?;
            fs::rename(&partial, &installed)
                .with_context(|| format!("Cannot create {}", installed.display()))?;
        }
        eprintln!("  {name}: {version}, in {}", installed.display());
        Ok(Some(installed.join(BINARIES)))
    }

    /// Version of the first program, if all of them run and it is accepted.
    fn found(&self, command: impl Fn(&str) -> Command) -> Option<String> {
        let versions = self.programs.iter().map(|program| {
            process::read(command(program).arg("--version")).ok().and_then(|said| version_in(&said))
        });
        let versions: Option<Vec<_>> = versions.collect();
        let version = versions?.into_iter().next()?;
        (self.accepts)(&version).then_some(version)
    }
}

/// First word that begins with a digit: `0.21.14` in `trunk 0.21.14`; `123` in `wasm-opt version
/// 123 (version_123)`.
pub(super) fn version_in(said: &str) -> Option<String> {
    said.split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .map(str::to_owned)
}

/// Installs a prebuilt `package` with cargo-binstall, or else with `release`.
fn prebuilt(
    package: &str,
    version: &str,
    folder: &Path,
    release: &dyn Fn(&Path) -> Result<()>,
) -> Result<()> {
    if process::read(workspace::cargo().args(["binstall", "-V"])).is_err() {
        return release(folder);
    }
    // Without `compile`: building from source is a way of its own, and quicker.
    process::run_within(
        NETWORK_LIMIT,
        workspace::cargo()
            .args(["binstall", "--no-confirm", "--disable-strategies", "compile", "--root"])
            .arg(folder)
            .arg(format!("{package}@{version}")),
    )
}

/// Downloads a compressed tar archive with curl and unpacks it, without the first `strip` folders
/// of its paths. The checksum is not compared: none is known for releases of other projects.
fn unpack_release(url: &str, strip: u32, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    let archive = into.join("download.tar.gz");
    let limit = NETWORK_LIMIT.as_secs().to_string();
    process::run(
        Command::new("curl")
            .args(["--fail", "--location", "--progress-bar"])
            .args(["--connect-timeout", CONNECT_SECONDS, "--max-time", &limit, "--output"])
            .args([archive.as_os_str(), url.as_ref()]),
    )?;
    process::run(
        Command::new("tar")
            .arg("-xzf")
            .arg(&archive)
            .arg(format!("--strip-components={strip}"))
            .arg("-C")
            .arg(into),
    )?;
    fs::remove_file(archive)?;
    Ok(())
}

/// Target triple of this machine in the names of release archives; `linux` is the part after the
/// processor there.
fn triple(linux: &str) -> Result<String> {
    match OS {
        "linux" => Ok(format!("{ARCH}-{linux}")),
        "macos" => Ok(format!("{ARCH}-apple-darwin")),
        _ => bail!("no release is known for {OS}"),
    }
}

/// Optimization level, chosen for the total time of build and use.
type OptLevel = &'static str;
/// Level for programs that wait for others or run briefly.
const OPTIMIZE_NOTHING: OptLevel = "0";
/// Level for programs with much to compute.
const OPTIMIZE_A_LITTLE: OptLevel = "1";

/// Builds `package` as fast as possible and installs it to `folder`, without default features and
/// without a note in cargo's own list of installed programs.
fn cargo_install(package: &str, version: &str, level: OptLevel, folder: &Path) -> Result<()> {
    let install = |lock: &[&str]| {
        process::run(
            workspace::cargo()
                .args(["install", package, "--version", version, "--debug"])
                .args(["--no-default-features", "--no-track", "--root"])
                .arg(folder)
                .args(lock)
                // Outside the workspace's target folder, and removed with the partial folder.
                .env("CARGO_TARGET_DIR", folder.join("build"))
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .env("CARGO_PROFILE_DEV_OPT_LEVEL", level)
                .env("CARGO_INCREMENTAL", "0"),
        )
    };
    // With the package's own lock file, unless the registry lacks one of the versions.
    install(&["--locked"]).or_else(|_| install(&[]))?;
    fs::remove_dir_all(folder.join("build"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(version_in("trunk 0.21.14\n").as_deref(), Some("0.21.14"));
        assert_eq!(version_in("wasm-opt version 123 (version_123)").as_deref(), Some("123"));
        assert_eq!(version_in("no version"), None);
    }

    /// A `file:` URL stands for a download.
    #[cfg(unix)]
    #[test]
    fn a_release_archive_is_unpacked() {
        let folder = std::env::temp_dir().join(format!("wsbench-release-{}", std::process::id()));
        fs::create_dir_all(folder.join("tool-1.0")).unwrap();
        fs::write(folder.join("tool-1.0/tool"), "a tool").unwrap();
        let mut tar = Command::new("tar");
        process::run(tar.current_dir(&folder).args(["-czf", "tool.tar.gz", "tool-1.0"])).unwrap();
        let url = format!("file://{}/tool.tar.gz", folder.display());
        unpack_release(&url, 1, &folder.join(BINARIES)).unwrap();
        assert_eq!(fs::read_to_string(folder.join("bin/tool")).unwrap(), "a tool");
        assert!(unpack_release("file:///no/such/archive", 1, &folder.join(BINARIES)).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
