//! A list as a file, and a file as a list.

use leptos::prelude::*;
use workbench::{
    engine::ExchangeCommand,
    exchange::{Format, IMPORT_BYTES, ImportError, ImportReport, PassedOver},
    open_tabs::OpenTab,
};

use super::{open_tab, tell};
use crate::{
    browser::archive::new_list,
    browser::files::Picked,
    engine::shell::Notice,
    tabs::tab::{Tab, Tabs},
};

/// Writes what a tab lists to a file.
pub(crate) fn export(tab: Tab, format: Format) {
    tab.shell.command(ExchangeCommand::Export(format, tab.target()));
}

/// Opens files as lists, each in a tab of its own. A worker reads them.
pub(crate) fn import(tabs: Tabs, files: Vec<Picked>) {
    for file in files {
        let bytes = usize::try_from(file.size()).unwrap_or(usize::MAX);
        if bytes > IMPORT_BYTES {
            let (error, passed_over) = (Some(ImportError::Bytes(bytes)), PassedOver::default());
            let imported =
                ImportReport { name: file.name(), entries: 0, target: None, passed_over, error };
            tell(tabs, Notice::Imported(imported));
        } else if let Some(tab) = open_tab(tabs, OpenTab { list: new_list(), ..OpenTab::default() })
        {
            let fill = Callback::new(move |target| tab.aim(target));
            tab.shell.import(file.name(), file.content(), fill);
        }
    }
}
