//! Values of the charts as a table, for screen readers. It exists only while it is open.

use leptos::{ev, prelude::*};
use workbench::metrics::Second;

use super::{
    measured::{Measured, time_of_second},
    words::words,
};
use crate::{
    language::{format, shared},
    ui::{keyed::keyed, show::Show},
};

/// Disclosure of the table. The browser's own toggle is prevented, so that the table is rendered
/// before it shows.
#[component]
pub(super) fn SecondsTable(measured: Measured) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let toggle = move |event: ev::MouseEvent| {
        event.prevent_default();
        is_open.update(|it| *it = !*it);
    };
    view! {
        <details class="as-table" open=move || is_open.get()>
            <summary on:click=toggle>{words().table}</summary>
            <Show when=move || is_open.get()>
                <OpenTable measured />
            </Show>
        </details>
    }
}

/// Table of the seconds with traffic, newest first, keyed by their start: a row moves without being
/// rendered anew. Scrolled by keyboard.
#[component]
fn OpenTable(measured: Measured) -> impl IntoView {
    let words = words();
    let columns = [
        words.time,
        shared().sent,
        words.sent_bytes,
        shared().received,
        words.received_bytes,
        words.echoes,
        words.mean,
        words.max,
    ];
    let columns = columns.into_iter().map(|name| view! { <th scope="col">{name}</th> });
    let seconds = move || {
        let shown = |(at, second): &(u64, Second)| (!second.is_silent()).then_some(*at);
        measured.seconds.with(|seconds| seconds.iter().rev().filter_map(shown).collect())
    };
    // A row keeps its element while it moves, so that a screen reader stays on it.
    let row = move |at| view! { <TableRow measured at /> }.into_any();
    view! {
        <div class="table-scroller" tabindex="0" role="region" aria-label=words.table>
            <table>
                <caption>{words.table_caption}</caption>
                <thead>
                    <tr>{columns.collect_view()}</tr>
                </thead>
                <tbody>{keyed(Signal::derive(seconds), Callback::new(row))}</tbody>
            </table>
        </div>
    }
}

/// Row of one second, since the epoch. A dash stands for a time without round trips.
#[component]
fn TableRow(measured: Measured, at: u64) -> impl IntoView {
    let second = Memo::new(move |_| {
        let found = |seconds: &Vec<(u64, Second)>| seconds.iter().find(|it| it.0 == at).copied();
        measured.seconds.with(found).unwrap_or_default().1
    });
    let cells = move || {
        let (second, format) = (second.get(), format());
        let span = |time: Option<_>| time.map_or_else(|| "–".to_owned(), format.span);
        let mean = second.mean();
        let cells = [
            (format.count)(second.sent.messages),
            (format.size)(second.sent.bytes),
            (format.count)(second.received.messages),
            (format.size)(second.received.bytes),
            (format.count)(second.round_trips),
            span(mean),
            span(mean.map(|_| second.longest)),
        ];
        cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()
    };
    view! {
        <tr>
            <th scope="row">{time_of_second(at)}</th>
            {move || cells()}
        </tr>
    }
}
