//! Pinned messages, above the list and independent of it.

use leptos::prelude::*;
use workbench::{
    engine::LogCommand,
    log::{EntryRef, Row},
};

use super::{
    row::{arrow, direction, kind, payload, round_trip, size},
    words::words,
};
use crate::{
    EngineHandle,
    browser::clock::time_of_day,
    ui::{
        button::{Button, SignButton},
        keyed::keyed,
        show::Show,
    },
};

/// Pinned messages with their number, all unpinned by a button; absent while there are none. The engine holds their
/// rows apart from the log, so that eviction and filters leave them alone.
#[component]
pub(crate) fn Pins(engine: EngineHandle) -> impl IntoView {
    let pinned = engine.part(|it| it.pinned.clone());
    let ids = Signal::derive(move || pinned.with(|rows| rows.iter().map(|row| row.id).collect()));
    let pin = move |id| {
        let row = pinned.with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned());
        row.map(|row| view! { <PinView engine pinned row /> }).into_any()
    };
    let unpin_all = move || {
        for id in ids.get_untracked() {
            engine.command(LogCommand::Pin(id, false));
        }
    };
    view! {
        <Show when=move || pinned.with(|pinned| !pinned.is_empty())>
            <div class="pins">
                <p class="pins-title">
                    <span>{move || (words().pins.pinned)(ids.with(Vec::len))}</span>
                    <Button class="plain" label=words().pins.unpin_all on_click=unpin_all />
                </p>
                <ul aria-label=words().pins.title>{keyed(ids, Callback::new(pin))}</ul>
            </div>
        </Show>
    }
}

/// Pinned message: a button that inspects it, with the columns of a row of the list, and one that
/// unpins it.
#[component]
fn PinView(engine: EngineHandle, pinned: Memo<Vec<Row>>, row: Row) -> impl IntoView {
    let id = row.id;
    // Its marks change with the search.
    let payload = move || pinned.with(|rows| rows.iter().find(|row| row.id == id).map(payload));
    let inspect = move |_| engine.inspect(Some(EntryRef::Id(id)));
    view! {
        <li data-direction=direction(&row) data-kind=kind(&row)>
            <button type="button" class="pinned" on:click=inspect>
                <time>{time_of_day(row.at)}</time>
                <span class="size">{size(&row)}</span>
                <span class="round-trip">{round_trip(&row)}</span>
                <span class="direction">{arrow(&row)}</span>
                <span class="payload">{move || payload()}</span>
            </button>
            <SignButton
                label=words().pins.unpin
                on_click=move || engine.command(LogCommand::Pin(id, false))
            />
        </li>
    }
}
