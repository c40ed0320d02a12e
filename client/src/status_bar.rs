//! The connection: where to, how it stands, and what can be done about it.

use std::time::Duration;

use leptos::{html, prelude::*};
use workbench::{CloseCode, Ending, State, Time};

use crate::{Shell, clock::now};

/// Often enough that a countdown in whole seconds never skips one.
const TICK: Duration = Duration::from_millis(200);

#[component]
pub(crate) fn StatusBar(shell: Shell) -> impl IntoView {
    let url = shell.url();
    let state = shell.state();
    let is_waiting = move || state.with(|state| waits_until(state).is_some());
    view! {
        <section class="status" aria-label="Connection" data-state=move || state.with(name)>
            <code class="address">{url.to_string()}</code>
            <div class="says">
                <span class="state" role="status">
                    <span class="dot" aria-hidden="true"></span>
                    <strong>{move || state.with(label)}</strong>
                    <span class="explanation">{move || state.with(explanation)}</span>
                    <span class="spoken">{move || is_waiting().then_some(" It will be tried again.")}</span>
                </span>
                {move || state.with(waits_until).map(|until| view! { <Countdown until /> })}
            </div>
            <ConnectButtons shell />
        </section>
    }
}

/// Neither button moves, vanishes or is disabled while it may have the focus.
#[component]
fn ConnectButtons(shell: Shell) -> impl IntoView {
    let state = shell.state();
    let is_waiting = Memo::new(move |_| state.with(|state| waits_until(state).is_some()));
    let is_closing = move || state.with(|state| matches!(state, State::Closing(_)));
    let disconnects = Memo::new(move |_| state.with(State::can_disconnect));
    let label = move || match (is_waiting.get(), disconnects.get()) {
        (true, _) => "Stop retrying",
        (false, true) => "Disconnect",
        (false, false) => "Connect",
    };
    let act = move |_| {
        if disconnects.get_untracked() { shell.disconnect() } else { shell.connect() }
    };
    let connect = NodeRef::<html::Button>::new();
    let retry_has_focus = StoredValue::new(false);
    Effect::new(move || {
        if !is_waiting.get()
            && retry_has_focus.get_value()
            && let Some(connect) = connect.get()
        {
            let _ = connect.focus();
        }
    });
    view! {
        <div class="actions">
            <button
                type="button"
                class="retry"
                class:out-of-use=move || !is_waiting.get()
                on:click=move |_| shell.connect()
                on:focus=move |_| retry_has_focus.set_value(true)
                on:blur=move |_| retry_has_focus.set_value(false)
            >
                "Try now"
            </button>
            <button
                type="button"
                class="connect"
                node_ref=connect
                aria-disabled=move || is_closing().then_some("true")
                on:click=act
            >
                {label}
            </button>
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
        Ending::Failed => {
            "No WebSocket server answers. Is it running? Try: cargo run -p server".to_owned()
        }
        Ending::Cancelled => "The connection was called off before it opened.".to_owned(),
        Ending::Closed(close) if close.code == CloseCode::ABNORMAL => {
            format!("{close}. Is the server still running?")
        }
        Ending::Closed(close) => format!("{close}."),
    }
}
