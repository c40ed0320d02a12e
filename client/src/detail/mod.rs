//! The detail pane: one message looked at closely, as text, JSON or hexadecimal, or beside another.
//!
//! Parts of it are functions of plain data where nothing changes while a message is shown, and rows
//! of all views are of one type: each kind of element with each kind of closure is code on the wire.

mod compare_view;
mod header;
mod hex_view;
mod json_view;
mod rows;
mod splitter;
mod tabs;
mod text_view;
mod viewport;
mod words;

use std::sync::Arc;

use leptos::{ev, prelude::*};
use workbench::detail::{Encoding, Inspected, Outline};

pub use self::splitter::Splitter;
use self::{
    compare_view::compare_view,
    header::header,
    hex_view::hex_view,
    json_view::json_view,
    tabs::{PANEL, Tab, tabs},
    text_view::text_view,
};

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
        Some(message) => closely(message, compared, choices, wishes).into_any(),
        None => view! { <p class="detail-hint notice">{words::NOTHING_PICKED}</p> }.into_any(),
    };
    view! {
        <section class="detail" aria-label=words::PANE on:keydown=on_key>
            {content}
        </section>
    }
}

fn closely(
    message: Arc<Inspected>,
    compared: Signal<Option<Arc<Inspected>>>,
    choices: Choices,
    wishes: Wishes,
) -> impl IntoView {
    let outline = Arc::new(message.outline());
    let fitting = fitting(&message, &outline);
    let is_comparing = move || compared.with(Option::is_some);
    let shown = move || match choices.tab.get() {
        Some(tab) if tab != Tab::Compare || is_comparing() => tab,
        _ if is_comparing() => Tab::Compare,
        _ => fitting,
    };
    let head = header(&message, is_comparing, choices, wishes);
    let notice = words::notice(&message).map(|notice| view! { <p class="detail-cut">{notice}</p> });
    let panel = move || match shown() {
        Tab::Text => text_view(message.clone(), choices.encoding),
        Tab::Json => json_view(outline.clone()),
        Tab::Hex => hex_view(message.clone()),
        Tab::Compare => compare_view(message.clone(), compared.get()),
    };
    view! {
        {head}
        {tabs(shown, is_comparing, choices.tab)}
        {notice}
        <div class="detail-panel" id=PANEL role="tabpanel" aria-labelledby=move || shown().id()>
            {panel}
        </div>
    }
}

/// The view that says most of a message, until the person chooses one.
fn fitting(message: &Inspected, outline: &Outline) -> Tab {
    match (outline.is_structured(), message.is_text) {
        (true, _) => Tab::Json,
        (false, true) => Tab::Text,
        (false, false) => Tab::Hex,
    }
}

/// What a click does. One type for all of them.
type Click = Box<dyn FnMut(ev::MouseEvent)>;

fn click(act: impl Fn() + 'static) -> Click {
    Box::new(move |_| act())
}

fn button(label: &'static str, act: impl Fn() + 'static) -> impl IntoView {
    view! { <button type="button" class="plain" on:click=click(act)>{label}</button> }
}
