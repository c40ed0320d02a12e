//! Brotli files beside the built page's files, compressed harder than a server could for each response.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::workspace;

/// Extension of compressed files.
const COMPRESSED: &str = "br";

/// Highest quality of brotli: slow to make, once a build.
const BROTLI_QUALITY: u32 = 11;
/// Binary logarithm of the window: 4 MiB, the default of the reference encoder.
const BROTLI_WINDOW: u32 = 22;
/// Buffer of the encoder, in bytes.
const BROTLI_BUFFER: usize = 4096;

/// Compresses each file in `folder`, to a file beside it. Earlier compressed files are overwritten.
pub(crate) fn files(folder: &Path) -> Result<()> {
    for file in workspace::files(folder)?.into_iter().filter(|file| !is_compressed(file)) {
        fs::write(name_of(&file), brotli(&fs::read(&file)?)?)?;
    }
    Ok(())
}

/// True for a compressed file, by its extension.
pub(crate) fn is_compressed(file: &Path) -> bool {
    file.extension().is_some_and(|it| it == COMPRESSED)
}

/// Path of the compressed `file`: its name with `.br` added, as the server looks for it.
pub(crate) fn name_of(file: &Path) -> PathBuf {
    file.with_added_extension(COMPRESSED)
}

/// Brotli stream of `content` (RFC 7932).
fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(
        &mut compressed, BROTLI_BUFFER, BROTLI_QUALITY, BROTLI_WINDOW,
    );
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}
