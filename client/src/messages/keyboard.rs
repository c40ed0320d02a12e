//! Keyboard of the message list: arrow keys and the like move from row to row.

use std::time::Duration;

use leptos::{ev, prelude::*};
use session::Time;
use workbench::{
    engine::{LogCommand, Purpose},
    log::EntryRef,
};

use super::words::words;
use crate::{
    EngineHandle,
    browser::{
        clipboard::has_selection,
        clock::now,
        dom::{focus::focus, keyboard::has_modifier},
    },
    ui::viewport::Viewport,
};

/// Time after a key in which another counts from the row that it asked for: in a flood, a snapshot that shows that row
/// comes some time later.
const ANSWERED: Duration = Duration::from_secs(1);

/// Moves the selection by a key: inspects the row that it leads to from the current one and reveals
/// it. Enter inspects the current row, then goes to the detail pane, which Escape closes. Ctrl+C
/// copies the message or the sentence of the current row, unless text is selected.
///
/// Without a current row, keys start at the edge of the view. Rows are numbered from `listed.start`
/// on; the result is clamped to the rows that the list still holds. `asked` keeps the row that the last key asked for,
/// when, and of which list.
pub(super) fn on_key(
    event: &ev::KeyboardEvent,
    engine: EngineHandle,
    viewport: Viewport,
    asked: StoredValue<(Time, u32, u64)>,
) {
    let snapshot = engine.snapshot.get_untracked();
    let listed = snapshot.listed.clone();
    if listed.is_empty() {
        return;
    }
    let in_view = untrack(|| viewport.in_view());
    let page = (in_view.end - in_view.start).saturating_sub(1).max(1);
    let newest = listed.end - 1;
    let (asked_at, generation, row) = asked.get_value();
    let is_recent = generation == snapshot.generation && now().since(asked_at) < ANSWERED;
    let current = if is_recent { Some(row) } else { snapshot.current.and_then(|(_, row)| row) };
    if (event.ctrl_key() || event.meta_key()) && event.key() == "c" {
        if let Some((id, _)) = snapshot.current
            && !has_selection()
        {
            event.prevent_default();
            // Browsers differ in how long after the press they let a page copy. A row far from the
            // view and a message come from the engine.
            let row = snapshot.rows.iter().find(|row| row.id == id);
            match row.map(|row| words().list.event(&row.shows)).filter(|it| !it.is_empty()) {
                Some(event) => engine.copy(&event),
                None => engine.command(LogCommand::Fetch(id, Purpose::Copy)),
            }
        }
        return;
    }
    let to = match event.key().as_str() {
        _ if has_modifier(event) => return,
        "ArrowDown" => current.map_or(in_view.start, |row| row + 1),
        "ArrowUp" => current.map_or(newest, |row| row.saturating_sub(1)),
        "PageDown" => current.unwrap_or(in_view.start) + page,
        "PageUp" => current.unwrap_or(newest).saturating_sub(page),
        "Home" => listed.start,
        "End" => newest,
        "Enter" => match current.filter(|_| snapshot.inspected.is_none()) {
            Some(row) => row,
            None => return focus(".detail [aria-selected='true']"),
        },
        "Escape" => return engine.inspect(None),
        _ => return,
    };
    event.prevent_default();
    let to = to.clamp(listed.start, newest);
    asked.set_value((now(), snapshot.generation, to));
    engine.inspect(Some(EntryRef::Row(to)));
    viewport.reveal(to);
}
