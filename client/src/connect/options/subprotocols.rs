//! Subprotocols to offer, one row each (RFC 6455 section 1.9).

use std::mem;

use leptos::prelude::*;
use workbench::connect::MAX_SUBPROTOCOLS;

use crate::{
    connect::{form::ConnectForm, words::words},
    ui::row_editor::{Edit, Pair, PairRows, Pairs, RowError},
};

/// Rows of the subprotocols, in order of preference. Each has its error: a name that is no token (RFC 9110 section
/// 5.6.2), or that is offered twice.
#[component]
pub(super) fn Subprotocols(form: ConnectForm) -> impl IntoView {
    let words = &words().options;
    let names = form.target.subprotocols;
    let row = |name: String| (name, String::new());
    let rows = Memo::new(move |_| names.get().into_iter().map(row).collect());
    let on_edit = move |edit: Edit| {
        names.update(|names| {
            let mut rows: Vec<Pair> = mem::take(names).into_iter().map(row).collect();
            edit.apply(&mut rows);
            names.extend(rows.into_iter().map(|(name, _)| name));
        });
    };
    let pairs = Pairs {
        has_values: false,
        is_full: Signal::derive(move || names.with(Vec::len) >= MAX_SUBPROTOCOLS),
        error: Some(Callback::new(move |index| {
            let filled = form.target.filled_subprotocols().into_iter().nth(index);
            let error = filled.and_then(Result::err)?;
            Some(RowError { says: (words.subprotocol_error)(&error), is_of_value: false })
        })),
        ..Pairs::new(&words.subprotocols, rows, on_edit)
    };
    view! { <PairRows pairs /> }
}
