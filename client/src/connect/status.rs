//! How the connection stands, in one line: a dot, a word, and what there is to know.

use std::time::Duration;

use leptos::{ev, prelude::*};
use session::{Negotiated, Time};

use super::{
    standing::{clock, explanation, label, waits_until},
    target::Target,
    words::words,
};
use crate::{
    browser::clock::ticking,
    ui::element::{Element, Place, focus},
};

/// Added to what is left, so that a second counts until it is over.
const ALMOST_A_SECOND: Duration = Duration::from_millis(999);

pub(super) fn status_line(
    target: Target,
    negotiated: Signal<Option<Negotiated>>,
    opened_at: Signal<Option<Time>>,
) -> Element {
    let causes = target.causes();
    let is_open = move || target.is_open();
    let agreed = move || negotiated.get().filter(|_| is_open()).into_iter().flat_map(agreed);
    Element::new("div", "says")
        .children([state(target, causes)])
        .live_children(move || target.state.with(waits_until).map(countdown))
        .shown(is_open, move || [since(opened_at)])
        .live_children(agreed)
        .shown(move || has_others(causes), move || [other_causes(causes)])
        .children([note(target)])
}

/// The dot and the word, why it is so, and for who hears it that it is tried again.
fn state(target: Target, causes: Memo<Vec<String>>) -> Element {
    let state = target.state;
    let explanation = move || {
        let cause = causes.with(|causes| causes.first().cloned());
        state.with(|state| explanation(state, cause))
    };
    let will_retry = move || if target.is_waiting() { words().connection.will_retry } else { "" };
    Element::new("span", "state").attribute("role", "status").children([
        Element::new("span", "dot").attribute("aria-hidden", "true"),
        Element::new("strong", "").live_text(move || state.with(label).to_owned()),
        Element::new("span", "explanation").live_text(explanation),
        Element::new("span", "spoken").live_text(move || will_retry().to_owned()),
    ])
}

fn note(target: Target) -> Element {
    let class = move || if target.mistake().is_some() { "note wrong" } else { "note" };
    Element::new("p", "")
        .live("class", move || Some(class().to_owned()))
        .attribute("role", "status")
        .attribute("id", &target.id("note"))
        .live_text(move || target.note().unwrap_or_default())
}

/// Makes the next attempt now. It has its place also when there is none to make.
pub(super) fn try_now(target: Target, button: Place, connect: Callback<()>) -> Element {
    let has_focus = StoredValue::new(false);
    // What is hidden loses the focus, and the keyboard its place.
    Effect::new(move || {
        if !target.is_waiting() && has_focus.get_value() {
            focus(button);
        }
    });
    let class = move || if target.is_waiting() { "retry" } else { "retry out-of-use" };
    Element::button("", move || connect.run(()))
        .live("class", move || Some(class().to_owned()))
        .on("focus", move |_: ev::Event| has_focus.set_value(true))
        .on("blur", move |_: ev::Event| has_focus.set_value(false))
        .text(words().connection.try_now)
}

/// The seconds until the next attempt, counted down.
fn countdown(until: Time) -> Element {
    let time = ticking();
    let seconds = move || (until.since(time.get()) + ALMOST_A_SECOND).as_secs();
    Element::new("span", "countdown")
        .attribute("aria-hidden", "true")
        .live_text(move || (words().connection.retries_in)(seconds()))
}

/// The time since the connection opened, counted up.
fn since(opened_at: Signal<Option<Time>>) -> Element {
    let time = ticking();
    let since = move || opened_at.get().map(|opened_at| clock(time.get().since(opened_at)));
    Element::new("span", "since").live_text(move || since().unwrap_or_default())
}

/// The subprotocol and the extensions in use, if there are any.
fn agreed(Negotiated { subprotocol, extensions }: Negotiated) -> impl Iterator<Item = Element> {
    let words = &words().connection;
    [(words.subprotocol, subprotocol), (words.extensions, extensions)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(title, text)| Element::new("code", "agreed").attribute("title", title).text(&text))
}

/// Whether there is more than the likeliest cause, which is said already.
fn has_others(causes: Memo<Vec<String>>) -> bool {
    causes.with(|causes| causes.len() > 1)
}

/// Every cause of a failure but the likeliest. They lie over the page, so that nothing moves when a
/// connection fails.
fn other_causes(causes: Memo<Vec<String>>) -> Element {
    let others = move || {
        let others = causes.get().into_iter().skip(1);
        others.map(|cause| Element::new("li", "").text(&cause))
    };
    Element::new("details", "causes").children([
        Element::new("summary", "").text(words().connection.other_causes),
        Element::new("ul", "panel").live_children(others),
    ])
}
