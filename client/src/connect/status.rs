//! How the connection stands, in one line: a dot, a word, and what there is to know.

use std::time::Duration;

use leptos::{html, prelude::*};
use workbench::{Agreement, State, Time};

use super::{
    standing::{clock, explanation, label, waits_until},
    target::Target,
};
use crate::{clock::ticking, language::words};

/// Added to what is left, so that a second counts until it is over.
const ALMOST_A_SECOND: Duration = Duration::from_millis(999);

#[component]
pub(super) fn StatusLine(
    target: Target,
    agreement: Signal<Option<Agreement>>,
    opened_at: Signal<Option<Time>>,
    button: NodeRef<html::Button>,
    connect: Callback<()>,
) -> impl IntoView {
    let state = target.state;
    let is_waiting = Memo::new(move |_| state.with(|state| waits_until(state).is_some()));
    let causes = target.causes();
    let cause = move || causes.with(|causes| causes.first().cloned());
    let is_open = Memo::new(move |_| state.with(State::can_send));
    view! {
        <div class="says">
            <span class="state" role="status">
                <span class="dot" aria-hidden="true"></span>
                <strong>{move || state.with(label)}</strong>
                <span class="explanation">{move || state.with(|state| explanation(state, cause()))}</span>
                <span class="spoken">{move || is_waiting.get().then_some(words().connection.will_retry)}</span>
            </span>
            {move || state.with(waits_until).map(|until| view! { <Countdown until /> })}
            {move || is_open.get().then(|| view! { <Since opened_at /> <Agreed agreement /> })}
            <Causes causes />
            <p class="note" role="status" id=target.id("note") class:wrong=move || target.mistake().is_some()>
                {move || target.note()}
            </p>
        </div>
        <TryNow is_waiting button connect />
    }
}

/// Makes the next attempt now. It has its place also when there is none to make.
#[component]
fn TryNow(
    is_waiting: Memo<bool>,
    button: NodeRef<html::Button>,
    connect: Callback<()>,
) -> impl IntoView {
    let has_focus = StoredValue::new(false);
    // What is hidden loses the focus, and the keyboard its place.
    Effect::new(move || {
        if !is_waiting.get()
            && has_focus.get_value()
            && let Some(button) = button.get()
        {
            let _ = button.focus();
        }
    });
    view! {
        <button
            type="button"
            class="retry"
            class:out-of-use=move || !is_waiting.get()
            on:click=move |_| connect.run(())
            on:focus=move |_| has_focus.set_value(true)
            on:blur=move |_| has_focus.set_value(false)
        >
            {words().connection.try_now}
        </button>
    }
}

/// The seconds until the next attempt, counted down.
#[component]
fn Countdown(until: Time) -> impl IntoView {
    let time = ticking();
    let seconds = Memo::new(move |_| (until.since(time.get()) + ALMOST_A_SECOND).as_secs());
    view! { <span class="countdown" aria-hidden="true">{move || (words().connection.retries_in)(seconds.get())}</span> }
}

/// The time since the connection opened, counted up.
#[component]
fn Since(opened_at: Signal<Option<Time>>) -> impl IntoView {
    let time = ticking();
    let since = Memo::new(move |_| {
        let since = time.get().since(opened_at.get()?);
        Some(clock(Duration::from_secs(since.as_secs())))
    });
    view! { <span class="since">{since}</span> }
}

/// The subprotocol and the extensions in use, if there are any.
#[component]
fn Agreed(agreement: Signal<Option<Agreement>>) -> impl IntoView {
    let words = &words().connection;
    let agreed = move |title: &'static str, text: String| {
        (!text.is_empty()).then(|| view! { <code class="agreed" title=title>{text}</code> })
    };
    move || {
        let Agreement { subprotocol, extensions } = agreement.get().unwrap_or_default();
        (agreed(words.subprotocol, subprotocol), agreed(words.extensions, extensions))
    }
}

/// Every cause of a failure but the likeliest, which is said already. They lie over the page, so
/// that nothing moves when a connection fails.
#[component]
fn Causes(causes: Memo<Vec<String>>) -> impl IntoView {
    let others = move || causes.with(|causes| causes.iter().skip(1).cloned().collect::<Vec<_>>());
    view! {
        <Show when=move || !others().is_empty()>
            <details class="causes">
                <summary>{words().connection.other_causes}</summary>
                <ul class="panel">
                    {move || others().into_iter().map(|it| view! { <li>{it}</li> }).collect::<Vec<_>>()}
                </ul>
            </details>
        </Show>
    }
}
