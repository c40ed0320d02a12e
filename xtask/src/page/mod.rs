//! The page: built by trunk in release, unless its sources are unchanged.

pub(crate) mod compress;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    dependencies::notices,
    process,
    setup::{self, Tools},
    workspace::{self, Profile},
};

/// Sources of the page, in the root folder.
pub(crate) const SOURCES: [&str; 10] = [
    "client", "relay", "session", "workbench", "index.html", "Trunk.toml", "Cargo.toml",
    "Cargo.lock", ".cargo", "xtask/src/page",
];

/// Builds the page into `dist/`, unless the one there has the same sources. Fingerprints of the
/// sources and of the result, in `target/xtask/page.stamp`, decide.
pub(crate) fn build(tools: &Tools) -> Result<()> {
    let folder = workspace::target()?.join("xtask");
    let stamp = folder.join("page.stamp");
    let sources = sources()?;
    // The result is part of the stamp: `trunk serve` leaves a development build there.
    let built = || {
        let files = workspace::files(&workspace::dist())?;
        Ok::<_, anyhow::Error>(format!("{sources} {}", fingerprint(files.iter())?))
    };
    if workspace::dist().join("index.html").exists()
        && fs::read_to_string(&stamp)
            .is_ok_and(|stamped| built().is_ok_and(|built| built == stamped))
    {
        eprintln!("The page in dist/ is up to date.");
        return Ok(());
    }
    eprintln!("Building the page…");
    // Every tool is on PATH.
    let mut trunk = tools.trunk();
    trunk.args(["build", "--release", "--offline"]);
    // Added to the flags of .cargo/config.toml. A path with a space would be two flags.
    let paths = workspace::fixed_paths()?;
    let paths: Vec<_> = paths.into_iter().filter(|flag| !flag.contains(' ')).collect();
    trunk.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", paths.join(" "));
    process::run(&mut trunk)?;
    compress::files(&workspace::dist())?;
    fs::create_dir_all(folder)?;
    fs::write(stamp, built()?)?;
    Ok(())
}

/// Fingerprint of the page's sources, without tests and benches of packages. It also changes with the build itself:
/// `xtask/src/page` is among them.
pub(crate) fn sources() -> Result<String> {
    let sources = SOURCES.map(|source| workspace::files(&workspace::root().join(source)));
    let sources: Vec<_> = sources.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let is_of_page = |file: &&PathBuf| {
        let file = relative(file);
        !file.contains("/tests/") && !file.contains("/benches/")
    };
    fingerprint(sources.iter().filter(is_of_page))
}

/// Builds the page and the release binary with its notices, and prints their sizes.
pub(crate) fn build_everything() -> Result<()> {
    build(&setup::for_page()?)?;
    let program = workspace::build("cli", "wsbench", Profile::Release)?;
    println!("\n{:>10} {:>10}  file", "bytes", "brotli");
    let (mut bytes, mut compressed) = (0, 0);
    for Weight { file, len, brotli } in weights()? {
        println!("{len:>10} {brotli:>10}  {file}");
        bytes += len;
        compressed += brotli;
    }
    println!("{bytes:>10} {compressed:>10}  the page as a whole");
    println!("{:>10} {:>10}  {}", fs::metadata(&program)?.len(), "", relative(&program));
    let notices = notices::write()?;
    println!("{:>10} {:>10}  {}", fs::metadata(&notices)?.len(), "", relative(&notices));
    Ok(())
}

/// File of the page with its sizes.
pub(crate) struct Weight {
    /// Path from the root folder.
    pub(crate) file: String,
    /// Bytes on disk.
    pub(crate) len: u64,
    /// Bytes after brotli, as the server sends it.
    pub(crate) brotli: u64,
}

/// Sizes of the built page's files. Each has a compressed one beside it.
pub(crate) fn weights() -> Result<Vec<Weight>> {
    let weigh = |file: PathBuf| {
        let len = |file: &Path| Ok::<_, anyhow::Error>(fs::metadata(file)?.len());
        let (len, brotli) = (len(&file)?, len(&compress::name_of(&file))?);
        Ok(Weight { file: relative(&file), len, brotli })
    };
    let files = workspace::files(&workspace::dist())?;
    files.into_iter().filter(|file| !compress::is_compressed(file)).map(weigh).collect()
}

/// Path from the root folder, so that it is the same on every machine.
fn relative(path: &Path) -> String {
    path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string()
}

/// SHA-256 of the paths, lengths and contents of files.
fn fingerprint<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Result<String> {
    let mut hashed = Vec::new();
    for file in files {
        let content = fs::read(file).with_context(|| format!("Cannot read {}", file.display()))?;
        hashed.extend(format!("{}\n{}\n", relative(file), content.len()).bytes());
        hashed.extend(content);
    }
    Ok(workspace::sum(&hashed))
}
