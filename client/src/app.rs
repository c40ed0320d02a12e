//! The page as a whole.

use leptos::prelude::*;

use crate::{
    composer::Composer,
    list::{MessageList, Toolbar},
    notices::Notices,
    pins::Pins,
    settings::{Settings, Theme},
    tab::{Tab, Tabs},
    tab_bar::TabBar,
    tallies::Tallies,
};

/// The workbench. Its first tab connects to the server that served the page, if one did.
#[component]
#[must_use]
pub fn App() -> impl IntoView {
    let settings = Settings::new();
    let tabs = Tabs::new(settings);
    if let Some(tab) = untrack(|| tabs.active()).filter(|tab| !tab.name().is_empty()) {
        tab.connect();
    }
    let active = Memo::new(move |_| tabs.active().map(|tab| tab.id));
    view! {
        <div class="page" style:color-scheme=move || settings.theme.get().color_scheme()>
            <header>
                <h1>"Workbench"</h1>
                <TabBar tabs />
                <ThemeChoice settings />
            </header>
            {move || active.get().and_then(|_| untrack(|| tabs.active())).map(|tab| view! {
                <Workbench tab settings />
            })}
        </div>
    }
}

#[component]
fn Workbench(tab: Tab, settings: Settings) -> impl IntoView {
    view! {
        <main>
            <Notices shell=tab.shell />
            <div class="panes">
                <section class="pane" aria-label="Conversation">
                    <Toolbar tab settings />
                    <Pins shell=tab.shell />
                    <MessageList tab settings />
                </section>
            </div>
            <Composer shell=tab.shell />
            <Tallies shell=tab.shell />
        </main>
    }
}

#[component]
fn ThemeChoice(settings: Settings) -> impl IntoView {
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some((theme, _)) = Theme::ALL.into_iter().find(|(_, it)| *it == name) {
            settings.theme.set(theme);
        }
    };
    view! {
        <label class="theme">
            <span class="spoken">"Colours"</span>
            <select on:change=choose>
                {Theme::ALL.map(|(theme, name)| view! {
                    <option value=name selected=move || settings.theme.get() == theme>{name}</option>
                })}
            </select>
        </label>
    }
}
