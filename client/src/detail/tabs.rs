//! Which view of the message is shown: a tab list after the ARIA Authoring Practices, in which the
//! arrow keys choose.

use leptos::{ev, prelude::*};

use super::words::words;
use crate::ui::element::{Element, Place};

/// The element that the tabs control.
pub(super) const PANEL: &str = "detail-panel";

/// A view of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Text,
    Json,
    Hex,
    Compare,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Hex, Self::Compare];

    /// The id of its element.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Text => "detail-tab-text",
            Self::Json => "detail-tab-json",
            Self::Hex => "detail-tab-hex",
            Self::Compare => "detail-tab-compare",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Text => words().text,
            Self::Json => "JSON",
            Self::Hex => words().hex,
            Self::Compare => words().compare,
        }
    }

    /// The tab that `key` leads to from this one, of the first `count`.
    fn after(self, key: &str, count: usize) -> Option<Self> {
        let place = self as usize;
        let next = match key {
            "ArrowRight" => (place + 1) % count,
            "ArrowLeft" => (place + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return None,
        };
        Some(Self::ALL[next])
    }
}

pub(super) fn tabs(
    shown: impl Fn() -> Tab + Copy + Send + Sync + 'static,
    has_compare: impl Fn() -> bool + Copy + Send + Sync + 'static,
    chosen: RwSignal<Option<Tab>>,
) -> Element {
    let buttons = Tab::ALL.map(|_| Place::new());
    let on_key = move |event: ev::KeyboardEvent| {
        let count = Tab::ALL.len() - usize::from(!untrack(has_compare));
        if let Some(tab) = untrack(shown).after(&event.key(), count) {
            event.prevent_default();
            chosen.set(Some(tab));
            if let Some(button) = buttons[tab as usize].get_untracked() {
                let _ = button.focus();
            }
        }
    };
    let tab = move |tab: Tab| {
        let is_hidden = move || tab == Tab::Compare && !has_compare();
        Element::button("", move || chosen.set(Some(tab)))
            .attribute("role", "tab")
            .attribute("id", tab.id())
            .attribute("aria-controls", PANEL)
            .live("aria-selected", move || Some((shown() == tab).to_string()))
            .live("tabindex", move || Some(if shown() == tab { "0" } else { "-1" }.to_owned()))
            .live("hidden", move || is_hidden().then(String::new))
            .at(buttons[tab as usize])
            .text(tab.label())
    };
    Element::new("div", "detail-tabs")
        .attribute("role", "tablist")
        .attribute("aria-label", words().views)
        .on("keydown", on_key)
        .children(Tab::ALL.map(tab))
}
