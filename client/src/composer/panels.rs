//! What is unfolded above the box, one thing at a time.

use leptos::{ev, prelude::*};

use super::{
    Composing, Panel, repeat::repeat, saved::saved, text_box::TextBox, undo::undo,
    variables::variables, words::words,
};
use crate::ui::element::Element;

/// The element that the buttons below it unfold.
pub(super) const PANEL: &str = "composer-panel";

/// The panel that is unfolded, if one is.
pub(super) fn panel(composing: Composing, input: TextBox) -> AnyView {
    let shown = composing.panel;
    let close = move || {
        shown.set(None);
        input.focus();
    };
    let child = move || {
        let Some(panel) = shown.get() else { return ().into_any() };
        let words = &words().composer;
        let content = untrack(|| match panel {
            Panel::Variables => variables(composing, input),
            Panel::Saved => saved(composing, input),
            Panel::Repeat => repeat(composing),
        });
        let kept = (panel != Panel::Repeat).then(|| [unstored(composing), undo(composing)]);
        let title = (words.panel)(panel);
        let close = Element::button("forget", close).attribute("aria-label", words.close).text("×");
        let title_bar = Element::new("div", "panel-title")
            .children([Element::new("h2", "").text(title), close]);
        Element::new("section", "composer-panel")
            .attribute("aria-label", title)
            .on("keydown", move |event: ev::KeyboardEvent| {
                if event.key() == "Escape" && !event.is_composing() {
                    event.prevent_default();
                    shown.set(None);
                    input.focus();
                }
            })
            .children([title_bar])
            .children(kept.into_iter().flatten())
            .children([content])
            .view()
    };
    Element::new("div", "composer-panels").attribute("id", PANEL).live_child(child).view()
}

/// Says so if what is kept will not outlive the page.
fn unstored(composing: Composing) -> Element {
    let is_unstored = composing.library.is_unstored();
    Element::new("p", "wrong")
        .attribute("role", "status")
        .live_child(move || is_unstored.get().then_some(words().composer.unstored).into_any())
}

/// A field with its label.
pub(super) fn field(label: &str, class: &str, text: RwSignal<String>) -> Element {
    let input = Element::new("input", class)
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .property("value", move || text.get())
        .on("input", move |event: ev::Event| text.set(event_target_value(&event)));
    Element::new("label", "").text(label).children([input])
}

/// A sentence about what is wrong, while something is.
pub(super) fn wrong(sentence: impl Fn() -> Option<String> + Send + 'static) -> Element {
    Element::new("p", "wrong").attribute("role", "status").live_child(move || sentence().into_any())
}

/// What Enter in one of its fields, or its button, does.
pub(super) fn form(class: &str, act: impl Fn() + 'static) -> Element {
    Element::new("form", class).on("submit", move |event: ev::SubmitEvent| {
        event.prevent_default();
        act();
    })
}

pub(super) fn submit(label: &str) -> Element {
    Element::new("button", "plain").attribute("type", "submit").text(label)
}
