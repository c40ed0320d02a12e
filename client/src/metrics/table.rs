//! The figures of the charts as a table, for who cannot see them. It is made while it is open.

use leptos::{ev, prelude::*};
use workbench::metrics::Second;

use super::{Measured, time_of_second, words::words};
use crate::{language::format, ui::element::Element};

pub(super) fn table(measured: Measured) -> Element {
    let words = words();
    let is_open = RwSignal::new(false);
    Element::new("details", "as-table")
        .live("open", move || is_open.get().then(String::new))
        .children([Element::new("summary", "").text(words.table).on(
            "click",
            move |event: ev::MouseEvent| {
                event.prevent_default();
                is_open.update(|it| *it = !*it);
            },
        )])
        .live_child(move || if is_open.get() { open(measured).view() } else { ().into_any() })
}

fn open(measured: Measured) -> Element {
    let words = words();
    let columns = [
        words.time,
        words.sent,
        words.sent_bytes,
        words.received,
        words.received_bytes,
        words.count,
        words.mean,
        words.longest,
    ];
    let header = |name| Element::new("th", "").attribute("scope", "col").text(name);
    let head = Element::new("tr", "").children(columns.map(header));
    let seconds = move || {
        let is_shown = |(_, second): &&(u64, Second)| !second.is_silent();
        measured
            .seconds
            .with(|seconds| seconds.iter().rev().filter(is_shown).copied().collect::<Vec<_>>())
    };
    // A row stays the same element while it moves, so that whoever reads it does not lose it.
    let key = |(at, second): &(u64, Second)| (*at, second.sent.messages, second.received.messages);
    let rows = view! { <For each=seconds key=key children=move |it| row(it).view() /> };
    let table = Element::new("table", "").children([
        Element::new("caption", "").text(words.table_caption),
        Element::new("thead", "").children([head]),
        Element::new("tbody", "").child(rows.into_any()),
    ]);
    Element::new("div", "table-scroller")
        .attribute("tabindex", "0")
        .attribute("role", "region")
        .attribute("aria-label", words.table)
        .children([table])
}

fn row((at, second): (u64, Second)) -> Element {
    let figures = format();
    let time = Element::new("th", "").attribute("scope", "row").text(&time_of_second(at));
    let span = |time: Option<_>| time.map_or_else(|| "–".to_owned(), figures.span);
    let mean = second.mean();
    let cells = [
        (figures.count)(second.sent.messages),
        (figures.size)(second.sent.bytes),
        (figures.count)(second.received.messages),
        (figures.size)(second.received.bytes),
        (figures.count)(second.round_trips),
        span(mean),
        span(mean.map(|_| second.longest)),
    ];
    let cell = |text: String| Element::new("td", "").text(&text);
    Element::new("tr", "").children([time]).children(cells.map(cell))
}
