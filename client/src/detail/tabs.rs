//! Which view of the message is shown: a tab list after the ARIA Authoring Practices, in which the
//! arrow keys choose.

use leptos::{ev, html, prelude::*};

use super::words;

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
            Self::Text => "Text",
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

#[component]
pub(super) fn Tabs(
    #[prop(into)] shown: Signal<Tab>,
    has_compare: Signal<bool>,
    on_choose: Callback<Tab>,
) -> impl IntoView {
    let buttons: [NodeRef<html::Button>; Tab::ALL.len()] = Default::default();
    let on_key = move |event: ev::KeyboardEvent| {
        let count = Tab::ALL.len() - usize::from(!has_compare.get_untracked());
        if let Some(tab) = shown.get_untracked().after(&event.key(), count) {
            event.prevent_default();
            on_choose.run(tab);
            if let Some(button) = buttons[tab as usize].get_untracked() {
                let _ = button.focus();
            }
        }
    };
    let tab = move |tab: Tab| {
        let is_shown = move || shown.get() == tab;
        view! {
            <button
                type="button"
                role="tab"
                id=tab.id()
                aria-controls=PANEL
                aria-selected=move || is_shown().to_string()
                tabindex=move || if is_shown() { "0" } else { "-1" }
                hidden=move || tab == Tab::Compare && !has_compare.get()
                node_ref=buttons[tab as usize]
                on:click=move |_| on_choose.run(tab)
            >
                {tab.label()}
            </button>
        }
    };
    view! {
        <div class="detail-tabs" role="tablist" aria-label=words::VIEWS on:keydown=on_key>
            {Tab::ALL.map(tab).collect_view()}
        </div>
    }
}
