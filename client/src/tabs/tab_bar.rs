//! The tabs, in the page's head.

use leptos::prelude::*;

use super::words::words;
use crate::{
    connect::state_name,
    tabs::tab::{Tab, Tabs},
};

#[component]
pub(crate) fn TabBar(tabs: Tabs) -> impl IntoView {
    let words = words();
    let owned = move || {
        let ids = tabs.open().get().into_iter().map(element_id);
        ids.collect::<Vec<_>>().join(" ")
    };
    view! {
        // It owns the tabs and not what closes them: a list of tabs has nothing else in it.
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
        <Closed tabs />
    }
}

fn element_id(tab: Tab) -> String {
    format!("tab-{}", tab.id)
}

#[component]
fn TabButton(tabs: Tabs, tab: Tab) -> impl IntoView {
    let is_active = Memo::new(move |_| tabs.active().is_some_and(|active| active.id == tab.id));
    let state = tab.shell.state();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
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
    let button = NodeRef::<leptos::html::Button>::new();
    // The focus goes with the arrow keys, from one tab to the other.
    Effect::new(move |was_active: Option<bool>| {
        let is_active = is_active.get();
        if is_active
            && was_active == Some(false)
            && let Some(button) = button.get_untracked()
        {
            let _ = button.focus();
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

/// Brings back a tab that was closed by mistake.
#[component]
fn Closed(tabs: Tabs) -> impl IntoView {
    let words = words();
    view! {
        <span class="closed-tab" role="status">
            {move || tabs.closed().map(|tab| view! {
                <span>{(words.closed)(&tab.name())}</span>
                <button type="button" class="undo" on:click=move |_| tabs.reopen()>{words.undo}</button>
                <button type="button" class="forget" aria-label=words.forget on:click=move |_| tabs.forget()>"×"</button>
            })}
        </span>
    }
}
