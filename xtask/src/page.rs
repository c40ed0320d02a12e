//! The page: built by trunk in release, only when something it is made of has changed.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    compress, process,
    setup::{self, Tools},
    workspace,
};

/// What the page is made of, in the root folder.
const SOURCES: [&str; 11] = [
    "client",
    "session",
    "workbench",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "xtask/src/compress.rs",
    "xtask/src/release.rs",
    "xtask/src/split",
];

/// Builds the page into `dist/`, unless what is there was built from the same sources.
pub(crate) fn build(tools: &Tools) -> Result<()> {
    let folder = workspace::target()?.join("xtask");
    let stamp = folder.join("page.stamp");
    let sources = fingerprint(&SOURCES.map(|source| workspace::root().join(source)))?;
    // What was built is part of the stamp: `trunk serve` leaves a page for development there.
    let built =
        || Ok::<_, anyhow::Error>(format!("{sources:x} {:x}", fingerprint(&[workspace::dist()])?));
    if workspace::dist().join("index.html").exists()
        && fs::read_to_string(&stamp)
            .is_ok_and(|stamped| built().is_ok_and(|built| built == stamped))
    {
        eprintln!("The page in dist/ is up to date.");
        return Ok(());
    }
    eprintln!("Building the page…");
    // Every tool is on PATH.
    process::run(tools.trunk().args(["build", "--release", "--offline"]))?;
    fs::create_dir_all(folder)?;
    fs::write(stamp, built()?)?;
    Ok(())
}

/// Builds the page and the release binaries, and prints what they weigh.
pub(crate) fn build_everything() -> Result<()> {
    build(&setup::for_page()?)?;
    process::run(workspace::cargo().args(["build", "--release", "-p", "server", "-p", "cli"]))?;
    let release = workspace::target()?.join("release");
    let binaries = ["wsbench-server", "wsbench"]
        .map(|name| release.join(name).with_extension(std::env::consts::EXE_EXTENSION));
    println!("\n{:>10} {:>10}  file", "bytes", "brotli");
    let (mut bytes, mut compressed) = (0, 0);
    for Weight { file, len, brotli } in weights()? {
        println!("{len:>10} {brotli:>10}  {file}");
        bytes += len;
        compressed += brotli;
    }
    println!("{bytes:>10} {compressed:>10}  the page as a whole");
    for binary in binaries {
        println!("{:>10} {:>10}  {}", fs::metadata(&binary)?.len(), "", relative(&binary));
    }
    Ok(())
}

/// A file of the page.
pub(crate) struct Weight {
    /// Where it is, from the root folder.
    pub(crate) file: String,
    /// Its bytes.
    pub(crate) len: u64,
    /// Its bytes as the server sends them.
    pub(crate) brotli: u64,
}

/// What the files of the built page weigh.
pub(crate) fn weights() -> Result<Vec<Weight>> {
    let weigh = |file: PathBuf| {
        let len = |file: &Path| Ok::<_, anyhow::Error>(fs::metadata(file)?.len());
        let (len, brotli) = (len(&file)?, len(&compress::name_of(&file))?);
        Ok(Weight { file: relative(&file), len, brotli })
    };
    let files = files(&workspace::dist())?;
    files.into_iter().filter(|file| !compress::is_compressed(file)).map(weigh).collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string()
}

/// A number that changes with the name or the content of any file in `places`.
fn fingerprint(places: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for place in places {
        for file in files(place)? {
            relative(&file).hash(&mut hasher);
            fs::read(&file)
                .with_context(|| format!("Cannot read {}", file.display()))?
                .hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// The files at or below `place`, in a fixed order.
pub(crate) fn files(place: &Path) -> Result<Vec<PathBuf>> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let listing =
        fs::read_dir(place).with_context(|| format!("Cannot read {}", place.display()))?;
    let mut below = Vec::new();
    for entry in listing {
        let entry = entry?;
        // Editors leave lock files and copies under such names.
        if !entry.file_name().to_string_lossy().starts_with('.') {
            below.extend(files(&entry.path())?);
        }
    }
    below.sort();
    Ok(below)
}
