//! A row of the message list: a recycled DOM node, bound to one row after another.

use std::{ops::Range, sync::Arc};

use leptos::prelude::*;
use session::{Direction, PayloadKind, Time};
use workbench::{
    engine::Snapshot,
    log::{EntryRef, Line, LogEvent, Row, RowContent},
    relay::ControlFrame,
};

use super::{ring::Ring, words::words};
use crate::{
    EngineHandle,
    browser::{clipboard::has_selection, clock::time_of_day},
    language::format,
    settings::{Settings, TimeShown},
    ui::marked::marked as marked_text,
};

/// Row with time, size, round trip, direction and payload. The DOM node stays while its entry changes, so that
/// scrolling creates no nodes. A click inspects the entry; without one the row is hidden.
#[component]
pub(crate) fn RowView(
    engine: EngineHandle,
    settings: Settings,
    ring: Ring,
    /// Slot of the ring.
    node: u64,
    /// Slot of the row under the pointer.
    hovered: RwSignal<Option<u64>>,
) -> impl IntoView {
    let snapshot = engine.snapshot;
    let row = Memo::new(move |_| {
        let index = usize::try_from(ring.index(node)).ok()?;
        snapshot.with(|snapshot| snapshot.rows.get(index).cloned())
    });
    let is_at = move |place: fn(&Arc<Snapshot>) -> Option<u64>| {
        Memo::new(move |_| {
            let id = snapshot.with(place);
            id.is_some() && row.with(|row| row.as_ref().map(|row| row.id)) == id
        })
    };
    let is_inspected = is_at(|it| it.inspected.map(|(id, _)| id));
    let is_current = is_at(|it| it.current.map(|(id, _)| id));
    let place = move || {
        let place = |it: &Arc<Snapshot>| {
            let Range { start, end } = it.listed;
            (it.first + ring.index(node) + 1 - start, end - start)
        };
        is_current.get().then(|| snapshot.with(place))
    };
    let began_at = engine.part(|it| it.began_at);
    let time = move || {
        let (shown, began_at) = (settings.time.get(), began_at.get());
        row.with(|row| row.as_ref().map(|row| time(row, shown, began_at)))
    };
    let inspect = move |_| {
        // The end of picking out text to copy.
        if has_selection() {
            return;
        }
        if let Some(row) = row.get_untracked() {
            engine.inspect(Some(EntryRef::Id(row.id)));
        }
    };
    view! {
        <div
            class="entry"
            id=format!("row-{node}")
            role="option"
            aria-selected=move || is_inspected.get().to_string()
            aria-current=move || is_current.get().then_some("true")
            // Of the row that is read out: the others are too many to tell at each snapshot.
            aria-posinset=move || place().map(|(row, _)| row.to_string())
            aria-setsize=move || place().map(|(_, rows)| rows.to_string())
            data-direction=move || row.with(|row| row.as_ref().map(direction))
            class:failure=move || row.with(|row| row.as_ref().is_some_and(is_failure))
            data-kind=move || row.with(|row| row.as_ref().map(kind))
            hidden=move || row.with(Option::is_none)
            on:click=inspect
            on:mouseenter=move |_| hovered.set(Some(node))
        >
            <time>{move || time()}</time>
            <span class="size">{move || row.with(|row| row.as_ref().and_then(size))}</span>
            <span class="round-trip">
                {move || row.with(|row| row.as_ref().and_then(round_trip))}
            </span>
            <span class="direction">{move || row.with(|row| row.as_ref().map(arrow))}</span>
            <span class="payload">{move || row.with(|row| row.as_ref().map(payload))}</span>
        </div>
    }
}

/// Time of day, or the time since the start of the list or since the row before, by the setting.
fn time(row: &Row, shown: TimeShown, began_at: Option<Time>) -> String {
    let after = |earlier: Time| format!("+{}", (format().span)(row.at.since(earlier)));
    match shown {
        TimeShown::Clock => time_of_day(row.at),
        TimeShown::SinceStart => after(began_at.unwrap_or(row.at)),
        TimeShown::SinceBefore => row.before.map_or_else(|| "–".to_owned(), after),
    }
}

