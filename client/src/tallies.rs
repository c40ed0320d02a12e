//! What passed, in one line.

use leptos::prelude::*;
use workbench::{
    Tally,
    figures::{count, size},
};

use crate::Shell;

#[component]
pub(crate) fn Tallies(shell: Shell) -> impl IntoView {
    let snapshot = shell.snapshot();
    let sent = Memo::new(move |_| snapshot.with(|snapshot| snapshot.sent));
    let received = Memo::new(move |_| snapshot.with(|snapshot| snapshot.received));
    let held = Memo::new(move |_| snapshot.with(|snapshot| snapshot.held));
    view! {
        <footer class="tallies">
            <span>"sent " <b data-count="sent">{move || count(sent.get().messages)}</b> " " {move || bytes(sent.get())}</span>
            <span>"received " <b data-count="received">{move || count(received.get().messages)}</b> " " {move || bytes(received.get())}</span>
            <span>"held " <b data-count="held">{move || count(held.get())}</b> " rows"</span>
        </footer>
    }
}

fn bytes(tally: Tally) -> String {
    format!("({})", size(tally.bytes))
}
