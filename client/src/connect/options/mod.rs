//! Connection options, folded by default, as tabs: endpoint options, query, subprotocols, route, reconnection, saved
//! connections.

mod credentials;
pub(super) mod kind;
mod pairs;
mod part_rows;
mod preset_options;
mod query;
mod reconnect;
mod route;
mod saved;
mod subprotocols;

use leptos::{ev, html, prelude::*};
use session::Retries;
use workbench::connect::Preset;

use self::{
    kind::OptionsTab, preset_options::PresetOptions, query::Query, reconnect::Reconnect,
    route::Route, saved::Saved, subprotocols::Subprotocols,
};
use crate::{
    browser::dom::{
        focus::{focus_node, has_focus},
        keyboard::is_composing,
    },
    connect::{form::ConnectForm, words::words},
    ui::show::Show,
};

/// Disclosure button, with a mark if the endpoint of the address has options, and the options, which
/// exist only while they are unfolded. Enter in a field connects, as in the address box, except in
/// the groups of reconnection and saved connections.
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
            !it.options.is_empty() && form.address.with(|address| it.fits(address, &origin))
        };
        presets.with(|presets| presets.iter().position(fits))
    });
    let shown = Memo::new(move |_| match form.options_tab.get() {
        OptionsTab::Endpoint if preset.get().is_none() => OptionsTab::Query,
        tab => tab,
    });
    let contents = move || {
        let own = preset.get().map(|index| {
            let path = presets.with(|presets| presets.get(index).map(|it| it.path.clone()));
            (words.of_endpoint)(&path.unwrap_or_default())
        });
        own.unwrap_or_else(|| words.contents.to_owned())
    };
    let is_hidden = move |tab: OptionsTab| move || shown.get() != tab;
    // As in the address box: the fields are parts of what is connected to.
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() != "Enter" || is_composing(&event) || !has_focus("input, select") {
            return;
        }
        // The fields of these two are no parts of it.
        if !matches!(shown.get_untracked(), OptionsTab::Reconnect | OptionsTab::Saved) {
            event.prevent_default();
            on_connect.run(());
        }
    };
    view! {
        <button
            type="button"
            class="unfold"
            aria-controls=form.id("options")
            aria-expanded=move || is_expanded.get().to_string()
            title=contents
            on:click=move |_| is_expanded.update(|it| *it = !*it)
        >
            <span class="arrow" aria-hidden="true"></span>
            {words.title}
            <Show when=move || preset.get().is_some()>
                <span class="own" aria-hidden="true"></span>
            </Show>
        </button>
        <div class="options" id=form.id("options")>
            <Show when=move || is_expanded.get()>
                <TabList form shown has_endpoint=Signal::derive(move || preset.get().is_some()) />
                <div
                    class="options-panel"
                    role="tabpanel"
                    id=form.id("options-panel")
                    aria-labelledby=move || tab_id(form, shown.get())
                    on:keydown=on_key
                >
                    <PresetOptions form presets index=preset attr:hidden=is_hidden(OptionsTab::Endpoint) />
                    <Query form attr:hidden=is_hidden(OptionsTab::Query) />
                    <Subprotocols form attr:hidden=is_hidden(OptionsTab::Subprotocols) />
                    <Route form attr:hidden=is_hidden(OptionsTab::Route) />
                    <Reconnect form retries attr:hidden=is_hidden(OptionsTab::Reconnect) />
                    {form.library().map(|library| view! {
                        <Saved form library attr:hidden=is_hidden(OptionsTab::Saved) />
                    })}
                </div>
            </Show>
        </div>
    }
}

fn tab_id(form: ConnectForm, tab: OptionsTab) -> String {
    form.id(&format!("options-{}", tab as usize))
}

/// Tabs (ARIA Authoring Practices): arrow keys go from one to the next and wrap around, Home and
/// End to the first and last. Only the shown tab is in the tab order.
#[component]
fn TabList(
    form: ConnectForm,
    shown: Memo<OptionsTab>,
    has_endpoint: Signal<bool>,
) -> impl IntoView {
    let words = &words().options;
    let buttons = OptionsTab::ALL.map(|_| NodeRef::<html::Button>::new());
    let on_key = move |event: ev::KeyboardEvent| {
        // The first is there only for an endpoint with options.
        let first = usize::from(!has_endpoint.get_untracked());
        let (at, last) = (shown.get_untracked() as usize, OptionsTab::ALL.len() - 1);
        let to = match event.key().as_str() {
            "ArrowRight" => {
                if at == last {
                    first
                } else {
                    at + 1
                }
            }
            "ArrowLeft" => {
                if at <= first {
                    last
                } else {
                    at - 1
                }
            }
            "Home" => first,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        form.options_tab.set(OptionsTab::ALL[to]);
        focus_node(buttons[to]);
    };
    let tab = move |tab: OptionsTab| {
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(form, tab)
                aria-controls=form.id("options-panel")
                aria-selected=move || (shown.get() == tab).to_string()
                tabindex=move || if shown.get() == tab { "0" } else { "-1" }
                hidden=move || tab == OptionsTab::Endpoint && !has_endpoint.get()
                node_ref=buttons[tab as usize]
                on:click=move |_| form.options_tab.set(tab)
            >
                {(words.tab)(tab)}
            </button>
        }
    };
    view! {
        <div class="options-tabs" role="tablist" aria-label=words.title on:keydown=on_key>
            {OptionsTab::ALL.map(tab)}
        </div>
    }
}
