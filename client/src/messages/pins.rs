//! Pinned messages, above the list and independent of it.

use leptos::prelude::*;
use workbench::{
    engine::LogCommand,
    log::{EntryRef, Row, RowContent},
};

use super::words::words;
use crate::{EngineHandle, browser::clock::time_of_day};

#[component]
pub(crate) fn Pins(engine: EngineHandle) -> impl IntoView {
    let pinned = Memo::new(move |_| engine.snapshot().with(|snapshot| snapshot.pinned.clone()));
    view! {
        <Show when=move || pinned.with(|pinned| !pinned.is_empty())>
            <ul class="pins" aria-label=words().pins.title>
                <For each=move || pinned.get() key=|row| row.id let:row>
                    <PinView engine row />
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn PinView(engine: EngineHandle, row: Row) -> impl IntoView {
    let id = row.id;
    let text = match row.shows {
        RowContent::Message { line, .. } => line.text,
        RowContent::Opened(_)
        | RowContent::Ended(_)
        | RowContent::Imported(_)
        | RowContent::Switched(_)
        | RowContent::Overrun(_) => String::new(),
    };
    view! {
        <li>
            <button type="button" class="pinned" on:click=move |_| engine.inspect(Some(EntryRef::Id(id)))>
                <time>{time_of_day(row.at)}</time>
                <span class="payload">{text}</span>
            </button>
            <button
                type="button"
                class="forget"
                aria-label=words().pins.unpin
                on:click=move |_| engine.command(LogCommand::Pin(id, false))
            >
                "×"
            </button>
        </li>
    }
}
