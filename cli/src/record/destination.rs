//! Scenario file to be written.

use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, Write},
    path::Path,
};

/// Opens a file to write, an existing one only if `replaces`; it keeps its content until it is
/// written. The file is created at once, so that an error comes before the conversation.
pub(super) fn open(path: &Path, replaces: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    if replaces {
        options.create(true).truncate(false)
    } else {
        options.create_new(true)
    };
    options.open(path)
}

/// Replaces the content of a file. New content is written before the rest is cut off, so that the
/// file is never empty.
pub(super) fn replace(file: &mut File, text: &str) -> io::Result<()> {
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

/// Sentence about a file that cannot be written.
pub(super) fn sentence(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    if path.is_dir() {
        format!("Cannot write {shown}: is a directory.")
    } else if error.kind() == io::ErrorKind::AlreadyExists {
        format!("{shown} already exists; --force overwrites it.")
    } else {
        format!("Cannot write {shown}: {error}.")
    }
}
