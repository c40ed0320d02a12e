//! Workspace files: saved messages, connections and environments (`docs/workspace-file.md`).

use leptos::prelude::*;
use workbench::exchange::{MAX_FILE_BYTES, Merged, Workspace, WorkspaceError};

use crate::{
    Library,
    browser::{
        file::chosen_file::{ChosenFile, read},
        file::download::download_text,
    },
    engine::notice::Notice,
    tabs::open_tabs::Tabs,
};

/// Saves the library as a workspace file.
pub(super) fn save(library: Library) {
    let text = library.workspace.with_untracked(Workspace::to_string);
    download_text(&text, "json");
}

/// Merges workspace files into the library. One after another, by name; each reports its result in
/// a notice. A file that exceeds the limit of bytes, or is no workspace, changes nothing.
pub(super) fn open(tabs: Tabs, library: Library, files: Vec<ChosenFile>) {
    for file in files {
        let name = file.name();
        if file.size() > MAX_FILE_BYTES as u64 {
            tabs.notify(Notice::NotOpened(name, WorkspaceError::TooLarge));
            continue;
        }
        read(&file, move |text| {
            let read = Workspace::read_entries(&text);
            let merged = read.and_then(|(other, unreadable)| {
                let merged = library.change(|workspace| workspace.merge(&other));
                Ok((merged.unwrap_or(Ok(Merged::default()))?, unreadable))
            });
            let notice = match merged {
                Ok((merged, unreadable)) => Notice::Opened(name, merged, unreadable),
                Err(error) => Notice::NotOpened(name, error),
            };
            tabs.notify(notice);
        });
    }
}
