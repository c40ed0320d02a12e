//! What a connection has beyond its path, and whether it is made again: folded until asked for.

use leptos::{ev, prelude::*};
use session::Retries;
use workbench::connect::Preset;

use super::{
    address_box::arrow,
    parts::{query, subprotocols},
    preset_options::preset_options,
    target::Target,
    words::words,
};
use crate::ui::element::Element;

/// Retries in a row that a person can ask for, at most; more is no limit.
const MOST_RETRIES: u32 = 1_000;

/// The button that unfolds them, and what it unfolds.
pub(super) fn options(
    target: Target,
    presets: Signal<Vec<Preset>>,
    retries: RwSignal<Retries>,
) -> [Element; 2] {
    let words = &words().options;
    let is_unfolded = target.is_unfolded;
    // What a narrow screen has no place for.
    let beyond = Element::new("span", "beyond").text(words.which);
    let unfold = Element::button("unfold", move || is_unfolded.update(|it| *it = !*it))
        .attribute("aria-controls", &target.id("options"))
        .live("aria-expanded", move || Some(is_unfolded.get().to_string()))
        .children([arrow(), Element::new("span", "").text(words.title).children([beyond])]);
    let options = Element::new("div", "options")
        .attribute("id", &target.id("options"))
        .live_children(preset_options(target, presets))
        .shown(
            move || is_unfolded.get(),
            move || [query(target), subprotocols(target), reconnect(target, retries)],
        );
    [unfold, options]
}

/// What a limit of retries means, if it is one.
fn limit(typed: &str) -> Option<Retries> {
    match typed.trim() {
        "" => Some(Retries::UNLIMITED),
        typed => {
            let limit = typed.parse().ok().filter(|limit| (1..=MOST_RETRIES).contains(limit));
            limit.map(Retries)
        }
    }
}

/// Whether and how often a lost connection is tried again.
fn reconnect(target: Target, retries: RwSignal<Retries>) -> Element {
    let words = &words().options;
    let is_on = move || retries.get() != Retries::NONE;
    let typed = RwSignal::new(match retries.get_untracked() {
        Retries::NONE | Retries::UNLIMITED => String::new(),
        Retries(limit) => limit.to_string(),
    });
    let is_wrong = move || typed.with(|typed| limit(typed).is_none());
    // A limit that is wrong changes nothing, and turning it on with one is without a limit.
    let turn = move |event: ev::Event| {
        let limit = || typed.with_untracked(|typed| limit(typed)).unwrap_or(Retries::UNLIMITED);
        retries.set(if event_target_checked(&event) { limit() } else { Retries::NONE });
    };
    let change = move |to: String| {
        if let (Some(limit), true) = (limit(&to), untrack(is_on)) {
            retries.set(limit);
        }
        typed.set(to);
    };
    let switch = Element::new("input", "")
        .attribute("type", "checkbox")
        .property("checked", is_on)
        .on("change", turn);
    let attempts = Element::new("input", "limit")
        .attribute("inputmode", "numeric")
        .attribute("autocomplete", "off")
        .attribute("placeholder", words.no_limit)
        .attribute("aria-describedby", &target.id("limit"))
        .live_flag("aria-invalid", is_wrong)
        .property("value", move || typed.get())
        .on_value("input", change);
    let wrong = Element::new("p", "wrong")
        .attribute("role", "status")
        .attribute("id", &target.id("limit"))
        .live_text(move || if is_wrong() { words.limit_is_wrong } else { "" }.to_owned());
    Element::new("fieldset", "reconnect").children([
        Element::new("legend", "").text(words.reconnect),
        Element::new("label", "switch").children([switch]).text(words.connect_again),
        Element::new("label", "").text(words.attempts).children([attempts]),
        wrong,
    ])
}
