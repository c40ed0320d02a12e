//! Headers of the request, as rows.

use leptos::prelude::*;
use session::{is_plain_header, is_secret_name};
use workbench::relay::{MAX_HEADERS, is_by_variables};

use super::fields::option;
use crate::{
    connect::{
        form::ConnectForm,
        options::pairs::{Edit, PairRows, Pairs},
        words::{ORIGIN, words},
    },
    ui::{button::Button, show::Show},
};

/// Headers of the request, a row each.
#[component]
pub(super) fn Headers(form: ConnectForm) -> impl IntoView {
    let (pairs, set) = option(form, |it| &mut it.headers);
    let is_full = Memo::new(move |_| pairs.with(Vec::len) >= MAX_HEADERS);
    let rows = Pairs {
        form,
        id: "header",
        words: &words().route.headers,
        rows: pairs,
        is_full: is_full.into(),
        on_edit: Callback::new(move |edit: Edit| {
            let mut headers = pairs.get_untracked();
            edit.apply(&mut headers);
            set(headers);
        }),
        // Variables say which secret it is.
        is_secret: |form, (name, value)| {
            let options = form.routing.relay;
            options.with(|it| it.as_ref().is_some_and(|it| it.is_secret(name)))
                && !is_by_variables(value)
        },
        markable: |(name, _)| {
            let name = name.trim();
            let is_known = name.is_empty() || is_secret_name(name) || is_plain_header(name);
            (!is_known).then_some(name)
        },
        error: |form, index| {
            let error = form.shown_route_error().filter(|(at, _)| *at == Some(index));
            error.map(|(_, error)| (words().route.header_error)(&error))
        },
    };
    let add_origin = move || {
        let mut headers = pairs.get_untracked();
        headers.push((ORIGIN.to_owned(), form.page_origin().unwrap_or_default()));
        set(headers);
    };
    let has_origin =
        move || pairs.with(|pairs| pairs.iter().any(|it| it.0.trim().eq_ignore_ascii_case(ORIGIN)));
    view! {
        <PairRows pairs=rows />
        <Show when=move || !has_origin() && !is_full.get()>
            <Button class="add-part add-origin" label=words().route.add_origin on_click=add_origin />
        </Show>
    }
}
