//! Workspace files: saved messages, connections and environments (`docs/workspace-file.md`).

use leptos::prelude::*;
use workbench::exchange::{MAX_FILE_BYTES, Merged, Unreadable, Workspace, WorkspaceError};

use crate::{
    Library,
    browser::{
        file::{
            chosen_file::{ChosenFile, read_text},
            download::download_text,
        },
        worker::timer::spawn_local,
    },
    engine::notice::Notice,
    tabs::open_tabs::Tabs,
};

/// Saves the library as a workspace file.
pub(super) fn save(library: Library) {
    let text = library.workspace.with_untracked(Workspace::to_string);
    download_text(&text, "workspace", "json");
}

/// Merges workspace files into the library, one after another: what an earlier one has stays. Each reports its result
/// in a notice, by name. A file that exceeds the limit of bytes, or is no workspace, changes nothing.
pub(super) fn open(tabs: Tabs, library: Library, files: Vec<ChosenFile>) {
    spawn_local(async move {
        for file in files {
            let name = file.name();
            tabs.notify(match merge(library, &file).await {
                Ok((merged, unreadable)) => Notice::WorkspaceMerged(name, merged, unreadable),
                Err(error) => Notice::WorkspaceNotRead(name, error),
            });
        }
    });
}

/// Merges a workspace file into the library. Returns the numbers merged, and the entries that cannot be read.
async fn merge(
    library: Library,
    file: &ChosenFile,
) -> Result<(Merged, Unreadable<WorkspaceError>), WorkspaceError> {
    if file.size() > MAX_FILE_BYTES as u64 {
        return Err(WorkspaceError::TooLarge);
    }
    let text = read_text(file).await.ok_or(WorkspaceError::Unread)?;
    let (other, unreadable) = Workspace::read_entries(&text)?;
    let merged = library.change(|workspace| workspace.merge(&other));
    Ok((merged.unwrap_or(Ok(Merged::default()))?, unreadable))
}
