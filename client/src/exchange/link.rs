//! Share links: copied and opened.

use leptos::prelude::*;
use workbench::{
    compose::{Draft, mask_url},
    connect::{AddressError, Target},
    exchange::ShareLink,
    open_tabs::OpenTab,
};

use crate::{
    browser::{
        archive::new_list,
        location::{drop_fragment, fragment, page_url},
    },
    engine::notice::Notice,
    tabs::{open_tabs::Tabs, tab::Tab},
};

/// Copies a link with the address, subprotocols and draft of `tab`, without their secrets. The link
/// holds them in its fragment, which no server receives. The relay's options are left out.
pub(super) fn copy_link(tab: Tab) {
    let whole = tab.target.get_untracked();
    let Target { url, subprotocols, .. } = whole.clone().stored();
    let address = mask_url(&url, "").into_owned();
    let is_less = address != whole.url || subprotocols != whole.subprotocols;
    let notice = if is_less { Notice::WithoutSecrets } else { Notice::Copied };
    let Draft { form, text } = tab.engine.draft.get_untracked();
    if address.is_empty() && text.is_empty() {
        return tab.engine.notify(Notice::Address(AddressError::Empty));
    }
    match (ShareLink { address, subprotocols, text, form }).to_fragment() {
        Ok(fragment) => {
            let link = page_url().unwrap_or_default() + &fragment;
            tab.engine.copy_as(&link, notice);
        }
        Err(error) => tab.engine.notify(Notice::Link(error)),
    }
}

/// Opens a tab for the share link in the page's address, if there is one, and removes it there, so that a reload opens
/// no other. A link that finds no room stays.
pub(crate) fn open_link(tabs: Tabs) {
    match ShareLink::from_fragment(&fragment()) {
        Ok(None) => return,
        Ok(Some(link)) => {
            if !fill_tab(tabs, link) {
                return;
            }
        }
        Err(error) => tabs.notify(Notice::Link(error)),
    }
    drop_fragment();
}

/// Opens a tab with the content of a link; returns false at the limit of tabs. It does not connect: the address may be
/// anybody's.
fn fill_tab(tabs: Tabs, link: ShareLink) -> bool {
    let filled = Notice::Filled {
        address: !link.address.is_empty(),
        subprotocols: link.subprotocols.len(),
        draft: !link.text.is_empty(),
    };
    let content = OpenTab {
        list: new_list(),
        target: Target { url: link.address, subprotocols: link.subprotocols, relay: None },
        draft: Draft::new(link.form, link.text),
        ..OpenTab::default()
    };
    let tab = tabs.put(content);
    if let Some(tab) = tab {
        tab.engine.notify(filled);
    }
    tab.is_some()
}
