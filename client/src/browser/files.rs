//! Files that a person gives to the page: chosen, or dropped on it.

use leptos::{ev, prelude::*};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DataTransfer, File, FileList, HtmlInputElement};

use crate::ui::element::{Element, Place};

/// What a browser says is dragged when it is files.
const FILES: &str = "Files";

/// A file that a person gave. The browser holds its content, and the page never does.
#[derive(Clone)]
pub struct Picked(File);

impl Picked {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Its bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        // Sizes are whole, and below 2^53.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        let size = self.0.size() as u64;
        size
    }

    /// What is in it.
    #[must_use]
    pub fn content(&self) -> &Blob {
        &self.0
    }
}

/// An input for files, which [`ask`] opens: the browser's own looks are not shown.
pub(crate) fn input(place: Place, label: &str, take: impl Fn(Vec<Picked>) + 'static) -> Element {
    Element::new("input", "")
        .attribute("type", "file")
        .attribute("aria-label", label)
        .attribute("hidden", "")
        .on("change", move |event| take(chosen(&event)))
        .at(place)
}

/// Opens the browser's dialog of the input at `place`.
pub(crate) fn ask(place: Place) {
    if let Some(input) = place.get_untracked() {
        input.click();
    }
}

/// The files that were chosen in an input, which can choose the same again afterwards.
fn chosen(event: &ev::Event) -> Vec<Picked> {
    let input: HtmlInputElement = event_target(event);
    let files = listed(input.files());
    input.set_value("");
    files
}

/// The files that were dropped.
pub(crate) fn dropped(event: &ev::DragEvent) -> Vec<Picked> {
    listed(event.data_transfer().and_then(|data| data.files()))
}

fn listed(files: Option<FileList>) -> Vec<Picked> {
    let Some(files) = files else { return Vec::new() };
    (0..files.length()).filter_map(|index| files.get(index)).map(Picked).collect()
}

/// Reads a file as text. One that cannot be read, since it was removed or changed meanwhile, is empty.
pub(crate) fn read(file: &Picked, done: impl FnOnce(String) + 'static) {
    let reading = JsFuture::from(file.0.text());
    spawn_local(async move {
        done(reading.await.ok().and_then(|text| text.as_string()).unwrap_or_default());
    });
}

/// Whether files are dragged, and nobody has taken them yet.
pub(crate) fn has_untaken(event: &ev::DragEvent) -> bool {
    !event.default_prevented() && has_files(event.data_transfer())
}

/// Whether files are dragged over the page. A browser would leave the page for one that is dropped
/// beside its target.
pub(crate) fn are_dragged() -> Signal<bool> {
    let are_dragged = RwSignal::new(false);
    let over = window_event_listener(ev::dragover, move |event| {
        if has_files(event.data_transfer()) {
            event.prevent_default();
            are_dragged.try_set(true);
        }
    });
    let left = window_event_listener(ev::dragleave, move |event| {
        // There is nowhere on the page that they went.
        if event.related_target().is_none() {
            are_dragged.try_set(false);
        }
    });
    let dropped = window_event_listener(ev::drop, move |event| {
        if has_files(event.data_transfer()) {
            event.prevent_default();
        }
        are_dragged.try_set(false);
    });
    on_cleanup(move || {
        over.remove();
        left.remove();
        dropped.remove();
    });
    are_dragged.into()
}

fn has_files(transfer: Option<DataTransfer>) -> bool {
    transfer
        .is_some_and(|it| it.types().iter().any(|kind| kind.as_string().as_deref() == Some(FILES)))
}
