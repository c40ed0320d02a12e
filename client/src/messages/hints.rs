//! Hints over the message list: an empty list, and new messages below the view.

use leptos::prelude::*;
use session::{Message, State};
use workbench::log::{LogEvent, Query, Row, RowContent};

use super::words::words;
use crate::{
    tabs::tab::Tab,
    ui::{button::Button, show::Show, viewport::Viewport},
};

/// Hint of an empty list: no matches, with an offer to take the words for a condition on a field, no connection, a
/// pause, or a first message to send. At most one of them applies.
#[component]
pub(super) fn EmptyHint(tab: Tab) -> impl IntoView {
    let words = &words().list;
    let snapshot = tab.engine.snapshot;
    let is_empty = move || snapshot.with(|it| it.listed.is_empty() && it.unfiltered == 0);
    let has_entries = move || snapshot.with(|it| it.held > 0);
    let is_filtered = move || tab.query.with(|query| !query.active_filters().is_empty());
    let is_paused =
        move || is_empty() && !is_filtered() && snapshot.with(|it| it.since_pause.is_some());
    let has_messages = move || snapshot.with(|it| it.sent.messages + it.received.messages > 0);
    // Restored and imported rows end with a divider. More than a few rows would lie below the hint.
    let has_rows = move || {
        let is_earlier = |row: &Row| {
            matches!(
                row.shows,
                RowContent::Message { .. } | RowContent::Event(LogEvent::Imported(_))
            )
        };
        snapshot.with(|it| it.held > 2 || it.rows.iter().any(is_earlier))
    };
    let state = tab.engine.state;
    let can_send = move || state.with(State::can_send);
    let is_idle = move || !has_entries() && state.get() == State::Idle(None);
    let by_field = move || {
        let query = tab.query.with(Query::by_field)?;
        let label = (words.by_field)(&query.field);
        let apply = move |_| tab.find(|it| *it = query.clone());
        Some(view! { <button type="button" on:click=apply>{label}</button> })
    };
    let send_first = move || tab.engine.send(Message::Text("hi".to_owned()));
    view! {
        <Show when=move || is_empty() && has_entries() && is_filtered()>
            <div class="empty">
                <p>{words.no_matches}</p>
                {move || by_field()}
            </div>
        </Show>
        <Show when=is_idle>
            <p class="empty unconnected">{words.not_connected}</p>
        </Show>
        <Show when=move || is_paused() && !is_idle()>
            <p class="empty">{words.paused}</p>
        </Show>
        <Show when=move || {
            !has_messages() && !has_rows() && can_send() && !is_paused()
        }>
            <div class="empty">
                <p>{words.first_message}</p>
                <Button label=words.send_first on_click=send_first />
            </div>
        </Show>
    }
}

/// Button that counts the rows added below the view and jumps to the newest; absent while that is in view. Its number
/// starts at the end of the list as it was when scrolling left it. Rows cleared or evicted meanwhile do not lower it.
#[component]
pub(super) fn JumpToNewest(tab: Tab, viewport: Viewport) -> impl IntoView {
    let end = tab.engine.part(|it| it.listed.end);
    // The end of the list at the moment when it was scrolled away from.
    let seen = Memo::new(move |before: Option<&(u64, bool)>| match before {
        Some((seen, false)) if !tab.follows.get() => (*seen, false),
        _ => (end.get(), tab.follows.get()),
    });
    let label = move || match end.get().saturating_sub(seen.get().0) {
        0 => words().list.jump_to_newest.to_owned(),
        new => (words().list.new)(new),
    };
    view! {
        <Show when=move || !tab.follows.get() && viewport.in_view().end < viewport.span.get().rows.end>
            <button type="button" class="to-newest" on:click=move |_| viewport.jump_to_end()>
                {move || label()} <span aria-hidden="true">" ↓"</span>
            </button>
        </Show>
    }
}
