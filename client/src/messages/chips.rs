//! Chips: the active filters, each with a click that removes it.

use leptos::prelude::*;
use workbench::log::{ActiveFilter, Query};

use super::words::words;
use crate::{
    tabs::tab::Tab,
    ui::{button::Button, show::Show},
};

/// Row of chips, one for each active filter of the tab's query, in the order of the query. From two
/// on, a last button removes all.
#[component]
pub(super) fn Chips(tab: Tab) -> impl IntoView {
    let words = &words().chips;
    let filters = move || tab.query.with(Query::active_filters);
    let clear = move || {
        tab.find(|query| query.active_filters().iter().for_each(|it| query.remove(it)));
    };
    let chip = move |filter: ActiveFilter| view! { <Chip tab filter /> };
    let chips = move || filters().into_iter().map(chip).collect_view();
    view! {
        <div class="chips" role="group" aria-label=words.title>
            {move || chips()}
            <Show when=move || { filters().len() > 1 }>
                <Button class="chip clear-filters" label=words.clear on_click=clear />
            </Show>
        </div>
    }
}

/// Active filter by its name, as a button that removes it from the query. The list follows its end
/// again.
#[component]
fn Chip(tab: Tab, filter: ActiveFilter) -> impl IntoView {
    let words = &words().chips;
    let name = (words.name)(&filter);
    let remove = (words.remove)(&name);
    view! {
        <button
            type="button"
            class="chip"
            aria-label=remove.clone()
            title=remove
            on:click=move |_| tab.find(|query| query.remove(&filter))
        >
            <span class="chip-name">{name}</span>
            <span aria-hidden="true">"×"</span>
        </button>
    }
}
