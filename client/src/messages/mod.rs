//! Message list: messages in both directions and connection events, newest last.
//!
//! The engine holds the rows; the page asks for those near the view.

pub(crate) mod announcer;
mod hints;
mod keyboard;
pub(crate) mod pins;
mod row;
mod status;
mod toolbar;
pub(crate) mod words;

use leptos::prelude::*;
use workbench::{engine::LogCommand, log::RowRequest};

pub(crate) use self::toolbar::Toolbar;
use self::{
    hints::{EmptyHint, JumpToNewest},
    keyboard::on_key,
    row::RowView,
    words::words,
};
use crate::{
    EngineHandle,
    browser::dom::resize::has_coarse_pointer,
    settings::Settings,
    tabs::tab::Tab,
    ui::{
        viewport::{OVERSCAN, RowSpan, Viewport},
        virtual_list::VirtualList,
    },
};

/// Row height in pixels, with a mouse and with a finger; `--row` in the style sheet.
const ROW_HEIGHT: f64 = 28.0;
const TOUCH_ROW_HEIGHT: f64 = 44.0;

/// Message list with recycled rows: a fixed pool of DOM nodes, rebound on scroll.
#[component]
pub(crate) fn MessageList(tab: Tab, settings: Settings) -> impl IntoView {
    let engine = tab.engine;
    let snapshot = engine.snapshot();
    let span = Memo::new(move |_| {
        snapshot.with(|it| RowSpan { generation: it.generation, rows: it.listed.clone() })
    });
    let row_height = if has_coarse_pointer() { TOUCH_ROW_HEIGHT } else { ROW_HEIGHT };
    let viewport = Viewport::new(span, row_height, Some(tab.follows));
    request_rows(engine, viewport);

    let first = Memo::new(move |_| snapshot.with(|snapshot| snapshot.first));
    let slots = Memo::new(move |_| viewport.slots());
    let active = move || {
        let inspected = snapshot.with(|it| it.inspected?.1.map(|row| row.wrapping_sub(it.first)));
        inspected.filter(|slot| *slot < slots.get()).map(|slot| format!("row-{slot}"))
    };
    view! {
        <div class="conversation">
            <VirtualList
                viewport
                class="scroller"
                rows_class="messages"
                first
                keys=move || 0..slots.get()
                row=move |index| view! { <RowView engine settings index /> }
                attr:role="listbox"
                attr:aria-label=words().list.title
                attr:aria-activedescendant=active
                attr:tabindex="0"
                attr:data-home=""
                on:keydown=move |event| on_key(&event, engine, viewport)
            />
            <EmptyHint tab />
            <JumpToNewest tab viewport />
        </div>
    }
}

/// Asks the engine for the rows in view and the overscan, whenever those change.
fn request_rows(engine: EngineHandle, viewport: Viewport) {
    let request = Memo::new(move |_| {
        let listed = viewport.span().rows;
        let in_view = viewport.in_view();
        if in_view.end >= listed.end {
            return RowRequest::Newest(in_view.end - in_view.start + OVERSCAN);
        }
        let first = in_view.start.saturating_sub(OVERSCAN).max(listed.start);
        RowRequest::Rows(first..in_view.end + OVERSCAN)
    });
    Effect::new(move || engine.command(LogCommand::RequestRows(request.get())));
}
