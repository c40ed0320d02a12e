//! The connection: where to, how it stands, and what can be done about it.

use std::time::Duration;

use leptos::prelude::*;
use workbench::{Ending, State, Time};

use crate::{Shell, clock::now};

/// Often enough that a countdown in whole seconds never skips one.
const TICK: Duration = Duration::from_millis(200);

#[component]
pub(crate) fn StatusBar(shell: Shell) -> impl IntoView {
    let url = shell.url();
    let state = shell.state();
    view! {
        <section class="status" aria-label="Connection" data-state=move || state.with(name)>
            <code class="address">{url.to_string()}</code>
            <div class="says">
                <span class="state" role="status">
                    <span class="dot" aria-hidden="true"></span>
                    <strong>{move || state.with(label)}</strong>
                    <span class="explanation">{move || state.with(explanation)}</span>
                </span>
                {move || state.with(waits_until).map(|until| view! { <Countdown until /> })}
            </div>
            <ConnectButtons shell />
        </section>
    }
}

#[component]
fn ConnectButtons(shell: Shell) -> impl IntoView {
    let state = shell.state();
    let is_waiting = move || state.with(|state| waits_until(state).is_some());
    let disconnects = Memo::new(move |_| state.with(State::can_disconnect));
    let label = move || match (is_waiting(), disconnects.get()) {
        (true, _) => "Stop retrying",
        (false, true) => "Disconnect",
        (false, false) => "Connect",
    };
    let act =
        move |_| if disconnects.get_untracked() { shell.disconnect() } else { shell.connect() };
    let is_idle = move || state.with(|state| !state.can_connect() && !state.can_disconnect());
    view! {
        <div class="actions">
            <Show when=is_waiting>
                <button type="button" on:click=move |_| shell.connect()>"Try now"</button>
            </Show>
            <button type="button" class="connect" disabled=is_idle on:click=act>{label}</button>
        </div>
    }
}

/// The seconds until the next attempt, counted down.
#[component]
fn Countdown(until: Time) -> impl IntoView {
    let (clock, set_clock) = signal(now());
    let seconds = Memo::new(move |_| until.since(clock.get()).as_millis().div_ceil(1_000));
    if let Ok(ticking) = set_interval_with_handle(move || set_clock.set(now()), TICK) {
        on_cleanup(move || ticking.clear());
    }
    view! { <span class="countdown" aria-hidden="true">"Trying again in " {seconds} " s"</span> }
}

fn waits_until(state: &State) -> Option<Time> {
    match state {
        State::Waiting { until, .. } => Some(*until),
        _ => None,
    }
}

/// The state's name for styles and tests.
fn name(state: &State) -> &'static str {
    match state {
        State::Idle(None) => "idle",
        State::Idle(Some(Ending::Failed)) => "failed",
        State::Idle(Some(Ending::Cancelled | Ending::Closed(_))) => "closed",
        State::Connecting(_) => "connecting",
        State::Open(_) => "open",
        State::Closing(_) => "closing",
        State::Waiting { .. } => "waiting",
    }
}

fn label(state: &State) -> &'static str {
    match state {
        State::Idle(None) => "Not connected",
        State::Idle(Some(Ending::Failed)) | State::Waiting { ending: Ending::Failed, .. } => {
            "Failed"
        }
        State::Idle(Some(Ending::Cancelled | Ending::Closed(_))) => "Closed",
        State::Connecting(_) => "Connecting…",
        State::Open(_) => "Connected",
        State::Closing(_) => "Closing…",
        State::Waiting { .. } => "Connection lost",
    }
}

/// What happened and what to try; empty where the label says it all.
fn explanation(state: &State) -> String {
    let (State::Idle(Some(ending)) | State::Waiting { ending, .. }) = state else {
        return String::new();
    };
    match ending {
        Ending::Failed => "No WebSocket server answers there. Is it running? \
                           The workbench's own starts with: cargo run -p server"
            .to_owned(),
        Ending::Cancelled => "The connection was called off before it opened.".to_owned(),
        Ending::Closed(close) => format!("{close}."),
    }
}
