//! Compresses a release of the page, better than there is time for in each answer.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::workspace;

/// What a file's name ends with that was compressed for the server to send.
const COMPRESSED: &str = "br";

/// Brotli's strongest setting.
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER: usize = 4096;

/// Puts beside each file in `folder` what the server sends of it.
pub(crate) fn files(folder: &Path) -> Result<()> {
    for file in workspace::files(folder)?.into_iter().filter(|file| !is_compressed(file)) {
        fs::write(name_of(&file), brotli(&fs::read(&file)?)?)?;
    }
    Ok(())
}

/// Whether it is what was compressed of another.
pub(crate) fn is_compressed(file: &Path) -> bool {
    file.extension().is_some_and(|it| it == COMPRESSED)
}

/// What was compressed of `file`.
pub(crate) fn name_of(file: &Path) -> PathBuf {
    file.with_added_extension(COMPRESSED)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(
        &mut compressed,
        BROTLI_BUFFER,
        BROTLI_QUALITY,
        BROTLI_WINDOW,
    );
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}
