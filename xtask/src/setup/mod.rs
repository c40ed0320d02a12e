//! Finds or installs what building and testing need.
//!
//! Each thing is looked for where it may already be, then got the quick way of an open network,
//! then the slow way through package registries. Installed tools stay in one folder of the user's
//! cache, shared by all clones; nothing is written to the user's cargo or npm globals.

mod browser;
mod debian;
mod node;
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

pub(crate) use self::wstest::Wstest;
use crate::workspace;

/// The newest trunk that builds with the Rust of early 2026; the one the page was tried with.
const TRUNK: &str = "0.21.14";
/// The release of binaryen that trunk 0.21.14 downloads, and the npm package of the same number.
const BINARYEN: &str = "123";
/// npm packages. Figures of one bench and the next are of the same `ws`; what is accessible is what
/// the same axe-core says.
const NODE_MODULES: [&str; 2] = ["axe-core@4.14.1", "ws@8.23.0"];

/// Time for a way that needs an open network. A fast one is done in seconds; a closed one fails or
/// hangs, and must not hold up the way that works there.
const NETWORK_LIMIT: Duration = Duration::from_mins(2);

/// Programs found or installed, as the `PATH` that finds them.
pub(crate) struct Tools {
    path: OsString,
}

impl Tools {
    /// trunk, with the tools it needs on its `PATH`, in the root folder.
    pub(crate) fn trunk(&self) -> Command {
        let mut trunk = Command::new("trunk");
        // trunk takes NO_COLOR for a boolean and stops at `NO_COLOR=1`.
        trunk.current_dir(workspace::root()).env("PATH", &self.path).env_remove("NO_COLOR");
        trunk
    }

    /// cargo, with wasm-bindgen's test runner on its `PATH`.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = workspace::cargo();
        cargo.env("PATH", &self.path);
        cargo
    }
}

/// Provides what checking the code needs: rustfmt, clippy, the wasm32 target.
pub(crate) fn for_checks() -> Result<()> {
    let _alone = lock()?;
    rust::provide_checkers()?;
    rust::provide_wasm32()
}

/// Provides what building the page needs: the wasm32 target, trunk, wasm-bindgen, wasm-opt.
pub(crate) fn for_page() -> Result<Tools> {
    let _alone = lock()?;
    rust::provide_wasm32()?;
    let wasm_bindgen = workspace::locked_version("wasm-bindgen")?;
    let mut folders = Vec::new();
    folders.extend(tool::trunk(TRUNK)?);
    folders.extend(tool::wasm_bindgen(&wasm_bindgen)?);
    folders.extend(tool::wasm_opt(BINARYEN)?);
    let inherited = env::var_os("PATH").unwrap_or_default();
    folders.extend(env::split_paths(&inherited));
    Ok(Tools { path: env::join_paths(folders).context("A folder on PATH has a ':' in its name")? })
}

/// Provides Autobahn|Testsuite.
pub(crate) fn for_conformance() -> Result<Wstest> {
    let _alone = lock()?;
    wstest::provide()
}

/// Provides what the tests need: besides the page's tools, a browser and its WebDriver.
pub(crate) fn everything() -> Result<Tools> {
    let tools = for_page()?;
    let _alone = lock()?;
    browser::provide()?;
    Ok(tools)
}

/// Provides the npm packages of the bench and the tests: the folder of modules that they are in, or
/// `None` where there is no npm.
pub(crate) fn node_modules() -> Result<Option<PathBuf>> {
    eprintln!("Looking for what server and page are held against:");
    let _alone = lock()?;
    node::modules(&NODE_MODULES)
}

/// Removes what was installed.
pub(crate) fn clean() -> Result<()> {
    rust::remove_what_was_built()?;
    let cache = cache()?;
    if cache.exists() {
        fs::remove_dir_all(&cache).with_context(|| format!("Cannot remove {}", cache.display()))?;
        eprintln!("Removed {}.", cache.display());
    }
    Ok(())
}

/// The project's folder in the user's cache.
fn cache() -> Result<PathBuf> {
    let cache = dirs::cache_dir().context("This user has no cache folder. Set HOME.")?;
    Ok(cache.join("wsbench"))
}

/// Lets one set-up at a time change the cache; another clone's waits here. Free with the value.
fn lock() -> Result<File> {
    let cache = cache()?;
    fs::create_dir_all(&cache).with_context(|| format!("Cannot create {}", cache.display()))?;
    let file = File::create(cache.join("lock"))?;
    file.lock().context("Cannot lock the cache folder")?;
    Ok(file)
}

/// Whether the ways that need an open network are to be left out.
fn network_is_closed() -> bool {
    env::var_os("WSBENCH_CLOSED_NETWORK").is_some_and(|value| !value.is_empty())
}

/// A way to get something that is missing.
struct Way<'a> {
    name: &'a str,
    needs_open_network: bool,
    /// Gets it, or prepares it, in the empty folder it is given.
    get: &'a dyn Fn(&Path) -> Result<()>,
}

/// Tries the ways in their order, each in an empty `folder`, until one works and leaves what passes
/// `check`. Each failure is said; the last word is what to do by hand.
fn first_that_works(
    thing: &str,
    ways: &[Way],
    folder: &Path,
    check: &dyn Fn() -> Result<()>,
    by_hand: &str,
) -> Result<()> {
    for Way { name, needs_open_network, get } in ways {
        if *needs_open_network && network_is_closed() {
            continue;
        }
        eprintln!("  {thing}: {name}");
        match empty(folder).and_then(|()| get(folder)).and_then(|()| check()) {
            Ok(()) => return Ok(()),
            Err(error) => eprintln!("  {thing}: that did not work: {error:#}"),
        }
    }
    bail!("{thing} is missing and could not be installed. {by_hand}")
}

/// Makes `folder` an empty one, whatever was there.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("Cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("Cannot create {}", folder.display()))
}
