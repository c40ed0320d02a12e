//! Byte format between a page and its engine, and of persisted entries: postcard.

use serde::{Serialize, de::DeserializeOwned};

/// Serializes `value` for [`decode`].
#[must_use]
pub fn encode(value: &impl Serialize) -> Vec<u8> {
    // Only values of unknown length are errors, and none occur here.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// Deserializes the output of [`encode()`]; `None` for anything else.
#[must_use]
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
