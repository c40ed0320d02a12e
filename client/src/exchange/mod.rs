//! What comes in and goes out as files, links and commands. Nothing of it connects or sends: it is put
//! before the person.

mod command;
mod link;
mod list;
mod menu;
mod words;
mod workspace;

use leptos::prelude::*;
use workbench::open_tabs::OpenTab;

pub(crate) use self::{
    command::take_command,
    link::open_link,
    list::{export, import},
    menu::FilesMenu,
};

use crate::{
    engine::shell::Notice,
    tabs::tab::{Tab, Tabs},
};

/// Opens a tab with this in it. If there are as many as there may be, the one that is shown says so.
fn open_tab(tabs: Tabs, kept: OpenTab) -> Option<Tab> {
    let tab = tabs.put(kept);
    if tab.is_none() {
        tell(tabs, Notice::NoTab);
    }
    tab
}

/// Has the tab that is shown say something.
fn tell(tabs: Tabs, notice: Notice) {
    if let Some(tab) = untrack(|| tabs.active()) {
        tab.shell.notice().set(Some(notice));
    }
}
