//! What a connection has beyond its path, and whether it is made again: folded until asked for.

use leptos::prelude::*;
use workbench::{Preset, Retries};

use super::{
    parts::{Query, Subprotocols},
    preset_options::PresetOptions,
    target::Target,
};
use crate::language::words;

/// Retries in a row that a person can ask for, at most; more is no limit.
const MOST_RETRIES: u32 = 1_000;

#[component]
pub(super) fn Options(
    target: Target,
    presets: Signal<Vec<Preset>>,
    retries: RwSignal<Retries>,
) -> impl IntoView {
    let words = &words().options;
    let is_unfolded = target.is_unfolded;
    view! {
        <button
            type="button"
            class="unfold"
            aria-expanded=move || is_unfolded.get().to_string()
            aria-controls=target.id("options")
            on:click=move |_| is_unfolded.update(|it| *it = !*it)
        >
            <span class="arrow" aria-hidden="true"></span>
            // What a narrow screen has no place for.
            <span>{words.title} <span class="beyond">{words.which}</span></span>
        </button>
        <div class="options" id=target.id("options")>
            <Show when=move || is_unfolded.get()>
                <PresetOptions target presets />
                <Query target />
                <Subprotocols target />
                <Reconnect target retries />
            </Show>
        </div>
    }
}

/// Whether and how often a lost connection is tried again.
#[component]
fn Reconnect(target: Target, retries: RwSignal<Retries>) -> impl IntoView {
    let words = &words().options;
    let is_on = move || retries.get() != Retries::NONE;
    let typed = RwSignal::new(match retries.get_untracked() {
        Retries::NONE | Retries::UNLIMITED => String::new(),
        Retries(limit) => limit.to_string(),
    });
    let limit = Memo::new(move |_| {
        typed.with(|typed| match typed.trim() {
            "" => Some(Retries::UNLIMITED),
            typed => {
                let limit = typed.parse().ok().filter(|limit| (1..=MOST_RETRIES).contains(limit));
                limit.map(Retries)
            }
        })
    });
    // A limit that is wrong changes nothing, and turning it on with one is without a limit.
    let turn = move |is_on: bool| {
        let limit = || limit.get_untracked().unwrap_or(Retries::UNLIMITED);
        retries.set(if is_on { limit() } else { Retries::NONE });
    };
    let change = move |to| {
        typed.set(to);
        if let (Some(limit), true) = (limit.get_untracked(), is_on()) {
            retries.set(limit);
        }
    };
    view! {
        <fieldset class="reconnect">
            <legend>{words.reconnect}</legend>
            <label class="switch">
                <input
                    type="checkbox"
                    prop:checked=is_on
                    on:change=move |event| turn(event_target_checked(&event))
                />
                {words.connect_again}
            </label>
            <label>
                {words.attempts}
                <input
                    class="limit"
                    inputmode="numeric"
                    autocomplete="off"
                    placeholder=words.no_limit
                    aria-describedby=target.id("limit")
                    aria-invalid=move || limit.get().is_none().then_some("true")
                    prop:value=typed
                    on:input=move |event| change(event_target_value(&event))
                />
            </label>
            <p class="wrong" role="status" id=target.id("limit")>
                {move || limit.get().is_none().then_some(words.limit_is_wrong)}
            </p>
        </fieldset>
    }
}
