//! Files read into memory as a whole, up to a bound.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Reads a file of at most `limit` bytes, whole MiB; also a pipe.
///
/// # Errors
///
/// A file that cannot be read; [`io::ErrorKind::FileTooLarge`] for one over the limit.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let kind = io::ErrorKind::FileTooLarge;
        return Err(io::Error::new(kind, format!("larger than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}
