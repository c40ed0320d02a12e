//! What message it is, and what can be done with it.

use leptos::prelude::*;
use workbench::detail::{Inspected, size_in_words};

use super::{Choices, Wishes, element::Element, tabs::Tab, words};
use crate::clock::time_of_day;

pub(super) fn header(
    message: &Inspected,
    is_comparing: impl Fn() -> bool + Copy + Send + Sync + 'static,
    choices: Choices,
    wishes: Wishes,
) -> Element {
    let id = message.id;
    // Another click ends it.
    let compare = move || {
        let wanted = (!untrack(is_comparing)).then_some(id);
        choices.tab.set(wanted.map(|_| Tab::Compare));
        wishes.compare.run(wanted);
    };
    let buttons = [
        Element::button("plain", move || wishes.copy.run(id)).text(words::COPY),
        Element::button("plain", compare)
            .live("aria-pressed", move || Some(is_comparing().to_string()))
            .text(words::COMPARE),
        Element::button("plain close", move || wishes.close.run(()))
            .attribute("aria-label", words::CLOSE)
            .text("×"),
    ];
    let actions = Element::new("div", "detail-actions").children(buttons);
    Element::new("header", "detail-header").children([summary(message), actions])
}

/// Which way it went, when, and how long it is.
pub(super) fn summary(message: &Inspected) -> Element {
    let (arrow, direction) = words::direction(message.direction);
    let arrow = Element::new("span", "direction").attribute("title", direction).children([
        Element::new("span", "").attribute("aria-hidden", "true").text(arrow),
        Element::new("span", "spoken").text(direction),
    ]);
    Element::new("p", "detail-summary").attribute("data-direction", direction).children([
        arrow,
        Element::new("time", "").text(&time_of_day(message.at)),
        Element::new("span", "").text(words::kind(message)),
        Element::new("span", "").text(&size_in_words(message.size)),
    ])
}
