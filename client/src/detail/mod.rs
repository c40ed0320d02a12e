//! The detail pane: one message looked at closely, as text, JSON or hexadecimal, or beside another.

mod compare_view;
mod header;
mod hex_view;
mod json_view;
mod rows;
mod tabs;
mod text_view;
mod viewport;
mod words;

use std::sync::Arc;

use leptos::{ev, prelude::*};
use workbench::payload::{Encoding, Inspected, Outline};

use self::{
    compare_view::compare_view,
    header::header,
    hex_view::hex_view,
    json_view::json_view,
    tabs::{PANEL, Tab, tabs},
    text_view::text_view,
    words::words,
};
use crate::ui::element::Element;

/// What the person chose to see; kept from one message to the next.
#[derive(Clone, Copy, Default)]
struct Choices {
    /// Until there is one, the view that fits the message.
    tab: RwSignal<Option<Tab>>,
    encoding: RwSignal<Encoding>,
}

/// What the person wants done with the message.
#[derive(Clone, Copy)]
struct Wishes {
    close: Callback<()>,
    copy: Callback<u64>,
    compare: Callback<Option<u64>>,
}

/// A message, closely. What it shows is up to `inspected` and `compared`; what the person wants is
/// told by the callbacks. It stays where it is between messages, and with it what was chosen.
///
/// `on_copy` asks for the whole message with this id on the clipboard. `on_compare` asks for the
/// message with this id as `compared`, to be compared with the one picked next; without an id, for
/// none.
#[component]
pub fn DetailPane(
    #[prop(into)] inspected: Signal<Option<Arc<Inspected>>>,
    #[prop(into)] compared: Signal<Option<Arc<Inspected>>>,
    on_close: Callback<()>,
    on_copy: Callback<u64>,
    on_compare: Callback<Option<u64>>,
) -> impl IntoView {
    let choices = Choices::default();
    let wishes = Wishes { close: on_close, copy: on_copy, compare: on_compare };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            on_close.run(());
        }
    };
    let content = move || match inspected.get() {
        Some(message) => closely(message, compared, choices, wishes),
        None => Element::new("p", "detail-hint notice").text(words().nothing_picked).view(),
    };
    Element::new("section", "detail")
        .attribute("aria-label", words().title)
        .on("keydown", on_key)
        .live_child(content)
        .view()
}

fn closely(
    message: Arc<Inspected>,
    compared: Signal<Option<Arc<Inspected>>>,
    choices: Choices,
    wishes: Wishes,
) -> AnyView {
    let outline = Arc::new(message.outline());
    let fitting = fitting(&message, &outline);
    let is_comparing = move || compared.with(Option::is_some);
    let shown = move || match choices.tab.get() {
        Some(tab) if tab != Tab::Compare || is_comparing() => tab,
        _ if is_comparing() => Tab::Compare,
        _ => fitting,
    };
    let head = header(&message, is_comparing, choices, wishes);
    let notice =
        (words().notice)(&message).map(|notice| Element::new("p", "detail-cut").text(&notice));
    let view = move || match shown() {
        Tab::Text => text_view(message.clone(), choices.encoding),
        Tab::Json => json_view(outline.clone()),
        Tab::Hex => hex_view(message.clone()),
        Tab::Compare => compare_view(message.clone(), compared.get()),
    };
    let panel = Element::new("div", "detail-panel")
        .attribute("id", PANEL)
        .attribute("role", "tabpanel")
        .live("aria-labelledby", move || Some(shown().id().to_owned()))
        .live_child(view);
    let parts = [head, tabs(shown, is_comparing, choices.tab)];
    Element::new("div", "detail-parts").children(parts).children(notice).children([panel]).view()
}

/// The view that says most of a message, until the person chooses one.
fn fitting(message: &Inspected, outline: &Outline) -> Tab {
    match (outline.is_structured(), message.is_text) {
        (true, _) => Tab::Json,
        (false, true) => Tab::Text,
        (false, false) => Tab::Hex,
    }
}
