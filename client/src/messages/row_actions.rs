//! Actions on a row: copy, send again and pin. One group of buttons lies over the row that is pointed at,
//! else over the current one, so that rows stay as light as they are.

use leptos::prelude::*;
use workbench::{
    engine::{ComposerCommand, LogCommand, Purpose},
    log::RowContent,
};

use super::words::words;
use crate::{
    EngineHandle,
    ui::{
        button::SignButton,
        viewport::{Viewport, pixels},
    },
};

/// Row that the buttons are for: its number, id and whether it is pinned.
type Target = (u64, u64, bool);

/// Buttons that copy, send again or pin a message. They follow the row under the pointer, or the
/// current one, as the list scrolls, and are hidden for events and outside of the view.
#[component]
pub(super) fn RowActions(
    engine: EngineHandle,
    viewport: Viewport,
    /// Index of the row that is pointed at, in the rows of the snapshot.
    pointed: Signal<Option<u64>>,
) -> impl IntoView {
    let words = &words().actions;
    let snapshot = engine.snapshot;
    let target = Memo::new(move |_| {
        let pointed = pointed.get();
        snapshot.with(|it| -> Option<Target> {
            let current = || it.current?.1?.checked_sub(it.first);
            let index = pointed.or_else(current)?;
            let row = it.rows.get(usize::try_from(index).ok()?)?;
            let RowContent::Message { is_pinned, .. } = row.shows else { return None };
            Some((it.first + index, row.id, is_pinned))
        })
    });
    let is_pinned = move || target.get().is_some_and(|(_, _, is_pinned)| is_pinned);
    let is_in_view = move || {
        target.get().is_some_and(|(row, ..)| {
            let place = viewport.place_in_view(row);
            place > -viewport.row_height.get() && viewport.in_view().contains(&row)
        })
    };
    let perform = move |action: fn(EngineHandle, u64, bool)| {
        if let Some((_, id, is_pinned)) = target.get_untracked() {
            action(engine, id, is_pinned);
        }
    };
    let copy =
        move || perform(|engine, id, _| engine.command(LogCommand::Fetch(id, Purpose::Copy)));
    let send_again =
        move || perform(|engine, id, _| engine.command(ComposerCommand::SendAgain(id)));
    let pin = move || {
        perform(|engine, id, is_pinned| engine.command(LogCommand::Pin(id, !is_pinned)));
    };
    view! {
        <div
            class="row-actions"
            role="group"
            aria-label=words.title
            hidden=move || !is_in_view()
            data-is-pointed=move || pointed.get().map(|_| "")
            style:top=move || pixels(viewport.place_in_view(target.get().map_or(0, |(row, ..)| row)))
            // The buttons are in the way of the wheel.
            on:wheel=move |event| viewport.scroll_by(event.delta_y())
        >
            <SignButton class="action" sign="❐" label=words.copy on_click=copy />
            <SignButton class="action" sign="↻" label=words.send_again on_click=send_again />
            <SignButton class="action" sign="⚲" label=words.pin is_on=is_pinned on_click=pin />
        </div>
    }
}
