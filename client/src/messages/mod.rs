//! Message list: messages in both directions and connection events, newest last.
//!
//! The engine holds the rows; the page asks for those near the view.

pub(crate) mod announcer;
mod chips;
mod find;
mod hints;
mod keyboard;
mod more;
pub(crate) mod pins;
mod ring;
mod row;
mod row_actions;
mod status;
mod toolbar;
pub(crate) mod words;

use leptos::{ev::KeyboardEvent, prelude::*};
use session::Time;
use workbench::{engine::LogCommand, log::RowRequest};

use self::{
    hints::{EmptyHint, JumpToNewest},
    keyboard::on_key,
    ring::Ring,
    row::RowView,
    row_actions::RowActions,
    words::words,
};
pub(crate) use self::{status::FoundLine, toolbar::Toolbar};
use crate::{
    EngineHandle,
    browser::dom::resize::media,
    settings::Settings,
    tabs::tab::Tab,
    ui::{
        viewport::{OVERSCAN, RowSpan, Viewport},
        virtual_list::VirtualList,
    },
};

/// Row height in CSS pixels. The style sheet has the same numbers as `--row`: rows are placed by
/// arithmetic, never measured.
const ROW_HEIGHT: f64 = 28.0;
/// Row height by choice, in CSS pixels.
const COMPACT_ROW_HEIGHT: f64 = 22.0;
/// Row height for a coarse pointer, in CSS pixels: the target size of WCAG 2.5.5. Takes precedence
/// over the compact one.
const TOUCH_ROW_HEIGHT: f64 = 44.0;

/// Message list with recycled rows: a fixed pool of DOM nodes, rebound on scroll. A row is a number: the engine is
/// asked for the rows near the view only, so that the length of the list costs nothing here. For a screen reader it
/// is a `listbox` with one active option, whose element is found by its slot.
#[component]
pub(crate) fn MessageList(tab: Tab, settings: Settings) -> impl IntoView {
    let engine = tab.engine;
    let snapshot = engine.snapshot;
    let span = Memo::new(move |_| {
        snapshot.with(|it| RowSpan { generation: it.generation, rows: it.listed.clone() })
    });
    let is_touch = media("(pointer: coarse)");
    let row_height = Memo::new(move |_| match settings.is_compact.get() {
        _ if is_touch.get() => TOUCH_ROW_HEIGHT,
        true => COMPACT_ROW_HEIGHT,
        false => ROW_HEIGHT,
    });
    let viewport = Viewport::new(NodeRef::new(), span, row_height.into(), Some(tab.follows));
    let rows = NodeRef::new();
    let ring = Ring::new(engine.part(|it| it.first), Memo::new(move |_| viewport.slots()));
    ring.keep_order(rows);
    // A list that is scrolled by keys moves another row below the pointer, which is not meant.
    let (hovered, is_pointing) = (RwSignal::new(None), RwSignal::new(true));
    let pointed = Signal::derive(move || {
        hovered.get().filter(|_| is_pointing.get()).map(|node| ring.index(node))
    });
    let asked = StoredValue::new((Time::default(), 0, 0));
    request_rows(engine, viewport);
    show_found(engine, viewport);

    let active = Signal::derive(move || {
        let row = snapshot.with(|it| it.current?.1)?;
        let index = row.wrapping_sub(ring.first.get());
        (index < ring.slots.get()).then(|| ring.element_id(index))
    });
    let on_key = move |event: KeyboardEvent| {
        is_pointing.set(false);
        on_key(&event, engine, viewport, asked);
    };
    view! {
        <div
            class="conversation"
            on:mouseleave=move |_| hovered.set(None)
            on:click=move |_| asked.set_value((Time::default(), 0, 0))
            on:mousemove=move |_| if !is_pointing.get_untracked() { is_pointing.set(true) }
        >
            <VirtualList
                viewport
                class="scroller"
                rows_class="messages"
                first=ring.first
                keys=Signal::derive(move || (0..ring.slots.get()).collect())
                row=Callback::new(move |node| {
                    view! { <RowView engine settings ring node hovered /> }.into_any()
                })
                rows
                active
                on_key=Some(Callback::new(on_key))
                attr:role="listbox"
                attr:aria-label=words().list.title
                attr:tabindex="0"
                attr:data-home=""
            />
            <RowActions engine viewport pointed />
            <EmptyHint tab />
            <JumpToNewest tab viewport />
        </div>
    }
}

/// Asks the engine for the rows in view and the overscan, whenever their range changes. While the end is in view, the
/// request is for a count of the newest rows: it stays the same as rows arrive, and is sent once.
fn request_rows(engine: EngineHandle, viewport: Viewport) {
    let request = Memo::new(move |_| {
        let listed = viewport.span.get().rows;
        let in_view = viewport.in_view();
        if in_view.end >= listed.end {
            return RowRequest::Newest(in_view.end - in_view.start + OVERSCAN);
        }
        let first = in_view.start.saturating_sub(OVERSCAN).max(listed.start);
        RowRequest::Rows(first..in_view.end + OVERSCAN)
    });
    engine.configure(move || LogCommand::RequestRows(request.get()));
}

/// Brings the current match into view after a step of the search.
///
/// A count of steps tells a step from a snapshot that reports the same match again, so that
/// scrolling away from a match is left alone.
fn show_found(engine: EngineHandle, viewport: Viewport) {
    let snapshot = engine.snapshot;
    Effect::new(move |before: Option<Option<u32>>| {
        let steps = snapshot.with(|it| it.found.map(|found| found.steps));
        let has_stepped = before.flatten().is_some_and(|before| steps != Some(before));
        if has_stepped && let Some((_, Some(row))) = snapshot.with_untracked(|it| it.current) {
            // After the effect that sets the spacer's new height.
            queue_microtask(move || viewport.hold(row));
        }
        steps
    });
}
