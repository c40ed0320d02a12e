//! Files that the page gives to the person.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::browser::clock::{date_and_time, now};

/// Has the browser save `file`, under a name that says when, and ends in `extension`.
pub(crate) fn download(file: &Blob, extension: &str) {
    let Ok(url) = Url::create_object_url_with_blob(file) else { return };
    let link = leptos::prelude::document().create_element("a");
    if let Ok(link) = link.map(JsCast::unchecked_into::<HtmlAnchorElement>) {
        link.set_href(&url);
        link.set_download(&format!("wsbench-{}.{extension}", date_and_time(now())));
        link.click();
    }
    // The browser has begun to read it by now.
    let _ = Url::revoke_object_url(&url);
}

/// Has the browser save a text in the same way.
pub(crate) fn download_text(text: &str, extension: &str) {
    if let Ok(file) = Blob::new_with_str_sequence(&Array::of1(&text.into())) {
        download(&file, extension);
    }
}
