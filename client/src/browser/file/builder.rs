//! File built piece by piece.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag};

/// Pieces of a file. Browsers may keep blobs on disk, but not texts. A file may be larger than the
/// memory of WebAssembly, of which it takes one piece at a time.
#[derive(Default)]
pub(crate) struct FileBuilder(Array);

impl FileBuilder {
    /// Adds a piece. A piece for which the browser has no room is left out.
    pub(crate) fn push(&self, text: &str) {
        if let Ok(piece) = Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(text))) {
            self.0.push(&piece);
        }
    }

    /// Forgets the pieces of a file that does not end.
    pub(crate) fn clear(&self) {
        self.0.set_length(0);
    }

    /// Returns the file, and begins the next one. `None` if the browser has no room for it.
    /// `media_type` becomes the type of the blob.
    pub(crate) fn finish(&self, media_type: &str) -> Option<Blob> {
        let properties = BlobPropertyBag::new();
        properties.set_type(media_type);
        let file = Blob::new_with_blob_sequence_and_options(&self.0, &properties);
        self.clear();
        file.ok()
    }
}
