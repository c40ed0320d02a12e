//! File to send (`/file PATH`).

use std::{io, path::Path};

use session::Message;
use tokio::io::AsyncReadExt;

/// Reads a file of at most `max` bytes: as text if it is UTF-8, else as binary. The error is a
/// sentence. Only regular files are read.
pub(crate) async fn read_file(path: &Path, max: usize) -> Result<Message, String> {
    let failed = |why: String| format!("Not sent: {} cannot be read: {why}.", path.display());
    let io_failed = |error: io::Error| failed(error.to_string());
    // Checked before opening: opening a FIFO could block, and a device may have no end.
    if !tokio::fs::metadata(path).await.map_err(io_failed)?.is_file() {
        return Err(failed("it is not a file".to_owned()));
    }
    let file = tokio::fs::File::open(path).await.map_err(io_failed)?;
    let mut bytes = Vec::new();
    file.take(max as u64 + 1).read_to_end(&mut bytes).await.map_err(io_failed)?;
    if bytes.len() > max {
        return Err(failed(format!("it has more than {max} bytes (--max-message)")));
    }
    Ok(String::from_utf8(bytes)
        .map_or_else(|error| Message::Binary(error.into_bytes()), Message::Text))
}
