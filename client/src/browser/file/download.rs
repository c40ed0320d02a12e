//! Downloads: files that the page saves.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::browser::clock::{date_and_time, now};

/// Saves `file` under a name with the current time and `extension`. As a click on a link with
/// `download` does: the browser may ask for a place.
pub(crate) fn download(file: &Blob, extension: &str) {
    let Ok(url) = Url::create_object_url_with_blob(file) else { return };
    let link = leptos::prelude::document().create_element("a");
    if let Ok(link) = link.map(JsCast::unchecked_into::<HtmlAnchorElement>) {
        link.set_href(&url);
        link.set_download(&format!("wsbench-{}.{extension}", date_and_time(now())));
        link.click();
    }
    // The download has started and keeps the content.
    let _ = Url::revoke_object_url(&url);
}

/// Saves a text, encoded as UTF-8; see [`download`].
pub(crate) fn download_text(text: &str, extension: &str) {
    if let Ok(file) = Blob::new_with_str_sequence(&Array::of1(&text.into())) {
        download(&file, extension);
    }
}
