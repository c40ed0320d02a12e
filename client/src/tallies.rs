//! What passed, in one line.

use leptos::prelude::*;
use workbench::Tally;

use crate::{Shell, language::words};

#[component]
pub(crate) fn Tallies(shell: Shell) -> impl IntoView {
    let (words, count) = (&words().tallies, words().figures.count);
    let snapshot = shell.snapshot();
    let sent = Memo::new(move |_| snapshot.with(|snapshot| snapshot.sent));
    let received = Memo::new(move |_| snapshot.with(|snapshot| snapshot.received));
    let held = Memo::new(move |_| snapshot.with(|snapshot| snapshot.held));
    view! {
        <footer class="tallies">
            <span>{words.sent} <b data-count="sent">{move || count(sent.get().messages)}</b> " " {move || bytes(sent.get())}</span>
            <span>{words.received} <b data-count="received">{move || count(received.get().messages)}</b> " " {move || bytes(received.get())}</span>
            <span>{words.held} <b data-count="held">{move || count(held.get())}</b> {move || (words.rows)(held.get())}</span>
        </footer>
    }
}

fn bytes(tally: Tally) -> String {
    format!("({})", (words().figures.size)(tally.bytes))
}
