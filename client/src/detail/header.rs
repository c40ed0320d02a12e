//! What message it is, and what can be done with it.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::detail::{Inspected, size_in_words};

use super::words;
use crate::clock::time_of_day;

#[component]
pub(super) fn Header(
    inspected: Signal<Option<Arc<Inspected>>>,
    is_comparing: Signal<bool>,
    on_close: Callback<()>,
    on_copy: Callback<u64>,
    on_compare: Callback<Option<u64>>,
) -> impl IntoView {
    let id = move || inspected.with_untracked(|message| message.as_ref().map(|it| it.id));
    let copy = move |_| {
        if let Some(id) = id() {
            on_copy.run(id);
        }
    };
    let compare = move |_| on_compare.run(id().filter(|_| !is_comparing.get_untracked()));
    let compare_label =
        move || if is_comparing.get() { words::STOP_COMPARING } else { words::COMPARE };
    view! {
        <header class="detail-header">
            {move || inspected.with(|message| message.as_deref().map(summary))}
            <div class="detail-actions">
                <button type="button" class="plain" on:click=copy>{words::COPY}</button>
                <button type="button" class="plain" on:click=compare>{compare_label}</button>
                <button type="button" class="plain close" on:click=move |_| on_close.run(())>
                    <span aria-hidden="true">"×"</span>
                    <span class="spoken">{words::CLOSE}</span>
                </button>
            </div>
        </header>
    }
}

/// Which way it went, when, and how long it is.
pub(super) fn summary(message: &Inspected) -> impl IntoView + use<> {
    let (arrow, direction) = words::direction(message.direction);
    view! {
        <p class="detail-summary" data-direction=direction>
            <span class="direction" title=direction>
                <span aria-hidden="true">{arrow}</span>
                <span class="spoken">{direction}</span>
            </span>
            <time>{time_of_day(message.at)}</time>
            <span>{words::kind(message)}</span>
            <span>{size_in_words(message.size)}</span>
        </p>
    }
}
