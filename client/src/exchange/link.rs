//! A link that fills a tab, made and opened.

use leptos::prelude::*;
use workbench::{compose::Draft, connect::Target, exchange::ShareLink, open_tabs::OpenTab};

use super::{open_tab, tell};
use crate::{
    browser::archive::new_list,
    browser::clipboard::copy,
    browser::location::{drop_fragment, fragment, page_url},
    engine::shell::Notice,
    tabs::tab::{Tab, Tabs},
};

/// Copies a link that fills a tab like this one.
pub(super) fn copy_link(tab: Tab) {
    let Target { url: address, subprotocols } = tab.target();
    let Draft { form, text } = tab.shell.draft().get_untracked();
    match (ShareLink { address, subprotocols, text, form }).to_fragment() {
        Ok(fragment) => {
            copy(tab.shell, &(page_url().unwrap_or_default() + &fragment), Notice::Copied);
        }
        Err(error) => tab.shell.notice().set(Some(Notice::Link(error))),
    }
}

/// If the page was opened by such a link, fills a tab as it says.
pub(crate) fn open_link(tabs: Tabs) {
    match ShareLink::from_fragment(&fragment()) {
        Ok(None) => return,
        Ok(Some(link)) => fill_tab(tabs, link),
        Err(error) => tell(tabs, Notice::Link(error)),
    }
    drop_fragment();
}

fn fill_tab(tabs: Tabs, link: ShareLink) {
    let filled = Notice::Filled {
        address: !link.address.is_empty(),
        subprotocols: link.subprotocols.len(),
        draft: !link.text.is_empty(),
    };
    let kept = OpenTab {
        list: new_list(),
        target: Target { url: link.address, subprotocols: link.subprotocols },
        draft: Draft::new(link.form, link.text),
        ..OpenTab::default()
    };
    if let Some(tab) = open_tab(tabs, kept) {
        tab.shell.notice().set(Some(filled));
    }
}
