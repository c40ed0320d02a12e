//! Disconnecting with a code and a reason of the person's own.

use leptos::{ev, prelude::*};
use session::{Close, REASON_BYTES};

use super::{target::Target, words::words};
use crate::ui::element::{Element, Place, focus};

/// What was typed, which stays for the next time. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Typed {
    code: RwSignal<String>,
    reason: RwSignal<String>,
}

impl Typed {
    pub(super) fn new() -> Self {
        let code = RwSignal::new(Close::normal().code.to_string());
        Self { code, reason: RwSignal::new(String::new()) }
    }
}

/// A small form over the page. `done` gets what to close with, or nothing if it was called off.
pub(super) fn disconnect_with_code(
    target: Target,
    typed: Typed,
    done: Callback<Option<Close>>,
) -> Element {
    let words = &words().closing;
    let Typed { code, reason } = typed;
    let close = move || code.with(|code| reason.with(|reason| Close::to_send(code, reason)));
    let input = Place::new();
    input.on_load(move |_| focus(input));
    let on_submit = move |event: ev::Event| {
        event.prevent_default();
        match untrack(close) {
            Ok(close) => done.run(Some(close)),
            Err(_) => focus(input),
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            done.run(None);
        }
    };
    let says = move || match close() {
        Ok(close) => (words.meaning)(close.code),
        Err(error) => (words.mistake)(&error),
    };
    let box_of = |class: &str, text: RwSignal<String>| {
        Element::new("input", class)
            .attribute("autocomplete", "off")
            .attribute("aria-describedby", &target.id("close"))
            .property("value", move || text.get())
            .on_value("input", move |typed| text.set(typed))
    };
    let code = box_of("code", code)
        .attribute("inputmode", "numeric")
        .live_flag("aria-invalid", move || close().is_err())
        .at(input);
    let says = Element::new("p", "says-close")
        .attribute("role", "status")
        .attribute("id", &target.id("close"))
        .live_text(says);
    let count = move || (words.bytes)(reason.with(String::len), REASON_BYTES);
    Element::new("form", "panel")
        .attribute("aria-label", words.title)
        .on("submit", on_submit)
        .on("keydown", on_key)
        .children([
            Element::new("label", "").text(words.code).children([code]),
            Element::new("label", "").text(words.reason).children([box_of("reason", reason)]),
            says,
            Element::new("span", "count").live_text(count),
            Element::button("cancel", move || done.run(None)).text(words.cancel),
            Element::new("button", "submit").attribute("type", "submit").text(words.disconnect),
        ])
}
