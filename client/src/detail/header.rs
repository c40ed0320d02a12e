//! What message it is, and what can be done with it.

use leptos::prelude::*;
use session::Direction;
use workbench::payload::Inspected;

use super::{Choices, Wishes, tabs::Tab, words::words};
use crate::{browser::clock::time_of_day, language::format, ui::element::Element};

pub(super) fn header(
    message: &Inspected,
    is_comparing: impl Fn() -> bool + Copy + Send + Sync + 'static,
    choices: Choices,
    wishes: Wishes,
) -> Element {
    let words = words();
    let id = message.id;
    // Another click ends it.
    let compare = move || {
        let wanted = (!untrack(is_comparing)).then_some(id);
        choices.tab.set(wanted.map(|_| Tab::Compare));
        wishes.compare.run(wanted);
    };
    let buttons = [
        Element::button("plain", move || wishes.copy.run(id)).text(words.copy),
        Element::button("plain", compare)
            .live("aria-pressed", move || Some(is_comparing().to_string()))
            .text(words.compare),
        Element::button("plain close", move || wishes.close.run(()))
            .attribute("aria-label", words.close)
            .text("×"),
    ];
    let actions = Element::new("div", "detail-actions").children(buttons);
    Element::new("header", "detail-header").children([summary(message), actions])
}

/// Which way it went, when, and how long it is.
pub(super) fn summary(message: &Inspected) -> Element {
    let (arrow, name) = match message.direction {
        Direction::Out => ("↑", "sent"),
        Direction::In => ("↓", "received"),
    };
    let direction = (format().direction)(message.direction);
    let arrow = Element::new("span", "direction").attribute("title", direction).children([
        Element::new("span", "").attribute("aria-hidden", "true").text(arrow),
        Element::new("span", "spoken").text(direction),
    ]);
    Element::new("p", "detail-summary").attribute("data-direction", name).children([
        arrow,
        Element::new("time", "").text(&time_of_day(message.at)),
        Element::new("span", "").text((words().kind)(message)),
        Element::new("span", "").text(&(format().part)(message.size)),
    ])
}
