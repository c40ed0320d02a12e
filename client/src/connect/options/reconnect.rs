//! Reconnection: on or off, and the retry limit.

use leptos::prelude::*;
use session::Retries;

use crate::{
    connect::{form::ConnectForm, words::words},
    ui::{choice::Checkbox, text_input::TextInput},
};

/// Highest retry limit that can be entered.
const MAX_RETRIES: u32 = 1_000;

/// Parses a retry limit; an empty text means unlimited.
fn parse_limit(typed: &str) -> Option<Retries> {
    match typed.trim() {
        "" => Some(Retries::UNLIMITED),
        typed => {
            let limit = typed.parse().ok().filter(|limit| (1..=MAX_RETRIES).contains(limit));
            limit.map(Retries)
        }
    }
}

/// Fieldset with the switch and the retry limit, 1 to [`MAX_RETRIES`] or none. An invalid limit is
/// marked, and changes nothing.
#[component]
pub(super) fn Reconnect(form: ConnectForm, retries: RwSignal<Retries>) -> impl IntoView {
    let words = &words().options;
    let is_on = move || retries.get() != Retries::NONE;
    let typed = RwSignal::new(match retries.get_untracked() {
        Retries::NONE | Retries::UNLIMITED => String::new(),
        Retries(limit) => limit.to_string(),
    });
    let limit = move || typed.with(|typed| parse_limit(typed));
    let is_invalid = move || limit().is_none();
    // An invalid limit changes nothing, and counts as unlimited when reconnection is turned on.
    let on_switch = move |is_on: bool| {
        let limit = || untrack(limit).unwrap_or(Retries::UNLIMITED);
        retries.set(if is_on { limit() } else { Retries::NONE });
    };
    let on_input = Callback::new(move |text: String| {
        if let (Some(limit), true) = (parse_limit(&text), untrack(is_on)) {
            retries.set(limit);
        }
        typed.set(text);
    });
    view! {
        <fieldset class="reconnect">
            <legend class="spoken">{words.reconnect}</legend>
            <Checkbox class="switch" label=words.reconnects is_on set=on_switch />
            <label>
                {words.max_retries}
                <TextInput
                    class="limit"
                    placeholder=words.no_limit
                    description=form.id("limit")
                    is_invalid=is_invalid
                    value=typed
                    on_input
                    attr:inputmode="numeric"
                />
            </label>
            <p class="wrong" role="status" id=form.id("limit")>
                {move || is_invalid().then(|| (words.invalid_limit)(MAX_RETRIES))}
            </p>
        </fieldset>
    }
}
