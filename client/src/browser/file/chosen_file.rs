//! Files that the user chooses in a dialog or drops on the page.

use leptos::{ev, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DataTransfer, File, FileList, HtmlInputElement};

/// Entry of `DataTransfer.types` while files are dragged.
const FILES: &str = "Files";

/// File chosen by the user. The browser holds its content; the page's memory does not.
#[derive(Clone)]
pub struct ChosenFile(File);

impl ChosenFile {
    /// Name without folder.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Size in bytes. As of the choice: the file may change later.
    #[must_use]
    pub fn size(&self) -> u64 {
        // Sizes are whole, and below 2^53.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        let size = self.0.size() as u64;
        size
    }

    /// Content, unread. A blob that can be sent to a worker without a copy.
    #[must_use]
    pub fn content(&self) -> &Blob {
        &self.0
    }
}

/// Takes the files out of a file input on its `change` event, so that the same file can be chosen
/// again. Empty if the dialog was cancelled.
pub(crate) fn take_chosen_files(event: &ev::Event) -> Vec<ChosenFile> {
    let input: HtmlInputElement = event_target(event);
    let files = to_vec(input.files());
    input.set_value("");
    files
}

/// Files of a `drop` event.
pub(crate) fn dropped_files(event: &ev::DragEvent) -> Vec<ChosenFile> {
    to_vec(event.data_transfer().and_then(|data| data.files()))
}

/// Files of a list that the browser owns.
fn to_vec(files: Option<FileList>) -> Vec<ChosenFile> {
    let Some(files) = files else { return Vec::new() };
    (0..files.length()).filter_map(|index| files.get(index)).map(ChosenFile).collect()
}

/// Reads a file as text; `None` if it was removed or changed since it was chosen. Invalid UTF-8 is
/// replaced.
pub(crate) async fn read_text(file: &ChosenFile) -> Option<String> {
    JsFuture::from(file.0.text()).await.ok()?.as_string()
}

/// True while files are dragged over the page. Keeps the browser from navigating to a dropped file.
/// Ends with the current owner. The composer shows that it takes them.
pub(crate) fn dragged_files() -> Signal<bool> {
    let is_dragged_over = RwSignal::new(false);
    let over = window_event_listener(ev::dragover, move |event| {
        if has_files(event.data_transfer()) {
            event.prevent_default();
            is_dragged_over.try_set(true);
        }
    });
    let left = window_event_listener(ev::dragleave, move |event| {
        // Without a related target, the pointer has left the page.
        if event.related_target().is_none() {
            is_dragged_over.try_set(false);
        }
    });
    let dropped = window_event_listener(ev::drop, move |event| {
        if has_files(event.data_transfer()) {
            event.prevent_default();
        }
        is_dragged_over.try_set(false);
    });
    on_cleanup(move || {
        over.remove();
        left.remove();
        dropped.remove();
    });
    is_dragged_over.into()
}

/// True if a transfer carries files: their names are readable only once they are dropped.
fn has_files(transfer: Option<DataTransfer>) -> bool {
    transfer
        .is_some_and(|it| it.types().iter().any(|kind| kind.as_string().as_deref() == Some(FILES)))
}
