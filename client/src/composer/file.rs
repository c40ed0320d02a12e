//! Attached file: chosen or dropped, shown, then sent as a binary message.

use leptos::{html, prelude::*};

use super::{ComposerState, words::words};
use crate::{
    browser::file::chosen_file::ChosenFile,
    language::format,
    ui::{
        button::{Button, SignButton},
        file_input::{FileInput, open_dialog},
    },
};

/// Maximum bytes of a file: the engine holds it in memory and the browser in its send buffer, and few
/// servers accept larger messages.
const MAX_FILE_BYTES: u64 = 128 << 20;

/// Files named as left out, at most.
const MAX_NAMED: usize = 3;

/// Attaches the first of these files, in place of one that is attached. The chip names those that are not attached
/// then.
pub(super) fn attach(composer: ComposerState, files: Vec<ChosenFile>) {
    let mut files = files.into_iter();
    let Some(first) = files.next() else { return };
    let before = composer.engine.file.get_untracked();
    let mut names = before.into_iter().chain(files).map(|file| file.name());
    let mut left_out = names.by_ref().take(MAX_NAMED).collect::<Vec<_>>().join(", ");
    if names.next().is_some() {
        left_out += ", …";
    }
    composer.left_out.set(left_out);
    composer.engine.file.set(Some(first));
}

/// Button that opens the file dialog. One file; another replaces it.
#[component]
pub(super) fn FileButton(composer: ComposerState) -> impl IntoView {
    let words = &words().files;
    let input = NodeRef::<html::Input>::new();
    let on_pick = Callback::new(move |files| attach(composer, files));
    view! {
        <span class="file-button">
            <Button class="plain" label=words.file on_click=move || open_dialog(input) />
            <FileInput input label=words.file on_pick />
        </span>
    }
}

/// Attached file, if there is one. A live region: the name is read out when a file is attached.
#[component]
pub(super) fn FileChip(composer: ComposerState) -> impl IntoView {
    let attached = move || {
        let file = composer.engine.file;
        let described = file.with(|file| file.as_ref().map(|file| (file.name(), file.size())));
        described.map(|(name, bytes)| view! { <AttachedFile composer name bytes /> })
    };
    view! { <div class="file" role="status">{move || attached()}</div> }
}

/// Sends the attached file, unless it is over [`MAX_FILE_BYTES`], as is said beside it. Returns false if there is none.
pub(super) fn send_attached(composer: ComposerState) -> bool {
    let bytes = composer.engine.file.with_untracked(|file| file.as_ref().map(ChosenFile::size));
    if bytes.is_some_and(|bytes| bytes <= MAX_FILE_BYTES) {
        composer.engine.send_file();
    }
    bytes.is_some()
}

/// File with its name and size, and a button that removes it. It cannot be sent over [`MAX_FILE_BYTES`], which an error
/// beside it says.
#[component]
fn AttachedFile(composer: ComposerState, name: String, bytes: u64) -> impl IntoView {
    let words = &words().files;
    let engine = composer.engine;
    let left_out = composer.left_out.get_untracked();
    let left_out = (!left_out.is_empty()).then(|| (words.left_out)(&left_out));
    let is_too_large = bytes > MAX_FILE_BYTES;
    view! {
        <span class="file-chip">
            <span class="file-name">{name}</span>
            <span class="file-size">{(format().size)(bytes)}</span>
            <SignButton label=words.remove on_click=move || engine.file.set(None) />
            {is_too_large.then(|| view! {
                <span class="wrong">{(words.too_large)(MAX_FILE_BYTES)}</span>
            })}
            {left_out.map(|says| view! { <span class="wrong">{says}</span> })}
        </span>
    }
}
