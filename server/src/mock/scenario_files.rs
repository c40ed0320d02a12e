//! Scenario files on this machine, with the files that they include and send.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use scenario::TEXT_BYTES;
use session::Message;

use crate::bounded_file::read_bounded;

/// Maximum size of a file that is sent, in bytes.
const MESSAGE_BYTES: u64 = 16 << 20;

/// Reads the text of a scenario file, of [`TEXT_BYTES`] at most.
///
/// # Errors
///
/// A file that cannot be read, is too large, or is not UTF-8.
pub fn read(path: &Path) -> io::Result<String> {
    let mut text = String::from_utf8(read_bounded(path, TEXT_BYTES as u64)?)
        .map_err(|_| io::Error::other("it is not UTF-8 text"))?;
    // Editors of Windows begin a text with a byte order mark.
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// Path of a file that is included: as written, it is relative to the folder of the one that includes it.
#[must_use]
pub fn included(from: &str, path: &str) -> PathBuf {
    plain(&folder(Path::new(from)).join(path))
}

/// Reads a file for [`scenario::Source::parse`].
///
/// # Errors
///
/// A sentence.
pub fn include(from: &str, path: &str) -> Result<(String, String), String> {
    let path = included(from, path);
    let text = read(&path);
    let text = text.map_err(|error| format!("Cannot read {}: {error}.", path.display()))?;
    Ok((path.display().to_string(), text))
}

/// Reads a file of the folder of a scenario, to be sent: a text message if it is UTF-8, otherwise a binary one.
///
/// # Errors
///
/// A sentence; also for files of more than 16 MiB.
pub fn read_message(scenario: &Path, path: &str) -> Result<Message, String> {
    let path = folder(scenario).join(path);
    let bytes = read_bounded(&path, MESSAGE_BYTES);
    let bytes = bytes.map_err(|error| format!("Cannot read {}: {error}.", path.display()))?;
    let text = String::from_utf8(bytes).map(Message::Text);
    Ok(text.unwrap_or_else(|error| Message::Binary(error.into_bytes())))
}

/// Folder of a file; empty for one in the current folder.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Path without `.`, and without `..` where it can be, so that a file has one name.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match (part, plain.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
}
