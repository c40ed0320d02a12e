//! The page as a whole.

mod aside;
mod conversation;
mod words;

use leptos::{ev, prelude::*};
use workbench::connect::Preset;

use self::{conversation::Conversation, words::words};
use crate::{
    browser::{
        dom::{
            failure::announce_panics,
            focus::{COMPOSER, focus_in_place, keep_focus},
        },
        file::chosen_file::{dragged_files, dropped_files},
    },
    connect::{Recents, presets},
    exchange::{FilesMenu, import, open_link},
    library::Library,
    settings::{Settings, SettingsMenu, Shortcuts},
    tabs::{open_tabs::Tabs, tab_bar::TabBar},
    ui::keyed::keyed,
};

/// Root view.
///
/// State lives here, outside of the views: a change of language renders them anew.
#[component]
#[must_use]
pub fn App() -> impl IntoView {
    announce_panics(|| words().failed);
    keep_focus();
    // Not by `autofocus`, which in a low window would scroll the connection out of view.
    request_animation_frame(|| focus_in_place(COMPOSER));
    let settings = Settings::load();
    let library = Library::load();
    let tabs = Tabs::load(settings, library);
    let (recents, presets) = (Recents::load(), presets());
    open_link(tabs);
    let hash_changes = window_event_listener(ev::hashchange, move |_| open_link(tabs));
    on_cleanup(move || hash_changes.remove());
    let languages = Signal::derive(move || vec![settings.language.get() as u64]);
    let page = move |_| {
        settings.language.get_untracked().speak();
        view! { <Page tabs settings library recents presets /> }.into_any()
    };
    keyed(languages, Callback::new(page))
}

/// Header and active tab; imports files that are dropped anywhere. The active tab is keyed by its
/// id, so that a change of tab renders its views anew while the tabs' own state stays.
#[component]
fn Page(
    /// Open tabs, created outside of this view, so that a change of language keeps connections.
    tabs: Tabs,
    /// Settings of all tabs; the theme becomes the CSS `color-scheme` of the page.
    settings: Settings,
    library: Library,
    /// Addresses used before, for the address box of any tab.
    recents: Recents,
    /// Endpoints of the page's own server, fetched once.
    presets: Signal<Vec<Preset>>,
) -> impl IntoView {
    let active =
        Signal::derive(move || tabs.active().map(|tab| tab.id.into()).into_iter().collect());
    let is_dragged_over = dragged_files();
    let on_drop = move |event: ev::DragEvent| {
        // The composer, for one, handles files itself.
        if !event.default_prevented() {
            import(tabs, dropped_files(&event));
        }
    };
    let conversation = move |_| {
        let tab = untrack(|| tabs.active());
        tab.map(|tab| view! { <Conversation tab settings recents presets /> }).into_any()
    };
    view! {
        <div
            class="page"
            class:takes-files=move || is_dragged_over.get()
            style:color-scheme=move || settings.theme.get().color_scheme()
            on:drop=on_drop
        >
            <header>
                <h1>{words().name}</h1>
                <TabBar tabs />
                <FilesMenu tabs library />
                <SettingsMenu settings />
                <Shortcuts settings />
            </header>
            {keyed(active, Callback::new(conversation))}
        </div>
    }
}
