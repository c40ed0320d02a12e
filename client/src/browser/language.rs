//! Languages of the browser and of the document, and the document's title.

use leptos::prelude::{document, window};

/// Language tags of the user's preference (RFC 5646), most preferred first.
pub(crate) fn preferred_languages() -> Vec<String> {
    window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

/// Sets the `lang` attribute of the document. Screen readers choose their voice by it.
pub(crate) fn set_document_language(code: &str) {
    if let Some(html) = document().document_element() {
        // Fails only for an invalid attribute name.
        let _ = html.set_attribute("lang", code);
    }
}

/// Sets the title of the document; `None` restores the one it came with. The title is read once,
/// before it is first set.
pub(crate) fn set_document_title(title: Option<&str>) {
    thread_local! {
        static OWN: String = document().title();
    }
    OWN.with(|own| document().set_title(title.unwrap_or(own)));
}
