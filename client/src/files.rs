//! Files that the person gives to the page: chosen in the browser's dialog, or dropped on it.

use leptos::{ev, prelude::event_target};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, FileList, HtmlInputElement};

pub(crate) use web_sys::File;

/// What was chosen in an `<input type="file">` that has just changed. The same can be chosen again.
pub(crate) fn chosen(event: &ev::Event) -> Vec<File> {
    let input: HtmlInputElement = event_target(event);
    let files = listed(input.files());
    input.set_value("");
    files
}

/// Whether files are dragged, and nobody has taken them yet.
pub(crate) fn are_dragged(event: &ev::DragEvent) -> bool {
    let kinds = event.data_transfer().map(|data| data.types());
    !event.default_prevented() && kinds.is_some_and(|kinds| kinds.includes(&"Files".into(), 0))
}

/// The files that were dropped.
pub(crate) fn dropped(event: &ev::DragEvent) -> Vec<File> {
    listed(event.data_transfer().and_then(|data| data.files()))
}

/// Its bytes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
pub(crate) fn size(file: &Blob) -> usize {
    file.size() as usize
}

/// Reads a file as text. One that cannot be read, since it was removed or changed meanwhile, is empty.
pub(crate) fn read(file: &Blob, done: impl FnOnce(String) + 'static) {
    let reading = JsFuture::from(file.text());
    spawn_local(async move {
        done(reading.await.ok().and_then(|text| text.as_string()).unwrap_or_default());
    });
}

fn listed(files: Option<FileList>) -> Vec<File> {
    let Some(files) = files else { return Vec::new() };
    (0..files.length()).filter_map(|index| files.get(index)).collect()
}
