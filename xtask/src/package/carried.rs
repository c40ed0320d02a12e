//! `cargo xtask carry`: the built page inside the server's package, so that `cargo install` needs no trunk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    page::{self, compress},
    setup, workspace,
};

/// File with the fingerprint of the sources that the page was built from.
const SOURCES: &str = "sources.txt";

/// Folder in the server's package, checked in: a package of a registry can only hold files below
/// its own folder.
fn folder() -> PathBuf {
    workspace::root().join("server/page")
}

/// Builds the page and puts its compressed files into the server's package. A release
/// embeds no others.
pub(crate) fn write() -> Result<()> {
    page::build(&setup::for_page()?)?;
    let folder = folder();
    workspace::empty(&folder)?;
    for file in compressed(&workspace::dist())? {
        fs::copy(&file, folder.join(file.file_name().context("A file has no name")?))?;
    }
    Ok(fs::write(folder.join(SOURCES), page::sources()? + "\n")?)
}

/// Remedy for another page than that of the sources.
const REMEDY: &str = "run `cargo xtask carry`, and commit server/page";

/// Requires that the carried page is of these sources. Only fingerprints are compared; nothing is built.
pub(crate) fn require_current() -> Result<()> {
    let sources = page::sources()?;
    let carried = fs::read_to_string(folder().join(SOURCES)).unwrap_or_default();
    ensure!(
        carried.trim() == sources,
        "The page that the server's package carries is of other sources: {REMEDY}"
    );
    Ok(())
}

/// Requires that the carried page is the one in `dist/`, byte for byte, built from these sources.
pub(super) fn check() -> Result<()> {
    require_current()?;
    let carried = compressed(&folder())?;
    let built = compressed(&workspace::dist())?;
    let names = |files: &[PathBuf]| -> Vec<_> {
        files.iter().filter_map(|file| file.file_name().map(ToOwned::to_owned)).collect()
    };
    ensure!(names(&carried) == names(&built), "The carried page has other files: {REMEDY}");
    for (carried, built) in carried.iter().zip(&built) {
        let differs = fs::read(carried)? != fs::read(built)?;
        ensure!(!differs, "{} is not the file that was built: {REMEDY}", carried.display());
    }
    Ok(())
}

/// Compressed files below `folder`, in order of their paths.
fn compressed(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = workspace::files(folder)?.into_iter();
    Ok(files.filter(|file| compress::is_compressed(file)).collect())
}
