//! Metrics: a summary line at the bottom of the page, and charts, figures and a table that unfold
//! above it.

mod charts;
mod cursor;
mod groups;
mod measured;
mod plot;
mod summary;
mod table;
mod words;

use std::sync::Arc;

use leptos::prelude::*;
use workbench::engine::Snapshot;

use self::{
    charts::Charts,
    cursor::Cursor,
    groups::Groups,
    measured::Measured,
    summary::{PANEL, Summary},
    table::SecondsTable,
    words::words,
};

/// Metrics of `snapshot`: the summary line, and all of them while `is_unfolded`.
#[component]
pub fn MetricsBar(
    #[prop(into)] snapshot: Signal<Arc<Snapshot>>,
    is_unfolded: RwSignal<bool>,
) -> impl IntoView {
    let measured = Measured::new(snapshot);
    view! {
        <footer class="measure">
            <Summary measured is_unfolded />
            <Show when=move || is_unfolded.get()>
                <Panel measured />
            </Show>
        </footer>
    }
}

#[component]
fn Panel(measured: Measured) -> impl IntoView {
    let words = words();
    let has_messages = Memo::new(move |_| measured.has_messages());
    view! {
        <section class="measured" id=PANEL aria-label=words.title>
            <Show
                when=move || has_messages.get()
                fallback=move || view! { <p class="notice">{words.no_messages}</p> }
            >
                <AllMetrics measured />
            </Show>
        </section>
    }
}

#[component]
fn AllMetrics(measured: Measured) -> impl IntoView {
    let cursor = Cursor::new(measured);
    let readout = move || cursor.figures().unwrap_or_else(|| words().how_to_read.to_owned());
    view! {
        <div class="measured-parts">
            <Charts measured cursor />
            <p class="readout notice" role="status">{readout}</p>
            <Groups measured />
            <SecondsTable measured />
        </div>
    }
}
