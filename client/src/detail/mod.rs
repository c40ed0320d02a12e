//! The detail pane: one message looked at closely, as text, JSON or hexadecimal, or beside another.

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

use leptos::prelude::*;
use workbench::detail::{Encoding, Inspected, Outline};

pub use self::splitter::Splitter;
use self::{
    compare_view::CompareView,
    header::Header,
    hex_view::HexView,
    json_view::JsonView,
    tabs::{PANEL, Tab, Tabs},
    text_view::TextView,
};

/// What the person chose to see; kept from one message to the next.
#[derive(Clone, Copy, Default)]
struct Choices {
    /// Until there is one, the view that fits the message.
    tab: RwSignal<Option<Tab>>,
    encoding: RwSignal<Encoding>,
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
    let is_comparing = Signal::derive(move || compared.with(Option::is_some));
    let compare = move |id: Option<u64>| {
        choices.tab.set(id.map(|_| Tab::Compare));
        on_compare.run(id);
    };
    let on_compare = Callback::new(compare);
    view! {
        <section class="detail" aria-label=words::PANE>
            <Show
                when=move || inspected.with(Option::is_some)
                fallback=|| view! { <p class="detail-hint notice">{words::NOTHING_PICKED}</p> }
            >
                <Header inspected is_comparing on_close on_copy on_compare />
                <Views inspected compared is_comparing choices />
            </Show>
        </section>
    }
}

/// The views of a message, one at a time.
#[component]
fn Views(
    inspected: Signal<Option<Arc<Inspected>>>,
    compared: Signal<Option<Arc<Inspected>>>,
    is_comparing: Signal<bool>,
    choices: Choices,
) -> impl IntoView {
    let outline = Memo::new(move |_| inspected.get().map(|message| Arc::new(message.outline())));
    let shown = Memo::new(move |_| match choices.tab.get() {
        Some(tab) if tab != Tab::Compare || is_comparing.get() => tab,
        _ if is_comparing.get() => Tab::Compare,
        _ => fitting(inspected, outline),
    });
    let on_choose = Callback::new(move |tab| choices.tab.set(Some(tab)));
    let notice = move || inspected.with(|message| message.as_deref().and_then(words::cut));
    let panel = move || {
        let message = inspected.get()?;
        Some(match shown.get() {
            Tab::Text => view! { <TextView message encoding=choices.encoding /> }.into_any(),
            Tab::Json => view! { <JsonView outline=outline.get()? /> }.into_any(),
            Tab::Hex => view! { <HexView message /> }.into_any(),
            Tab::Compare => view! { <CompareView message other=compared.get()? /> }.into_any(),
        })
    };
    view! {
        <Tabs shown has_compare=is_comparing on_choose />
        {move || notice().map(|notice| view! { <p class="detail-cut notice">{notice}</p> })}
        <div class="detail-panel" id=PANEL role="tabpanel" aria-labelledby=move || shown.get().id()>
            {panel}
        </div>
    }
}

/// The view that says most of a message, until the person chooses one.
fn fitting(inspected: Signal<Option<Arc<Inspected>>>, outline: Memo<Option<Arc<Outline>>>) -> Tab {
    let is_json = outline.with(|outline| outline.as_ref().is_some_and(|it| it.is_structured()));
    let is_text = inspected.with(|message| message.as_ref().is_some_and(|it| it.is_text));
    match (is_json, is_text) {
        (true, _) => Tab::Json,
        (false, true) => Tab::Text,
        (false, false) => Tab::Hex,
    }
}
