//! Views of the message as a tab list (ARIA Authoring Practices): arrow keys change the view.

use leptos::{ev, html, prelude::*};

use super::words::words;

/// Id of the element that the tabs control.
pub(super) const PANEL: &str = "detail-panel";

/// A view of the message. Also its index in [`Self::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// Text by the chosen encoding.
    Text,
    /// Tree of a JSON message.
    Json,
    /// Hexadecimal and ASCII.
    Hex,
    /// Differences from another message; offered while one is compared.
    Compare,
}

impl Tab {
    /// All views, in the order of the tab list; the comparison is last.
    const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Hex, Self::Compare];

    /// Id of the tab's element. The panel names it as its label.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Text => "detail-tab-text",
            Self::Json => "detail-tab-json",
            Self::Hex => "detail-tab-hex",
            Self::Compare => "detail-tab-compare",
        }
    }

    /// Name of the view.
    fn label(self) -> &'static str {
        match self {
            Self::Text => words().text,
            Self::Json => "JSON",
            Self::Hex => words().hex,
            Self::Compare => words().compare,
        }
    }

    /// Tab to which `key` leads from this one, of the first `count`. `None` for other keys. Arrows
    /// wrap around.
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

/// Tab list (ARIA) of the views. A change of view moves the focus with it. The comparison's tab is hidden while nothing is
/// compared.
#[component]
pub(super) fn TabList(
    /// View in the panel.
    #[prop(into)]
    shown: Signal<Tab>,
    /// True while the comparison is offered.
    #[prop(into)]
    is_comparing: Signal<bool>,
    /// Receives the chosen view.
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
