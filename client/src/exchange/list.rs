//! Message lists: exported to a file and imported from one.

use leptos::prelude::*;
use workbench::{
    engine::ExchangeCommand,
    exchange::{Format, IMPORT_BYTES, ImportError, ImportReport, PassedOver},
    open_tabs::OpenTab,
};

use super::notify::{notify, open_tab};
use crate::{
    browser::{archive::new_list, file::picked::Picked},
    engine::notice::Notice,
    tabs::tab::{Tab, Tabs},
};

/// Exports the filtered list of a tab.
pub(crate) fn export(tab: Tab, format: Format) {
    tab.engine.command(ExchangeCommand::Export(format, tab.target()));
}

/// Imports files, each into a new tab, whose engine reads it.
pub(crate) fn import(tabs: Tabs, files: Vec<Picked>) {
    for file in files {
        let bytes = usize::try_from(file.size()).unwrap_or(usize::MAX);
        if bytes > IMPORT_BYTES {
            let (error, passed_over) = (Some(ImportError::Bytes(bytes)), PassedOver::default());
            let imported =
                ImportReport { name: file.name(), entries: 0, target: None, passed_over, error };
            notify(tabs, Notice::Imported(imported));
        } else if let Some(tab) = open_tab(tabs, OpenTab { list: new_list(), ..OpenTab::default() })
        {
            let fill = Callback::new(move |target| tab.aim(target));
            tab.engine.import(file.name(), file.content(), fill);
        }
    }
}
