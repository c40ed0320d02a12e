//! Subprotocols to offer, one row each (RFC 6455 section 1.9).

use leptos::prelude::*;
use workbench::connect::MAX_SUBPROTOCOLS;

use super::part_rows::{AddButton, PartRows, RemoveButton};
use crate::{
    connect::{form::ConnectForm, words::words},
    ui::{keyed::indexed, text_input::TextInput},
};

/// Fieldset of subprotocol rows, in order of preference.
#[component]
pub(super) fn Subprotocols(form: ConnectForm) -> impl IntoView {
    let words = &words().options;
    let names = form.routing.subprotocols;
    let rows = PartRows::new();
    let count = move || names.with(Vec::len);
    let is_full = move || count() >= MAX_SUBPROTOCOLS;
    let add = move || names.update(|names| names.push(String::new()));
    view! {
        <fieldset class="parts">
            <legend>{words.subprotocols}</legend>
            {indexed(count, move |index| view! { <SubprotocolRow form rows index /> }.into_any())}
            <AddButton rows label=words.add_subprotocol is_full on_add=add />
        </fieldset>
    }
}

/// Row of one subprotocol, with its error: a name that is no token (RFC 9110 section 5.6.2), or
/// that is offered twice.
#[component]
fn SubprotocolRow(form: ConnectForm, rows: PartRows, index: usize) -> impl IntoView {
    let words = &words().options;
    let names = form.routing.subprotocols;
    let error = Memo::new(move |_| {
        let filled = form.filled_subprotocols().into_iter().nth(index);
        filled.and_then(Result::err).map(|error| (words.subprotocol_error)(&error))
    });
    let name = move || names.with(|names| names.get(index).cloned().unwrap_or_default());
    let change = Callback::new(move |text| {
        names.update(|names| {
            if let Some(name) = names.get_mut(index) {
                *name = text;
            }
        });
    });
    let remove = move || {
        names.update(|names| {
            names.remove(index);
        });
    };
    let id = form.id(&format!("subprotocol-{index}"));
    view! {
        <div class="part">
            <TextInput
                class="subprotocol"
                label=(words.subprotocol)(index + 1)
                placeholder=words.name
                description=id.clone()
                is_invalid=move || error.with(Option::is_some)
                input=rows.new_row.first_input()
                value=name
                on_input=change
            />
            <RemoveButton rows label=(words.remove_subprotocol)(index + 1) on_remove=remove />
            <p class="wrong" role="status" id=id>{move || error.get()}</p>
        </div>
    }
}
