//! Byte format between a page and its engine, and of persisted entries: postcard.

use serde::{Serialize, de::DeserializeOwned};

/// Serializes `said` for [`read`].
#[must_use]
pub fn write(said: &impl Serialize) -> Vec<u8> {
    // Only values of unknown length are errors, and none occur here.
    postcard::to_allocvec(said).unwrap_or_default()
}

/// Deserializes the output of [`write()`]; `None` for anything else.
#[must_use]
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
