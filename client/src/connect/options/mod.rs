//! Connection options, folded by default: endpoint options, query, subprotocols, reconnection.

mod part_rows;
mod preset_options;
mod query;
mod reconnect;
mod subprotocols;

use leptos::prelude::*;
use session::Retries;
use workbench::connect::Preset;

use self::{
    preset_options::PresetOptions, query::Query, reconnect::Reconnect, subprotocols::Subprotocols,
};
use crate::connect::{form::ConnectForm, words::words};

/// Disclosure button and the options.
#[component]
pub(super) fn Options(
    form: ConnectForm,
    presets: Signal<Vec<Preset>>,
    retries: RwSignal<Retries>,
) -> impl IntoView {
    let words = &words().options;
    let is_expanded = form.is_expanded;
    view! {
        <button
            type="button"
            class="unfold"
            aria-controls=form.id("options")
            aria-expanded=move || is_expanded.get().to_string()
            on:click=move |_| is_expanded.update(|it| *it = !*it)
        >
            <span class="arrow" aria-hidden="true"></span>
            // The list of contents is hidden on narrow screens.
            <span>{words.title}<span class="beyond">{words.contents}</span></span>
        </button>
        <div class="options" id=form.id("options")>
            <PresetOptions form presets />
            <Show when=move || is_expanded.get()>
                <Query form />
                <Subprotocols form />
                <Reconnect form retries />
            </Show>
        </div>
    }
}
