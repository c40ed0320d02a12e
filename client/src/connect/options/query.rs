//! Query parameters of the address, one row each.

use leptos::prelude::*;
use workbench::connect::{
    Parameter, parameters, with_name, with_parameter, with_value, without_parameter,
};

use super::pairs::{Edit, PairRows, Pairs};
use crate::connect::{form::ConnectForm, words::words};

/// Parameter rows, whose names and values are decoded. An edit changes its own part of the address
/// only. The rows are those of the address itself: the two cannot differ.
#[component]
pub(super) fn Query(form: ConnectForm) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let row = |Parameter { name, value }| (name, value.unwrap_or_default());
        form.address.with(|address| parameters(address).into_iter().map(row).collect())
    });
    let on_edit = Callback::new(move |edit: Edit| {
        form.address.update(|address| {
            *address = match edit {
                Edit::Add => with_parameter(address, "", ""),
                Edit::Name(index, name) => with_name(address, index, &name),
                Edit::Value(index, value) => with_value(address, index, &value),
                Edit::Remove(index) => without_parameter(address, index),
            };
        });
    });
    let of = Pairs {
        form,
        id: "parameter",
        words: &words().options.query,
        rows,
        on_edit,
        is_secret: |_, _| false,
        markable: |_| None,
        error: |_, _| None,
    };
    view! { <PairRows of /> }
}
