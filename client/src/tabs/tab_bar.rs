//! Tab bar in the header.

use leptos::{ev, html, prelude::*};

use super::{
    tab::{Tab, Tabs},
    words::words,
};
use crate::{browser::dom::focus::focus_node, connect::state_name};

/// Tabs, the add button, and the tab closed last.
#[component]
pub(crate) fn TabBar(tabs: Tabs) -> impl IntoView {
    let words = words();
    let owned = move || {
        let ids = tabs.open().get().into_iter().map(element_id);
        ids.collect::<Vec<_>>().join(" ")
    };
    view! {
        // Owns the tabs without their close buttons: a tab list may contain tabs only.
        <span role="tablist" aria-label=words.connections aria-owns=owned></span>
        <div class="tabs">
            <For each=move || tabs.open().get() key=|tab| tab.id let:tab>
                <TabButton tabs tab />
            </For>
        </div>
        <button
            type="button"
            class="add"
            aria-label=words.new
            title=words.new
            disabled=move || !tabs.may_add()
            on:click=move |_| tabs.add()
        >
            "+"
        </button>
        <ClosedTab tabs />
    }
}

fn element_id(tab: Tab) -> String {
    format!("tab-{}", tab.id)
}

#[component]
fn TabButton(tabs: Tabs, tab: Tab) -> impl IntoView {
    let is_active = Memo::new(move |_| tabs.active().is_some_and(|active| active.id == tab.id));
    let state = tab.engine.state();
    let on_key = move |event: ev::KeyboardEvent| {
        let open = tabs.open().get_untracked();
        let Some(at) = open.iter().position(|it| it.id == tab.id) else { return };
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % open.len(),
            "ArrowLeft" => (at + open.len() - 1) % open.len(),
            "Delete" => return tabs.close(tab.id),
            _ => return,
        };
        event.prevent_default();
        tabs.show(open[to].id);
    };
    let button = NodeRef::<html::Button>::new();
    // The focus follows the arrow keys to the newly active tab.
    Effect::new(move |was_active: Option<bool>| {
        let is_active = is_active.get();
        if is_active && was_active == Some(false) {
            focus_node(button);
        }
        is_active
    });
    view! {
        <span class="tab" data-state=move || state.with(state_name)>
            <button
                type="button"
                role="tab"
                id=element_id(tab)
                node_ref=button
                aria-selected=move || if is_active.get() { "true" } else { "false" }
                tabindex=move || if is_active.get() { "0" } else { "-1" }
                on:click=move |_| tabs.show(tab.id)
                on:keydown=on_key
            >
                <span class="dot" aria-hidden="true"></span>
                <span class="tab-name">{move || tab.name()}</span>
            </button>
            <button
                type="button"
                class="close"
                tabindex="-1"
                aria-label=move || (words().close)(&tab.name())
                on:click=move |_| tabs.close(tab.id)
            >
                "×"
            </button>
        </span>
    }
}

/// Last closed tab, with a button that reopens it.
#[component]
fn ClosedTab(tabs: Tabs) -> impl IntoView {
    let words = words();
    view! {
        <span class="closed-tab" role="status">
            {move || tabs.closed().map(|tab| view! {
                <span>{(words.closed)(&tab.name())}</span>
                <button type="button" class="undo" on:click=move |_| tabs.reopen()>{words.undo}</button>
                <button type="button" class="forget" aria-label=words.discard on:click=move |_| tabs.discard()>"×"</button>
            })}
        </span>
    }
}
