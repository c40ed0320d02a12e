//! Query parameters of the address, one row each.

use leptos::prelude::*;
use workbench::connect::{
    Parameter, parameters, with_name, with_parameter, with_value, without_parameter,
};

use crate::{
    connect::{form::ConnectForm, words::words},
    ui::row_editor::{Edit, Pair, PairRows, Pairs},
};

/// Parameter rows, whose names and values are decoded. An edit changes its own part of the address
/// only. The rows are those of the address itself: the two cannot differ. A row that is added is in the address once
/// something is typed into it.
#[component]
pub(super) fn Query(form: ConnectForm) -> impl IntoView {
    let address = form.target.address;
    let has_new = RwSignal::new(false);
    let rows = Memo::new(move |_| {
        let row = |Parameter { name, value }| (name, value.unwrap_or_default());
        let rows = address.with(|address| parameters(address)).into_iter().map(row);
        rows.chain(has_new.get().then(Pair::default)).collect()
    });
    let on_edit = move |edit: Edit| {
        let before = address.get_untracked();
        let new = parameters(&before).len();
        let edited = match edit {
            Edit::Add => return has_new.set(true),
            Edit::Remove(index) if index == new => return has_new.set(false),
            Edit::Remove(index) => return address.set(without_parameter(&before, index)),
            Edit::Name(index, name) if index == new => with_parameter(&before, &name, ""),
            Edit::Value(index, value) if index == new => with_parameter(&before, "", &value),
            Edit::Name(index, name) => with_name(&before, index, &name),
            Edit::Value(index, value) => with_value(&before, index, &value),
        };
        has_new.set(false);
        address.set(edited);
    };
    let pairs = Pairs::new(&words().options.query, rows, on_edit);
    let pairs = Pairs { is_full: has_new.into(), ..pairs };
    view! { <PairRows pairs /> }
}
