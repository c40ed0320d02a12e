//! A row of the message list: a recycled DOM node, rebound to another entry on scroll.

use std::ops::Range;

use leptos::prelude::*;
use session::{Direction, PayloadKind, Time};
use workbench::log::{EntryRef, Line, Row, RowContent};

use super::words::words;
use crate::{
    EngineHandle,
    browser::clock::time_of_day,
    language::format,
    settings::{Settings, TimeShown},
};

#[component]
pub(crate) fn RowView(
    engine: EngineHandle,
    settings: Settings,
    /// Index in the rows of the snapshot.
    index: u64,
    /// Index of the row under the pointer.
    hovered: RwSignal<Option<u64>>,
) -> impl IntoView {
    let snapshot = engine.snapshot();
    let slot = usize::try_from(index).unwrap_or(usize::MAX);
    let row = Memo::new(move |_| snapshot.with(|snapshot| snapshot.rows.get(slot).cloned()));
    let is_inspected = Memo::new(move |_| {
        let inspected = snapshot.with(|snapshot| snapshot.inspected.map(|(id, _)| id));
        inspected.is_some() && row.with(|row| row.as_ref().map(|row| row.id)) == inspected
    });
    let began_at = Memo::new(move |_| snapshot.with(|snapshot| snapshot.began_at));
    let time = move || {
        let (shown, began_at) = (settings.time.get(), began_at.get());
        row.with(|row| row.as_ref().map(|row| time(row, shown, began_at)))
    };
    let inspect = move |_| {
        if let Some(row) = row.get_untracked() {
            engine.inspect(Some(EntryRef::Id(row.id)));
        }
    };
    view! {
        <div
            class="entry"
            id=format!("row-{index}")
            role="option"
            aria-selected=move || if is_inspected.get() { "true" } else { "false" }
            data-direction=move || row.with(|row| row.as_ref().map(direction))
            data-kind=move || row.with(|row| row.as_ref().map(kind))
            hidden=move || row.with(Option::is_none)
            on:click=inspect
            on:mouseenter=move |_| hovered.set(Some(index))
        >
            <time>{time}</time>
            <span class="size">{move || row.with(|row| row.as_ref().and_then(size))}</span>
            <span class="round-trip">
                {move || row.with(|row| row.as_ref().and_then(round_trip))}
            </span>
            <span class="direction">{move || row.with(|row| row.as_ref().map(arrow))}</span>
            <span class="payload">{move || row.with(|row| row.as_ref().map(payload))}</span>
        </div>
    }
}

fn time(row: &Row, shown: TimeShown, began_at: Option<Time>) -> String {
    let after = |earlier: Time| format!("+{}", (format().span)(row.at.since(earlier)));
    match shown {
        TimeShown::Clock => time_of_day(row.at),
        TimeShown::SinceStart => after(began_at.unwrap_or(row.at)),
        TimeShown::SinceBefore => row.before.map_or_else(|| "–".to_owned(), after),
    }
}

pub(super) fn direction(row: &Row) -> &'static str {
    match row.shows {
        RowContent::Message { direction: Direction::Out, .. } => "sent",
        RowContent::Message { direction: Direction::In, .. } => "received",
        RowContent::Opened { .. }
        | RowContent::Ended(_)
        | RowContent::Imported(_)
        | RowContent::Switched(_) => "event",
    }
}

pub(super) fn kind(row: &Row) -> &'static str {
    match row.shows {
        RowContent::Message { kind: PayloadKind::Text, .. } => "text",
        RowContent::Message { kind: PayloadKind::Binary, .. } => "binary",
        RowContent::Opened { .. } => "opened",
        RowContent::Ended(_) => "ended",
        RowContent::Imported(_) => "imported",
        RowContent::Switched(_) => "switched",
    }
}

/// Arrow of a message's direction, with its name for screen readers.
pub(super) fn arrow(row: &Row) -> AnyView {
    let RowContent::Message { direction, .. } = row.shows else { return "·".into_any() };
    let word = (format().direction)(direction);
    let arrow = match direction {
        Direction::Out => "↑",
        Direction::In => "↓",
    };
    view! { <span role="img" aria-label=word title=word>{arrow}</span> }.into_any()
}

pub(super) fn payload(row: &Row) -> AnyView {
    match &row.shows {
        RowContent::Message { line, .. } => marked(line),
        RowContent::Opened { negotiated, outage } => {
            (words().list.opened)(negotiated, *outage).into_any()
        }
        RowContent::Ended(reason) => (words().list.ended)(reason).into_any(),
        RowContent::Imported(imported) => (words().list.imported)(imported).into_any(),
        RowContent::Switched(switched) => (words().list.switched)(switched).into_any(),
    }
}

/// Line of text with its matches marked, and what is before its JSON set apart.
fn marked(line: &Line) -> AnyView {
    let more = if line.is_cut { "…" } else { "" };
    if line.marks.is_empty() && line.prefix == 0 {
        return format!("{}{more}", line.text).into_any();
    }
    let mut pieces = Vec::with_capacity(line.marks.len() * 2 + 3);
    if line.prefix > 0 {
        let prefix = marked_part(line, 0..line.prefix);
        pieces.push(view! { <span class="prefix">{prefix}</span> }.into_any());
    }
    pieces.extend(marked_part(line, line.prefix..line.text.len()));
    pieces.push(more.into_any());
    pieces.into_any()
}

fn marked_part(line: &Line, part: Range<usize>) -> Vec<AnyView> {
    let mut pieces = Vec::new();
    let mut from = part.start;
    for mark in &line.marks {
        let (start, end) = (mark.start.max(from), mark.end.min(part.end));
        if start < end {
            pieces.push(line.text[from..start].to_owned().into_any());
            pieces.push(view! { <mark>{line.text[start..end].to_owned()}</mark> }.into_any());
            from = end;
        }
    }
    pieces.push(line.text[from..part.end].to_owned().into_any());
    pieces
}

pub(super) fn size(row: &Row) -> Option<String> {
    match row.shows {
        RowContent::Message { size, .. } => Some((format().size)(size)),
        _ => None,
    }
}

pub(super) fn round_trip(row: &Row) -> Option<String> {
    match row.shows {
        RowContent::Message { round_trip, .. } => round_trip.map(format().span),
        _ => None,
    }
}
