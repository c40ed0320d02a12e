//! Views of the message as a tab list (ARIA Authoring Practices): arrow keys change the view.

use leptos::{ev, html, prelude::*};

use super::words::words;

/// Id of the element that the tabs control.
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

    /// Id of the tab's element.
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
        let index = self as usize;
        let next = match key {
            "ArrowRight" => (index + 1) % count,
            "ArrowLeft" => (index + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return None,
        };
        Some(Self::ALL[next])
    }
}

#[component]
pub(super) fn TabList(
    #[prop(into)] shown: Signal<Tab>,
    #[prop(into)] is_comparing: Signal<bool>,
    chosen: RwSignal<Option<Tab>>,
) -> impl IntoView {
    let buttons = Tab::ALL.map(|_| NodeRef::<html::Button>::new());
    let on_key = move |event: ev::KeyboardEvent| {
        let count = Tab::ALL.len() - usize::from(!is_comparing.get_untracked());
        if let Some(tab) = shown.get_untracked().after(&event.key(), count) {
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
                aria-selected=move || (shown.get() == tab).to_string()
                tabindex=move || if shown.get() == tab { "0" } else { "-1" }
                hidden=move || tab == Tab::Compare && !is_comparing.get()
                node_ref=buttons[tab as usize]
                on:click=move |_| chosen.set(Some(tab))
            >
                {tab.label()}
            </button>
        }
    };
    view! {
        <div class="detail-tabs" role="tablist" aria-label=words().views on:keydown=on_key>
            {Tab::ALL.map(tab)}
        </div>
    }
}
