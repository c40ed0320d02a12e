//! Status of the message list: filter results, pause, evicted and cleared rows.

use leptos::prelude::*;

use super::{chips::Chips, words::words};
use crate::{
    tabs::tab::Tab,
    ui::{button::UndoLine, show::Show},
};

/// Active filters, and the number of rows they let through: over the first row of the list.
#[component]
pub(crate) fn FoundLine(tab: Tab) -> impl IntoView {
    view! {
        <div class="found-line">
            <Chips tab />
            <ListStatus tab />
        </div>
    }
}

/// Line of counts (see `status`), with undo and discard for 20 s after a clear. The search box
/// names it as its description, by the id `list-status`.
#[component]
fn ListStatus(tab: Tab) -> impl IntoView {
    let words = &words().status;
    let status = Memo::new(move |_| status(tab));
    let cleared = tab.engine.part(|it| it.cleared);
    let is_paused =
        tab.engine.part(|it| it.since_pause.is_some() || it.connection.is_reading == Some(false));
    view! {
        <p
            class="list-status"
            class:paused=move || is_paused.get()
            class:wrong=move || tab.engine.query_error.with(Option::is_some)
            id="list-status"
            role="status"
        >
            // Counts change with each snapshot; the announcer reads the result of a search.
            <span aria-live="off">{move || status.get()}</span>
            <Show when=move || cleared.get() != 0 && tab.engine.query_error.with(Option::is_none)>
                <UndoLine
                    class="cleared"
                    says=move || (words.cleared)(cleared.get())
                    on_undo=move || tab.unclear()
                    discard=words.discard
                    on_discard=move || tab.forget()
                />
            </Show>
        </p>
    }
}

/// Text of the status line, its parts between dots: paused reading, then an error in the query, else those of the
/// counts that apply: matches of rows held, rows still to be searched, rows since the pause, rows evicted.
pub(super) fn status(tab: Tab) -> String {
    let words = &words().status;
    let error = tab.engine.query_error.get();
    let is_filtered = tab.query.with(|query| !query.active_filters().is_empty());
    tab.engine.snapshot.with(|it| {
        let mut parts = Vec::new();
        if it.connection.is_reading == Some(false) {
            parts.push(words.not_reading.to_owned());
        }
        if let Some(error) = error {
            parts.push((words.query_error)(&error));
            return parts.join(" · ");
        }
        if is_filtered {
            parts.push((words.found)(it.listed.end - it.listed.start, it.held));
        }
        if it.unfiltered > 0 {
            parts.push((words.searching)(it.unfiltered));
        }
        if let Some(new) = it.since_pause {
            parts.push((words.paused)(new));
        }
        if it.folded > 0 {
            parts.push((words.folded)(it.folded));
        }
        if it.evicted > 0 {
            parts.push((words.evicted)(it.evicted));
        }
        parts.join(" · ")
    })
}
