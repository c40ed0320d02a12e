//! Downloads: files that the page saves.

use std::time::Duration;

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::browser::{
    clock::{date_and_time, now},
    worker::timer::after,
};

/// Time in which a browser has fetched the content of a download. Safari fetches it after the click.
const FETCHED: Duration = Duration::from_secs(40);

/// Saves `file` under a name that says what it is `of`, with the current time and `extension`; returns the name. As a
/// click on a link with `download` does: the browser may ask for a place.
pub(crate) fn download(file: &Blob, of: &str, extension: &str) -> String {
    let name = format!("wsbench-{of}-{}.{extension}", date_and_time(now()));
    let Ok(url) = Url::create_object_url_with_blob(file) else { return name };
    let link = leptos::prelude::document().create_element("a");
    if let Ok(link) = link.map(JsCast::unchecked_into::<HtmlAnchorElement>) {
        link.set_href(&url);
        link.set_download(&name);
        link.click();
    }
    after(FETCHED, move || drop(Url::revoke_object_url(&url)));
    name
}

/// Saves a text, encoded as UTF-8; see [`download`].
pub(crate) fn download_text(text: &str, of: &str, extension: &str) {
    if let Ok(file) = Blob::new_with_str_sequence(&Array::of1(&text.into())) {
        download(&file, of, extension);
    }
}
