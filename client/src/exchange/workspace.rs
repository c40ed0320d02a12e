//! Saved messages and environments as a file (`docs/workspace-file.md`).

use leptos::prelude::*;
use workbench::exchange::{FILE_BYTES, Merged, Workspace, WorkspaceError};

use super::tell;
use crate::{
    browser::download::download_text,
    browser::files::{self, Picked},
    composer::library::Library,
    engine::shell::Notice,
    tabs::tab::Tabs,
};

/// Writes them to a file.
pub(super) fn save(library: Library) {
    let text = library.workspace().with_untracked(Workspace::to_string);
    download_text(&text, "json");
}

/// Adds what files hold to what there is.
pub(super) fn open(tabs: Tabs, library: Library, files: Vec<Picked>) {
    for file in files {
        let name = file.name();
        if file.size() > FILE_BYTES as u64 {
            tell(tabs, Notice::NotOpened(name, WorkspaceError::TooLarge));
            continue;
        }
        files::read(&file, move |text| {
            let read = Workspace::read(&text);
            let merged = read.and_then(|other| {
                library.change(|workspace| workspace.merge(&other)).unwrap_or(Ok(Merged::default()))
            });
            tell(
                tabs,
                match merged {
                    Ok(merged) => Notice::Opened(name, merged),
                    Err(error) => Notice::NotOpened(name, error),
                },
            );
        });
    }
}
