//! Query parameters of the address, one row each.

use leptos::prelude::*;
use workbench::connect::{
    Parameter, parameters, with_name, with_parameter, with_value, without_parameter,
};

use super::part_rows::{AddButton, PartRows, RemoveButton};
use crate::{
    connect::{form::ConnectForm, words::words},
    ui::keyed::indexed,
};

/// Fieldset of parameter rows. An edit changes its own part of the address only. The rows are those
/// of the address itself: the two cannot differ.
#[component]
pub(super) fn Query(form: ConnectForm) -> impl IntoView {
    let words = &words().options;
    let address = form.address;
    let rows = PartRows::new();
    let count = move || address.with(|address| parameters(address).len());
    let add = move || address.update(|address| *address = with_parameter(address, "", ""));
    view! {
        <fieldset class="parts">
            <legend class="spoken">{words.query}</legend>
            {indexed(count, move |index| view! { <ParameterRow address rows index /> }.into_any())}
            <AddButton rows label=words.add_parameter on_add=add />
        </fieldset>
    }
}

/// Row of one parameter: name, value and a button that removes it. Both are shown decoded.
#[component]
fn ParameterRow(address: RwSignal<String>, rows: PartRows, index: usize) -> impl IntoView {
    let words = &words().options;
    let part = move |part: fn(Parameter) -> Option<String>| {
        let parameter = address.with(|it| parameters(it).into_iter().nth(index));
        parameter.and_then(part).unwrap_or_default()
    };
    let change = move |change: fn(&str, usize, &str) -> String, to: &str| {
        address.update(|address| *address = change(address, index, to));
    };
    let remove = move || address.update(|address| *address = without_parameter(address, index));
    view! {
        <div class="part">
            <input
                class="name"
                aria-label=(words.name_of_parameter)(index + 1)
                placeholder=words.name
                autocomplete="off"
                spellcheck="false"
                node_ref=rows.new_row.first_input()
                prop:value=move || part(|it| Some(it.name))
                on:input=move |event| change(with_name, &event_target_value(&event))
            />
            <input
                class="value"
                aria-label=(words.value_of_parameter)(index + 1)
                placeholder=words.value
                autocomplete="off"
                spellcheck="false"
                prop:value=move || part(|it| it.value)
                on:input=move |event| change(with_value, &event_target_value(&event))
            />
            <RemoveButton rows label=(words.remove_parameter)(index + 1) on_remove=remove />
        </div>
    }
}