/// Value of `data-direction`, for styles and tests.
pub(super) fn direction(row: &Row) -> &'static str {
    match row.shows {
        RowContent::Message { direction: Direction::Out, .. } => "sent",
        RowContent::Message { direction: Direction::In, .. } => "received",
        RowContent::Event(..) => "event",
    }
}

/// Value of `data-kind`, for styles and tests.
pub(super) fn kind(row: &Row) -> &'static str {
    let event = match &row.shows {
        RowContent::Message { kind: PayloadKind::Text, .. } => return "text",
        RowContent::Message { kind: PayloadKind::Binary, .. } => return "binary",
        RowContent::Event(event) => event,
    };
    match event {
        LogEvent::Opened(_) => "opened",
        LogEvent::Ended(_) => "ended",
        LogEvent::Imported(_) => "imported",
        LogEvent::Switched(_) => "switched",
        LogEvent::Overrun(_) => "overrun",
        LogEvent::Control(_) => "control",
        LogEvent::Handshake(_) => "handshake",
    }
}

/// True for an event that the list marks as a failure.
fn is_failure(row: &Row) -> bool {
    let RowContent::Event(event) = &row.shows else { return false };
    match event {
        LogEvent::Ended(ended) => ended.is_failure(),
        LogEvent::Overrun(_) => true,
        _ => false,
    }
}

/// Arrow of the direction of a message or frame, with its name for screen readers; a dot for an event, which is full
/// for an opening and hollow for an end.
pub(super) fn arrow(row: &Row) -> AnyView {
    let (RowContent::Message { direction, .. }
    | RowContent::Event(LogEvent::Control(ControlFrame { direction, .. }))) = row.shows
    else {
        let sign = match row.shows {
            RowContent::Event(LogEvent::Opened(_)) => "●",
            RowContent::Event(LogEvent::Ended(_)) => "○",
            _ => "•",
        };
        return view! { <span aria-hidden="true">{sign}</span> }.into_any();
    };
    let word = (format().direction)(direction);
    let arrow = match direction {
        Direction::Out => "↑",
        Direction::In => "↓",
    };
    view! { <span role="img" aria-label=word title=word>{arrow}</span> }.into_any()
}

/// Start of a message on one line, or the text of an event.
pub(super) fn payload(row: &Row) -> AnyView {
    match &row.shows {
        RowContent::Message { line, .. } => marked(line),
        event @ RowContent::Event(..) => words().list.event(event).into_any(),
    }
}

/// Line of text with its matches marked, and the text before its JSON set apart.
fn marked(line: &Line) -> AnyView {
    let (prefix, json) = line.text.split_at(line.prefix);
    let part = |part: Range<usize>| -> Vec<Range<usize>> {
        let clipped = |mark: &Range<usize>| {
            let (start, end) = (mark.start.max(part.start), mark.end.min(part.end));
            (start < end).then(|| start - part.start..end - part.start)
        };
        line.marks.iter().filter_map(clipped).collect()
    };
    let prefix = (!prefix.is_empty()).then(|| {
        view! { <span class="prefix">{marked_text(prefix, &part(0..line.prefix))}</span> }
    });
    let more = line.is_cut.then_some("…");
    view! {
        {prefix}
        {marked_text(json, &part(line.prefix..line.text.len()))}
        {more}
    }
    .into_any()
}

/// Size of the payload; `None` for events without one.
pub(super) fn size(row: &Row) -> Option<String> {
    match &row.shows {
        RowContent::Message { size, .. } => Some((format().size)(*size)),
        RowContent::Event(LogEvent::Control(frame)) => {
            Some((format().size)(frame.payload.len() as u64))
        }
        RowContent::Event(..) => None,
    }
}

/// Round trip of an echo or of a pong, if it was measured.
pub(super) fn round_trip(row: &Row) -> Option<String> {
    row.round_trip.map(format().span)
}
