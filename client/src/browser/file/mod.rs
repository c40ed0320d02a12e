//! Files: chosen or dropped, built piece by piece, and downloaded.

pub(crate) mod builder;
pub(crate) mod chosen_file;
pub(crate) mod download;

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
pub use web_sys::Blob;

/// Reads the content of a file; `None` if it was removed or changed since it was chosen. The whole
/// file is in memory then.
pub(crate) async fn read_bytes(file: &Blob) -> Option<Vec<u8>> {
    let content = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&content).to_vec())
}
