//! Byte format between a page and its engine, and of persisted entries: postcard.

use serde::{Serialize, de::DeserializeOwned};

/// `said` as bytes for [`read`].
#[must_use]
pub fn write(said: &impl Serialize) -> Vec<u8> {
    // Writing to memory fails only for what has no length, and nothing here is such.
    postcard::to_allocvec(said).unwrap_or_default()
}

/// Deserializes the output of [`write()`]; `None` for anything else.
#[must_use]
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
