//! Notices of the exchange, in the active tab or the one concerned.

use leptos::prelude::*;
use workbench::open_tabs::OpenTab;

use crate::{
    engine::notice::Notice,
    tabs::{open_tabs::Tabs, tab::Tab},
};

/// Opens a tab with this content; gives notice in the active tab if the limit of tabs is reached.
/// Returns the tab.
pub(super) fn open_tab(tabs: Tabs, content: OpenTab) -> Option<Tab> {
    let tab = tabs.put(content);
    if tab.is_none() {
        notify(tabs, Notice::NoTab);
    }
    tab
}

/// Gives notice in the active tab.
pub(super) fn notify(tabs: Tabs, notice: Notice) {
    if let Some(tab) = untrack(|| tabs.active()) {
        tab.engine.notify(notice);
    }
}
