//! What a screen reader is told of messages that come: each while they are few, their number when
//! they are many. Never more often than a person can listen.

use std::time::Duration;

use leptos::prelude::*;
use session::Direction;
use workbench::log::RowContent;

use super::words::words;
use crate::Shell;

const EVERY: Duration = Duration::from_secs(2);

/// Characters of a message that are read out.
const SPOKEN: usize = 120;

#[component]
pub(crate) fn Announcer(shell: Shell) -> impl IntoView {
    let says = RwSignal::new(String::new());
    let told = StoredValue::new(shell.snapshot().with_untracked(|it| it.received.messages));
    let tell = move || {
        let snapshot = shell.snapshot().get_untracked();
        let received = snapshot.received.messages;
        let new = received.saturating_sub(told.get_value());
        told.set_value(received);
        let newest = snapshot.rows.iter().rev().find_map(|row| match &row.shows {
            RowContent::Message { direction: Direction::In, line, .. } => Some(&line.text),
            _ => None,
        });
        match (new, newest) {
            (0, _) => {}
            (1, Some(text)) => {
                let start: String = text.chars().take(SPOKEN).collect();
                says.set((words().announcer.received)(&start));
            }
            _ => says.set((words().announcer.received_many)(new)),
        }
    };
    if let Ok(telling) = set_interval_with_handle(tell, EVERY) {
        on_cleanup(move || telling.clear());
    }
    view! { <p class="spoken announcer" role="status">{says}</p> }
}
