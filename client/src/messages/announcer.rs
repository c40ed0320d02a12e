//! Screen reader announcements of received messages: each while they are few, their number when
//! they are many, every two seconds at most.

use std::time::Duration;

use leptos::prelude::*;
use session::Direction;
use workbench::log::RowContent;

use super::words::words;
use crate::EngineHandle;

/// Time between two announcements: a screen reader has to finish one before the next.
const INTERVAL: Duration = Duration::from_secs(2);

/// Characters of a message that are read out.
const MAX_CHARS: usize = 120;

/// Live region (ARIA `role="status"`), visually hidden, that speaks for the message list.
///
/// Reads the latest snapshot on a timer, not as a reaction to it, so that the rate of messages does
/// not matter. A message older than the rows that the snapshot holds is counted only.
#[component]
pub(crate) fn Announcer(engine: EngineHandle) -> impl IntoView {
    let announcement = RwSignal::new(String::new());
    let announced = StoredValue::new(engine.snapshot().with_untracked(|it| it.received.messages));
    let announce = move || {
        let snapshot = engine.snapshot().get_untracked();
        let received = snapshot.received.messages;
        let new = received.saturating_sub(announced.get_value());
        announced.set_value(received);
        let newest = snapshot.rows.iter().rev().find_map(|row| match &row.shows {
            RowContent::Message { direction: Direction::In, line, .. } => Some(&line.text),
            _ => None,
        });
        match (new, newest) {
            (0, _) => {}
            (1, Some(text)) => {
                let start: String = text.chars().take(MAX_CHARS).collect();
                announcement.set((words().announcer.received)(&start));
            }
            _ => announcement.set((words().announcer.received_many)(new)),
        }
    };
    if let Ok(interval) = set_interval_with_handle(announce, INTERVAL) {
        on_cleanup(move || interval.clear());
    }
    view! { <p class="spoken announcer" role="status">{move || announcement.get()}</p> }
}
