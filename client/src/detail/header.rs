//! What message it is, and what can be done with it.

use leptos::prelude::*;
use workbench::detail::{Inspected, size_in_words};

use super::{Choices, Wishes, button, click, tabs::Tab, words};
use crate::clock::time_of_day;

pub(super) fn header<F: Fn() -> bool + Copy + Send + 'static>(
    message: &Inspected,
    is_comparing: F,
    choices: Choices,
    wishes: Wishes,
) -> impl IntoView + use<F> {
    let id = message.id;
    // Another click ends it.
    let compare = move || {
        let wanted = (!untrack(is_comparing)).then_some(id);
        choices.tab.set(wanted.map(|_| Tab::Compare));
        wishes.compare.run(wanted);
    };
    view! {
        <header class="detail-header">
            {summary(message)}
            <div class="detail-actions">
                {button(words::COPY, move || wishes.copy.run(id))}
                <button
                    type="button"
                    class="plain"
                    aria-pressed=move || is_comparing().to_string()
                    on:click=click(compare)
                >
                    {words::COMPARE}
                </button>
                <button
                    type="button"
                    class="plain close"
                    aria-label=words::CLOSE
                    on:click=click(move || wishes.close.run(()))
                >
                    "×"
                </button>
            </div>
        </header>
    }
}

/// Which way it went, when, and how long it is.
pub(super) fn summary(message: &Inspected) -> impl IntoView + use<> {
    let (arrow, direction) = words::direction(message.direction);
    view! {
        <p class="detail-summary" data-direction=direction>
            <span class="direction" title=direction>
                <span aria-hidden="true">{arrow}</span>
                <span class="spoken">{direction}</span>
            </span>
            <time>{time_of_day(message.at)}</time>
            <span>{words::kind(message)}</span>
            <span>{size_in_words(message.size)}</span>
        </p>
    }
}
