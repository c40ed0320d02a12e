//! Files that a person gives to the page: chosen, or dropped on it.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Blob, DataTransfer, File, FileList, HtmlInputElement};

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

/// The file that was chosen in an input, which can choose the same again afterwards.
pub(crate) fn chosen(event: &ev::Event) -> Option<Picked> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    let file = first(input.files());
    input.set_value("");
    file
}

/// The first of the files that were dropped.
pub(crate) fn dropped(event: &ev::DragEvent) -> Option<Picked> {
    first(event.data_transfer()?.files())
}

fn first(files: Option<FileList>) -> Option<Picked> {
    files?.get(0).map(Picked)
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
