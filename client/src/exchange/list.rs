//! Message lists: exported to a file and imported from one.

use leptos::prelude::*;
use workbench::{
    engine::Command,
    exchange::{Format, ImportError, ImportReport, MAX_IMPORT_BYTES},
    open_tabs::{MAX_TAB_NAME_CHARS, OpenTab},
};

use crate::{
    browser::{archive::new_list, file::chosen_file::ChosenFile},
    engine::notice::Notice,
    tabs::{open_tabs::Tabs, tab::Tab},
};

/// Exports the filtered list of a tab; with `has_secrets`, headers in it have theirs. The engine
/// writes the file in pieces, and reports it when it is complete; the browser then saves it.
pub(crate) fn export(tab: Tab, format: Format, has_secrets: bool) {
    let target = tab.target.get_untracked();
    tab.engine.export_name.set_value(untrack(|| tab.label()).file_name());
    tab.engine.command(Command::Export { format, target, has_secrets });
}

/// Imports files, each into a new tab named after it, whose engine reads it. A file of which nothing can be read
/// leaves no tab.
/// Files over the limit of an import are not read. Failures are notices in the tab that is active then.
pub(crate) fn import(tabs: Tabs, files: Vec<ChosenFile>) {
    let active = || untrack(|| tabs.active()).map(|tab| tab.id);
    let first = active();
    for file in files {
        let bytes = usize::try_from(file.size()).unwrap_or(usize::MAX);
        if bytes > MAX_IMPORT_BYTES {
            let (name, error) = (file.name(), Some(ImportError::Bytes(bytes)));
            let imported = ImportReport { name, error, ..ImportReport::default() };
            tabs.notify(Notice::Imported(imported));
            continue;
        }
        let before = [active(), first];
        let name = file.name().chars().take(MAX_TAB_NAME_CHARS).collect();
        if let Some(tab) = tabs.put(OpenTab { name, list: new_list(), ..OpenTab::default() }) {
            let on_end = Callback::new(move |report| end(tabs, tab, before, report));
            tab.engine.import(file.name(), file.content(), on_end);
        }
    }
}

/// Ends an import: a tab without entries is closed, with its notice in another; otherwise the tab
/// gets the target of the first connection in the file.
fn end(tabs: Tabs, tab: Tab, before: [Option<u32>; 2], report: ImportReport) {
    if report.entries == 0 {
        tabs.withdraw(tab.id, before);
        return tabs.notify(Notice::Imported(report));
    }
    if let Some(target) = report.target.clone() {
        tab.target.set(target);
    }
    tab.engine.notify(Notice::Imported(report));
}
