//! Connection options, folded by default, as tabs: endpoint options, query, subprotocols, route, reconnection, saved
//! connections.

pub(super) mod options_tab;
mod preset_options;
mod query;
mod reconnect;
mod route;
mod saved;
mod subprotocols;

use leptos::{ev, prelude::*};
use session::Retries;
use workbench::connect::Preset;

use self::{
    options_tab::OptionsTab, preset_options::PresetOptions, query::Query, reconnect::Reconnect,
    route::Route, saved::Saved, subprotocols::Subprotocols,
};
use crate::{
    browser::dom::{focus::has_focus, keyboard::is_composing},
    connect::{form::ConnectForm, words::words},
    ui::{aria, show::Show, tab_list::TabList},
};

/// Disclosure button, with a mark if something is set that the address does not show, and the options, which exist
/// only while they are unfolded.
#[component]
pub(super) fn Options(
    form: ConnectForm,
    /// Endpoints of the page's server; the one in the address gives the first group.
    presets: Signal<Vec<Preset>>,
    retries: RwSignal<Retries>,
    on_connect: Callback<()>,
) -> impl IntoView {
    let words = &words().options;
    let is_expanded = form.is_expanded;
    // Endpoint of the address, if it has options.
    let preset = Memo::new(move |_| {
        let origin = form.origin()?;
        let fits = |it: &Preset| {
            !it.options.is_empty() && form.target.address.with(|address| it.fits(address, &origin))
        };
        presets.with(|presets| presets.iter().position(fits))
    });
    let set = Memo::new(move |_| {
        let has_subprotocol =
            form.target.subprotocols.with(|names| names.iter().any(|name| !name.is_empty()));
        let groups = [
            (OptionsTab::Subprotocols, has_subprotocol),
            (OptionsTab::Route, form.target.relay.with(Option::is_some)),
            (OptionsTab::Reconnect, retries.get() != Retries::UNLIMITED),
        ];
        let set = groups.into_iter().filter(|(_, is_set)| *is_set);
        set.map(|(tab, _)| (words.tab)(tab)).collect::<Vec<_>>().join(", ")
    });
    let is_set = move || set.with(|it| !it.is_empty());
    let title = move || {
        if is_set() { set.with(|it| (words.set)(it)) } else { words.contents.to_owned() }
    };
    view! {
        <button
            type="button"
            class="unfold"
            aria-controls=form.id("options")
            aria-expanded=move || aria(is_expanded.get())
            title=title
            on:click=move |_| is_expanded.update(|it| *it = !*it)
        >
            <span class="arrow" aria-hidden="true"></span>
            {words.title}
            <Show when=move || is_set() || form.wrong_tab().is_some()>
                <span class="set-mark" class:of-mistake=move || form.wrong_tab().is_some() aria-hidden="true"></span>
            </Show>
        </button>
        <div class="options" id=form.id("options")>
            <Show when=move || is_expanded.get()>
                <Groups form presets preset retries on_connect />
            </Show>
        </div>
    }
}

/// Groups of options, a tab each. Enter in a field connects, as in the address box, except in the
/// groups of reconnection and saved connections.
#[component]
fn Groups(
    form: ConnectForm,
    presets: Signal<Vec<Preset>>,
    /// Index of the endpoint in the address, if it has options.
    preset: Memo<Option<usize>>,
    retries: RwSignal<Retries>,
    on_connect: Callback<()>,
) -> impl IntoView {
    let words = &words().options;
    let shown = move || match form.options_tab.get() {
        OptionsTab::Endpoint if preset.get().is_none() => OptionsTab::Query,
        tab => tab,
    };
    let is_hidden = move |tab: OptionsTab| move || shown() != tab;
    // As in the address box: the fields are parts of what is connected to.
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() != "Enter" || is_composing(&event) || !has_focus("input, select") {
            return;
        }
        // The fields of these two are no parts of it.
        if !matches!(untrack(shown), OptionsTab::Reconnect | OptionsTab::Saved) {
            event.prevent_default();
            on_connect.run(());
        }
    };
    view! {
        <TabList
            class="options-tabs"
            label=words.title
            tabs=OptionsTab::ALL.map(|tab| (tab_id(form, tab), (words.tab)(tab))).into()
            panel=form.id("options-panel")
            shown=move || shown() as usize
            optional=OptionsTab::Endpoint as usize
            is_offered=move || preset.get().is_some()
            wrong=Signal::derive(move || form.wrong_tab().map(|tab| tab as usize))
            on_choose=move |index: usize| form.options_tab.set(OptionsTab::ALL[index])
        />
        <div
            class="options-panel"
            role="tabpanel"
            id=form.id("options-panel")
            aria-labelledby=move || tab_id(form, shown())
            on:keydown=on_key
        >
            <PresetOptions form presets index=preset attr:hidden=is_hidden(OptionsTab::Endpoint) />
            <Query form attr:hidden=is_hidden(OptionsTab::Query) />
            <Subprotocols form attr:hidden=is_hidden(OptionsTab::Subprotocols) />
            <Route form attr:hidden=is_hidden(OptionsTab::Route) />
            <Reconnect form retries attr:hidden=is_hidden(OptionsTab::Reconnect) />
            {form.target.library.map(|library| view! {
                <Saved form library attr:hidden=is_hidden(OptionsTab::Saved) />
            })}
        </div>
    }
}

/// Element id of a tab.
fn tab_id(form: ConnectForm, tab: OptionsTab) -> String {
    form.id(&format!("options-{}", tab as usize))
}
