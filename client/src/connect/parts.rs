//! The query and the subprotocols, as rows that can be added and removed.

use leptos::{html, prelude::*};
use workbench::{
    Parameter, parameters, with_name, with_parameter, with_value, without_parameter,
    wrong_subprotocols,
};

use super::target::Target;
use crate::language::words;

/// The query as rows. Each is a piece of the address, and changes nothing else of it.
#[component]
pub(super) fn Query(target: Target) -> impl IntoView {
    let words = &words().options;
    let address = target.address;
    let rows = Memo::new(move |_| address.with(|address| parameters(address)));
    let is_added = StoredValue::new(false);
    let add_button = NodeRef::<html::Button>::new();
    let add = move |_| {
        is_added.set_value(true);
        address.update(|address| *address = with_parameter(address, "", ""));
    };
    let remove = Callback::new(move |index| {
        address.update(|address| *address = without_parameter(address, index));
        if let Some(add) = add_button.get_untracked() {
            let _ = add.focus();
        }
    });
    view! {
        <fieldset class="parts">
            <legend>{words.query}</legend>
            <For each=move || 0..rows.with(Vec::len) key=|index| *index let(index)>
                <QueryRow address rows index is_added remove />
            </For>
            <button type="button" class="add-part" node_ref=add_button on:click=add>
                {words.add_parameter}
            </button>
        </fieldset>
    }
}

#[component]
fn QueryRow(
    address: RwSignal<String>,
    rows: Memo<Vec<Parameter>>,
    index: usize,
    is_added: StoredValue<bool>,
    remove: Callback<usize>,
) -> impl IntoView {
    let words = &words().options;
    let row = move || rows.with(|rows| rows.get(index).cloned());
    let name = move || row().map(|row| row.name).unwrap_or_default();
    let value = move || row().and_then(|row| row.value).unwrap_or_default();
    let change = move |change: fn(&str, usize, &str) -> String, to: String| {
        address.update(|address| *address = change(address, index, &to));
    };
    view! {
        <div class="part">
            <input
                class="name"
                aria-label=(words.name_of_parameter)(index + 1)
                placeholder=words.name
                autocomplete="off"
                spellcheck="false"
                node_ref=focused_if(is_added)
                prop:value=name
                on:input=move |event| change(with_name, event_target_value(&event))
            />
            <input
                class="value"
                aria-label=(words.value_of_parameter)(index + 1)
                placeholder=words.value
                autocomplete="off"
                spellcheck="false"
                prop:value=value
                on:input=move |event| change(with_value, event_target_value(&event))
            />
            <Remove label=(words.remove_parameter)(index + 1) on_click=move |()| remove.run(index) />
        </div>
    }
}

/// The subprotocols to ask for, the preferred one first.
#[component]
pub(super) fn Subprotocols(target: Target) -> impl IntoView {
    let words = &words().options;
    let names = target.subprotocols;
    let is_added = StoredValue::new(false);
    let add_button = NodeRef::<html::Button>::new();
    let add = move |_| {
        is_added.set_value(true);
        names.update(|names| names.push(String::new()));
    };
    let remove = Callback::new(move |index| {
        names.update(|names| {
            names.remove(index);
        });
        if let Some(add) = add_button.get_untracked() {
            let _ = add.focus();
        }
    });
    view! {
        <fieldset class="parts">
            <legend>{words.subprotocols}</legend>
            <For each=move || 0..names.with(Vec::len) key=|index| *index let(index)>
                <SubprotocolRow target index is_added remove />
            </For>
            <button type="button" class="add-part" node_ref=add_button on:click=add>
                {words.add_subprotocol}
            </button>
        </fieldset>
    }
}

#[component]
fn SubprotocolRow(
    target: Target,
    index: usize,
    is_added: StoredValue<bool>,
    remove: Callback<usize>,
) -> impl IntoView {
    let words = &words().options;
    let names = target.subprotocols;
    let wrong = Memo::new(move |_| {
        let mut wrong = names.with(|names| wrong_subprotocols(names));
        (index < wrong.len()).then(|| wrong.swap_remove(index)).flatten()
    });
    let change = move |to: String| {
        names.update(|names| {
            if let Some(name) = names.get_mut(index) {
                *name = to;
            }
        });
    };
    let note = target.id(&format!("subprotocol-{index}"));
    view! {
        <div class="part">
            <input
                class="subprotocol"
                aria-label=(words.subprotocol)(index + 1)
                placeholder=words.name
                autocomplete="off"
                spellcheck="false"
                aria-describedby=note.clone()
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                node_ref=focused_if(is_added)
                prop:value=move || names.with(|names| names.get(index).cloned())
                on:input=move |event| change(event_target_value(&event))
            />
            <Remove label=(words.remove_subprotocol)(index + 1) on_click=move |()| remove.run(index) />
            <p class="wrong" role="status" id=note>
                {move || wrong.with(|wrong| wrong.as_ref().map(words.subprotocol_mistake))}
            </p>
        </div>
    }
}

/// An input that takes the focus when it appears, if the person has just added it.
fn focused_if(is_added: StoredValue<bool>) -> NodeRef<html::Input> {
    let input = NodeRef::<html::Input>::new();
    input.on_load(move |input| {
        if is_added.get_value() {
            is_added.set_value(false);
            let _ = input.focus();
        }
    });
    input
}

#[component]
fn Remove(label: String, on_click: impl Fn(()) + 'static) -> impl IntoView {
    view! {
        <button type="button" class="remove-part" aria-label=label title=words().options.remove on:click=move |_| on_click(())>
            "×"
        </button>
    }
}
