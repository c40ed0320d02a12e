//! Finds or installs what building and testing need.
//!
//! Each thing is looked for where it may already be, then got the quick way of an open network,
//! then the slow way through package registries. Installed tools stay in one folder of the user's
//! cache, shared by all clones; nothing is written to the user's cargo or npm globals.

mod browser;
mod debian;
mod tool;
mod wasm_target;

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The newest trunk that builds with the Rust of early 2026; the one the page was tried with.
const TRUNK: &str = "0.21.14";
/// The release of binaryen that trunk 0.21.14 downloads, and the npm package of the same number.
const BINARYEN: &str = "123";

/// Time for a way that needs an open network. A fast one is done in seconds; a closed one fails or
/// hangs, and must not hold up the way that works there.
const NETWORK_LIMIT: Duration = Duration::from_mins(2);

/// Programs found or installed, as the `PATH` that finds them.
pub(crate) struct Tools {
    path: OsString,
}

impl Tools {
    /// A command that finds the tools, in the root folder.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(workspace::root()).env("PATH", &self.path);
        command
    }

    /// The same for cargo.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = workspace::cargo();
        cargo.env("PATH", &self.path);
        cargo
    }
}

/// What compiling the page needs: the wasm32 target.
pub(crate) fn for_checks() -> Result<()> {
    wasm_target::provide()
}

/// What building the page needs: the wasm32 target, trunk, wasm-bindgen, wasm-opt.
pub(crate) fn for_page() -> Result<Tools> {
    for_checks()?;
    let wasm_bindgen = workspace::locked_version("wasm-bindgen")?;
    let mut folders = Vec::new();
    folders.extend(tool::trunk(TRUNK)?);
    folders.extend(tool::wasm_bindgen(&wasm_bindgen)?);
    folders.extend(tool::wasm_opt(BINARYEN)?);
    let inherited = env::var_os("PATH").unwrap_or_default();
    folders.extend(env::split_paths(&inherited));
    Ok(Tools { path: env::join_paths(folders).context("A folder on PATH has a ':' in its name")? })
}

/// What the tests need besides: a browser and its WebDriver.
pub(crate) fn everything() -> Result<Tools> {
    let tools = for_page()?;
    browser::provide()?;
    Ok(tools)
}

/// Removes what was installed.
pub(crate) fn clean() -> Result<()> {
    wasm_target::remove_what_was_built()?;
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

/// Tries the ways in their order, each in an empty `folder`, until one works. Each failure is said;
/// the last word is what to do by hand.
fn first_that_works(thing: &str, ways: &[Way], folder: &Path, by_hand: &str) -> Result<()> {
    for Way { name, needs_open_network, get } in ways {
        if *needs_open_network && network_is_closed() {
            continue;
        }
        eprintln!("  {thing}: {name}");
        match empty(folder).and_then(|()| get(folder)) {
            Ok(()) => return Ok(()),
            Err(error) => eprintln!("  {thing}: that did not work: {error:#}"),
        }
    }
    bail!("{thing} is missing and could not be installed. {by_hand}")
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("Cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("Cannot create {}", folder.display()))
}
