//! Address box: a combobox (ARIA Authoring Practices) with suggestions.

pub(super) mod presets;
pub(super) mod recents;
pub(super) mod suggestions;

use leptos::{ev, html, prelude::*};
use workbench::connect::Preset;

use self::{
    recents::Recents,
    suggestions::{SuggestionList, Suggestions},
};
use super::{form::ConnectForm, words::words};
use crate::{
    browser::{
        clipboard::pasted,
        dom::{
            focus::focus_node, keyboard::is_composing, popup::close_on_leave,
            scroll::scroll_into_view,
        },
    },
    ui::aria,
};

/// Address in the empty box: the server that this project starts.
const EXAMPLE: &str = "ws://localhost:8080/ws";

/// Text box with its suggestions. The focus stays in the box; the arrow keys move the active entry,
/// which is scrolled into view. A click outside closes the list.
#[component]
pub(super) fn AddressBox(
    form: ConnectForm,
    recents: Recents,
    presets: Signal<Vec<Preset>>,
    /// Handles text that may be a command line; returns true if it was one.
    on_command: Callback<String, bool>,
    on_connect: Callback<()>,
) -> impl IntoView {
    let list = SuggestionList::new(form, recents, presets, on_connect);
    let input = NodeRef::<html::Input>::new();
    let part = NodeRef::<html::Div>::new();
    close_on_leave(part, move || list.is_open.get(), move || list.close());
    Effect::new(move || {
        if let Some(index) = list.active.get() {
            scroll_into_view(&format!("#{}", list.id(index)));
        }
    });
    view! {
        <div class="address" node_ref=part>
            <Combobox form list input on_command on_connect />
            <Opener list input />
            <Suggestions form list />
        </div>
    }
}

/// Box of the combobox. Typing filters the list and edits the form's address; a pasted command line
/// is handled as a whole. The address is checked when the box is left.
#[component]
fn Combobox(
    form: ConnectForm,
    list: SuggestionList,
    input: NodeRef<html::Input>,
    on_command: Callback<String, bool>,
    on_connect: Callback<()>,
) -> impl IntoView {
    let on_input = move |event| {
        let typed = event_target_value(&event);
        list.open(typed.clone());
        form.edit_address(typed);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if !is_composing(&event) && handle_key(&event.key(), list, on_connect) {
            event.prevent_default();
        }
    };
    let on_paste = move |event: ev::ClipboardEvent| {
        if on_command.run(pasted(&event)) {
            event.prevent_default();
            list.close();
        }
    };
    view! {
        <input
            type="text"
            role="combobox"
            inputmode="url"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-label=words().address.label
            placeholder=EXAMPLE
            aria-autocomplete="list"
            aria-controls=form.id("list")
            aria-describedby=form.id("note")
            aria-expanded=move || aria(list.is_shown())
            aria-activedescendant=move || list.active.get().map(|index| list.id(index))
            aria-invalid=move || form.is_wrong().then_some("true")
            prop:value=move || form.target.address.get()
            node_ref=input
            on:input=on_input
            on:keydown=on_key
            on:paste=on_paste
            on:change=move |_| form.finish_address()
        />
    }
}

/// Handles a key press in the box; returns true if the key has a meaning there. Arrow keys move the
/// active entry. Enter accepts it, or else connects. Delete removes it, if it is a recent address.
fn handle_key(key: &str, list: SuggestionList, on_connect: Callback<()>) -> bool {
    match key {
        "ArrowDown" | "ArrowUp" => list.step(key == "ArrowUp"),
        "Enter" => {
            if let Some(index) = list.active.get_untracked() {
                list.accept(index);
                return true;
            }
            list.close();
            on_connect.run(());
        }
        "Delete" => return list.active.get_untracked().is_some_and(|index| list.forget(index)),
        _ => return false,
    }
    true
}

/// Button that shows all suggestions. Not in the tab order: the keyboard has the arrow keys. A
/// press keeps the focus in the box.
#[component]
fn Opener(list: SuggestionList, input: NodeRef<html::Input>) -> impl IntoView {
    let toggle = move |_| {
        focus_node(input);
        if list.is_open.get_untracked() { list.close() } else { list.open(String::new()) }
    };
    view! {
        <button
            type="button"
            class="opener"
            tabindex="-1"
            aria-label=words().address.suggestions
            title=words().address.suggestions
            on:mousedown=|event: ev::MouseEvent| event.prevent_default()
            on:click=toggle
        >
            <span class="arrow" aria-hidden="true"></span>
        </button>
    }
}
