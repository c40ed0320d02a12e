//! Screen reader announcements: received messages, each while they are few, their number when they are
//! many, every two seconds at most; and results of a search.

use std::time::Duration;

use leptos::prelude::*;
use session::Direction;
use workbench::log::RowContent;

use super::{status::status, words::words};
use crate::{tabs::tab::Tab, ui::keyed::keyed};

/// Time between two announcements: a screen reader has to finish one before the next.
const INTERVAL: Duration = Duration::from_secs(2);

/// Pause in typing or stepping after which the result of a search is read out.
const SETTLED: Duration = Duration::from_secs(1);

/// Characters of a message that are read out.
const MAX_CHARS: usize = 120;

/// Live region (ARIA `role="status"`), visually hidden, that speaks for the message list.
///
/// Reads the latest snapshot on a timer, not as a reaction to it, so that the rate of messages does
/// not matter. A message older than the rows that the snapshot holds is counted only.
#[component]
pub(crate) fn Announcer(tab: Tab) -> impl IntoView {
    let engine = tab.engine;
    // Number of the announcement, and its text: an equal one is a new node, and read out again.
    let announcement = RwSignal::new((0, String::new()));
    let say = move |text| announcement.update(|it| *it = (it.0 + 1, text));
    let asked = Memo::new(move |_| {
        let snapshot = engine.snapshot;
        let found = snapshot.with(|it| (it.found.map(|it| it.steps), it.unfiltered > 0));
        (tab.query.get(), found)
    });
    Effect::new(move |before: Option<()>| {
        // Read, since a memo without readers is not updated.
        let (_, (_, is_searching)) = asked.get();
        let tell = move || {
            let result = search_result(tab);
            if !result.is_empty() {
                say(result);
            }
        };
        if before.is_some()
            && !is_searching
            && let Ok(timer) = set_timeout_with_handle(tell, SETTLED)
        {
            on_cleanup(move || timer.clear());
        }
    });
    let announced = StoredValue::new(engine.snapshot.with_untracked(|it| it.received.messages));
    let announce = move || {
        let snapshot = engine.snapshot.get_untracked();
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
                say((words().announcer.received)(&start));
            }
            _ => say((words().announcer.received_many)(new)),
        }
    };
    if let Ok(interval) = set_interval_with_handle(announce, INTERVAL) {
        on_cleanup(move || interval.clear());
    }
    let number = Signal::derive(move || vec![announcement.with(|it| it.0)]);
    let text = move |_| view! { <span>{announcement.get_untracked().1}</span> }.into_any();
    view! { <p class="spoken announcer" role="status">{keyed(number, Callback::new(text))}</p> }
}

/// Counts of the list, and the match that the search is at.
fn search_result(tab: Tab) -> String {
    let found = tab.engine.snapshot.with_untracked(|it| it.found);
    let position = found.map(|it| (words().find.position)(it.at, it.matches));
    let counts = Some(untrack(|| status(tab))).filter(|it| !it.is_empty());
    counts.into_iter().chain(position).collect::<Vec<_>>().join(" · ")
}
