//! Detail pane: one message as text, JSON or hexadecimal, or compared with another.

mod columns;
mod compare_view;
pub(crate) mod event_view;
mod frames_view;
mod handshake_view;
mod header;
mod hex_view;
mod json_view;
mod rows;
mod tabs;
mod text_view;
mod words;

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{Encoding, Inspected, Outline};

use self::{
    compare_view::CompareView,
    frames_view::frames,
    header::{Actions, DetailFrame, summary},
    hex_view::HexView,
    json_view::JsonView,
    tabs::{PANEL, Tab},
    text_view::TextView,
    words::words,
};
use crate::{
    browser::dom::scroll::scroll_into_view,
    ui::{marked::Marking, tab_list::TabList},
};

/// View of messages that was chosen in a tab, and their encoding. Stays from one message to the next.
#[derive(Clone, Copy, Default)]
pub struct ChosenView {
    /// View chosen by the user; `None` for the one that fits the message.
    tab: RwSignal<Option<Tab>>,
    /// Encoding of the text view.
    encoding: RwSignal<Encoding>,
}

/// Detail pane of the inspected message.
///
/// `on_compare` requests the message with this id as `compared`, to be compared with the one
/// inspected next; `None` ends the comparison.
#[component]
pub fn DetailPane(
    /// Message in the pane; without one there is no pane.
    #[prop(into)]
    inspected: Signal<Option<Arc<Inspected>>>,
    /// Message to compare with; `None` while nothing is compared.
    #[prop(into)]
    compared: Signal<Option<Arc<Inspected>>>,
    /// Closes the pane, also by Escape.
    on_close: Callback<()>,
    /// Copies the whole message with this id.
    on_copy: Callback<u64>,
    /// Chooses the message to compare with, by id.
    on_compare: Callback<Option<u64>>,
    /// Copies a part of the message.
    on_copy_text: Callback<String>,
    /// View to show, which outlives the pane.
    #[prop(optional)]
    chosen: ChosenView,
    /// Further buttons of the header, for the message with this id.
    #[prop(optional)]
    actions: Option<Callback<u64, AnyView>>,
) -> impl IntoView {
    let is_comparing = Signal::derive(move || compared.with(Option::is_some));
    let pane = move |message: Arc<Inspected>| {
        let id = message.id;
        let buttons = view! {
            <Actions id is_comparing chosen=chosen.tab on_copy on_compare />
            {actions.map(|actions| actions.run(id))}
        };
        view! {
            <DetailFrame
                title=words().title
                summary=summary(&message)
                actions=buttons.into_any()
                on_close
            >
                <Views message compared is_comparing chosen on_copy_text />
            </DetailFrame>
        }
    };
    move || inspected.get().map(pane)
}

/// Tabs, and the chosen view; until one is chosen, the view that fits the message. Comparing shows
/// its view by itself. The panel scrolls to the first match of the search.
#[component]
fn Views(
    message: Arc<Inspected>,
    compared: Signal<Option<Arc<Inspected>>>,
    is_comparing: Signal<bool>,
    chosen: ChosenView,
    /// Copies a part of the message.
    on_copy_text: Callback<String>,
) -> impl IntoView {
    let notice = (words().notice)(&message);
    let wire = message.frames.clone();
    let outline = Arc::new(message.outline());
    let fitting = fitting(&message, &outline);
    let ChosenView { tab: chosen, encoding } = chosen;
    let shown = Memo::new(move |_| match chosen.get() {
        Some(tab) if tab != Tab::Compare || is_comparing.get() => tab,
        _ if is_comparing.get() => Tab::Compare,
        _ => fitting,
    });
    Effect::new(move || {
        shown.track();
        if Marking::marker().is_some() {
            request_animation_frame(|| scroll_into_view(".detail-panel mark"));
        }
    });
    let view = move || {
        let message = message.clone();
        match shown.get() {
            Tab::Text => view! { <TextView message encoding /> }.into_any(),
            Tab::Json => view! { <JsonView outline=outline.clone() on_copy_text /> }.into_any(),
            Tab::Hex => view! { <HexView message /> }.into_any(),
            Tab::Compare => view! { <CompareView message other=compared.get() /> }.into_any(),
        }
    };
    view! {
        <TabList
            class="detail-tabs"
            label=words().views
            tabs=Tab::ALL.map(|tab| (tab.id().to_owned(), tab.label())).into()
            panel=PANEL.to_owned()
            shown=move || shown.get() as usize
            optional=Tab::Compare as usize
            is_offered=is_comparing
            on_choose=move |index: usize| chosen.set(Some(Tab::ALL[index]))
        />
        {frames(&wire)}
        {notice.map(|notice| view! { <p class="detail-cut">{notice}</p> })}
        <div
            class="detail-panel"
            id=PANEL
            role="tabpanel"
            aria-labelledby=move || shown.get().id()
        >
            {move || view()}
        </div>
    }
}

/// View that shows most of a message: a tree for an object or array, text for text, else hexadecimal.
fn fitting(message: &Inspected, outline: &Outline) -> Tab {
    match (outline.is_structured(), message.is_text) {
        (true, _) => Tab::Json,
        (false, true) => Tab::Text,
        (false, false) => Tab::Hex,
    }
}
