//! The conversation: messages in both directions and what the connection did, newest last. Only
//! rows in view exist; the engine has the rest.

pub(crate) mod announcer;
pub(crate) mod pins;
mod row;
mod toolbar;
mod viewport;
mod words;

use std::{ops::Range, sync::Arc};

use leptos::{ev, html, prelude::*};
use workbench::{
    engine::{LogCommand, Snapshot},
    log::{EntryRef, RowRequest, Window},
};

pub(crate) use self::toolbar::Toolbar;

use self::{row::RowView, viewport::Viewport, words::words};
use crate::{Shell, browser::focus::focus, settings::Settings, tabs::tab::Tab};

/// Rows beyond the edges of what is in view: scrolling shows them before the engine has answered.
const BEYOND: u64 = 12;

#[component]
pub(crate) fn MessageList(tab: Tab, settings: Settings) -> impl IntoView {
    let shell = tab.shell;
    let snapshot = shell.snapshot();
    let scroller = NodeRef::<html::Div>::new();
    let viewport = Viewport::new(scroller, tab.follows);
    let listed = Memo::new(move |_| snapshot.with(|snapshot| snapshot.listed.clone()));
    let list = move || viewport.window(listed.with(length));
    look(shell, viewport, listed);
    keep_place(snapshot, viewport, listed);

    let first = Memo::new(move |_| snapshot.with(|it| it.first.saturating_sub(it.listed.start)));
    let place = move || list().place(first.get(), viewport.top(listed.with(length)));
    let slots = Memo::new(move |_| viewport.rows_that_fit() + 2 * BEYOND);
    let active = move || {
        let inspected = snapshot.with(|it| it.inspected?.1.map(|row| row.wrapping_sub(it.first)));
        inspected.filter(|slot| *slot < slots.get()).map(|slot| format!("row-{slot}"))
    };
    view! {
        <div class="conversation">
            <div
                class="scroller"
                role="listbox"
                aria-label=words().list.title
                aria-activedescendant=active
                tabindex="0"
                data-home
                node_ref=scroller
                on:scroll=move |_| viewport.scrolled()
                on:keydown=move |event| on_key(&event, shell, viewport)
            >
                <div class="space" style:height=move || format!("{}px", list().scroll_height())>
                    <div class="messages" style:transform=move || format!("translateY({}px)", place())>
                        <For each=move || 0..slots.get() key=|index| *index let:index>
                            <RowView shell settings index />
                        </For>
                    </div>
                </div>
            </div>
            <Empty tab />
            <ToNewest tab viewport />
        </div>
    }
}

/// Asks for the rows in view, and some more, whenever those change.
fn look(shell: Shell, viewport: Viewport, listed: Memo<Range<u64>>) {
    let wanted = Memo::new(move |_| {
        let listed = listed.get();
        let rows = length(&listed);
        let list = viewport.window(rows);
        let top = viewport.top(rows);
        let in_view = list.in_view(top);
        if in_view.end >= rows {
            return RowRequest::Newest(in_view.end - in_view.start + BEYOND);
        }
        let first = listed.start + in_view.start.saturating_sub(BEYOND);
        RowRequest::Rows(first..listed.start + in_view.end + BEYOND)
    });
    Effect::new(move || shell.command(LogCommand::RequestRows(wanted.get())));
}

/// What is read stays where it is: at the end if that is followed, or while rows above it are let
/// go. Where rows get new numbers, the end is shown.
fn keep_place(snapshot: Signal<Arc<Snapshot>>, viewport: Viewport, listed: Memo<Range<u64>>) {
    let generation = Memo::new(move |_| snapshot.with(|snapshot| snapshot.generation));
    Effect::new(move |before: Option<(u32, u64)>| {
        let (generation, listed) = (generation.get(), listed.get());
        match before {
            Some((same, start)) if same == generation && start < listed.start => {
                viewport.rows_went(listed.start - start, length(&listed));
            }
            _ => {}
        }
        // After the list has got its new height, which is set by an effect as well.
        queue_microtask(move || viewport.keep_up());
        (generation, listed.start)
    });
}

fn length(rows: &Range<u64>) -> u64 {
    rows.end - rows.start
}

/// Arrow keys and the like go from row to row.
fn on_key(event: &ev::KeyboardEvent, shell: Shell, viewport: Viewport) {
    let snapshot = shell.snapshot().get_untracked();
    let listed = snapshot.listed.clone();
    if listed.is_empty() {
        return;
    }
    let rows = length(&listed);
    let list: Window = untrack(|| viewport.window(rows));
    let in_view = list.in_view(untrack(|| viewport.top(rows)));
    let page = length(&in_view).saturating_sub(1).max(1);
    let newest = listed.end - 1;
    let at = snapshot.inspected.and_then(|(_, row)| row);
    let to = match event.key().as_str() {
        "ArrowDown" => at.map_or(listed.start + in_view.start, |row| row + 1),
        "ArrowUp" => at.map_or(newest, |row| row.saturating_sub(1)),
        "PageDown" => at.unwrap_or(listed.start + in_view.start) + page,
        "PageUp" => at.unwrap_or(newest).saturating_sub(page),
        "Home" => listed.start,
        "End" => newest,
        "Enter" => return focus(".detail [aria-selected='true']"),
        "Escape" => return shell.inspect(None),
        _ => return,
    };
    event.prevent_default();
    let to = to.clamp(listed.start, newest);
    shell.inspect(Some(EntryRef::Row(to)));
    viewport.show(to - listed.start, rows);
}

/// What an empty list teaches.
#[component]
fn Empty(tab: Tab) -> impl IntoView {
    let words = &words().list;
    let snapshot = tab.shell.snapshot();
    let is_empty =
        Memo::new(move |_| snapshot.with(|it| it.listed.is_empty() && it.unfiltered == 0));
    let holds_some = Memo::new(move |_| snapshot.with(|it| it.held > 0));
    let has_messages =
        Memo::new(move |_| snapshot.with(|it| it.sent.messages + it.received.messages > 0));
    let can_send = Memo::new(move |_| tab.shell.state().with(session::State::can_send));
    let send_first = move |_| tab.shell.send(session::Message::Text("hi".to_owned()));
    view! {
        <Show when=move || is_empty.get() && holds_some.get() && tab.query.with(|it| *it != workbench::log::Query::default())>
            <p class="empty">{words.nothing_found}</p>
        </Show>
        <Show when=move || !has_messages.get() && can_send.get()>
            <div class="empty">
                <p>{words.begin}</p>
                <button type="button" on:click=send_first>{words.send_first}</button>
            </div>
        </Show>
    }
}

/// Counts what is new below, and goes there.
#[component]
fn ToNewest(tab: Tab, viewport: Viewport) -> impl IntoView {
    let end = Memo::new(move |_| tab.shell.snapshot().with(|snapshot| snapshot.listed.end));
    let seen = Memo::new(move |before: Option<&(u64, bool)>| match before {
        Some((seen, false)) if !tab.follows.get() => (*seen, false),
        _ => (end.get(), tab.follows.get()),
    });
    let label = move || match end.get().saturating_sub(seen.get().0) {
        0 => words().list.to_newest.to_owned(),
        new => (words().list.new)(new),
    };
    view! {
        <Show when=move || !tab.follows.get()>
            <button type="button" class="to-newest" on:click=move |_| viewport.to_end()>
                {label} <span aria-hidden="true">" ↓"</span>
            </button>
        </Show>
    }
}
