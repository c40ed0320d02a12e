//! Which view of the message is shown: a tab list after the ARIA Authoring Practices, in which the
//! arrow keys choose.

use leptos::{ev, html, prelude::*};

use super::{click, words};

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
            Self::Text => words::TEXT,
            Self::Json => "JSON",
            Self::Hex => "Hex",
            Self::Compare => words::COMPARE,
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
    shown: impl Fn() -> Tab + Copy + Send + 'static,
    has_compare: impl Fn() -> bool + Copy + Send + 'static,
    chosen: RwSignal<Option<Tab>>,
) -> impl IntoView {
    let buttons: [NodeRef<html::Button>; Tab::ALL.len()] = Default::default();
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
        view! {
            <button
                type="button"
                role="tab"
                id=tab.id()
                aria-controls=PANEL
                aria-selected=move || (shown() == tab).to_string()
                tabindex=move || if shown() == tab { "0" } else { "-1" }
                hidden=move || tab == Tab::Compare && !has_compare()
                node_ref=buttons[tab as usize]
                on:click=click(move || chosen.set(Some(tab)))
            >
                {tab.label()}
            </button>
        }
    };
    view! {
        <div class="detail-tabs" role="tablist" aria-label=words::VIEWS on:keydown=on_key>
            {Tab::ALL.map(tab)}
        </div>
    }
}
