//! Headers of the request, as rows.

use leptos::prelude::*;
use session::{is_plain_header, is_secret_name};
use workbench::relay::{HeaderError, MAX_HEADERS, is_by_variables};

use super::fields::option;
use crate::{
    connect::{
        form::ConnectForm,
        words::{ORIGIN, words},
    },
    ui::{
        button::{Button, Toggle},
        row_editor::{Edit, Pair, PairRows, Pairs, RowError},
        show::Show,
    },
};

/// Headers of the request, a row each.
#[component]
pub(super) fn Headers(form: ConnectForm) -> impl IntoView {
    let (rows, set) = option(form, |it| &mut it.headers);
    let is_full = move || rows.with(Vec::len) >= MAX_HEADERS;
    let on_edit = move |edit: Edit| {
        let mut headers = rows.get_untracked();
        edit.apply(&mut headers);
        set(headers);
    };
    // Variables say which secret it is.
    let is_masked = move |(name, value): Pair| is_secret(form, &name) && !is_by_variables(&value);
    let pairs = Pairs::new(&words().route.headers, rows, on_edit);
    let name = move |index| markable(&pairs.get(index).0);
    let mark = move |index| {
        view! {
            <Show when=move || name(index).is_some()>
                <Mark form name=Signal::derive(move || name(index).unwrap_or_default()) />
            </Show>
        }
    };
    let pairs = Pairs {
        is_full: Signal::derive(is_full),
        is_secret: Some(Callback::new(is_masked)),
        mark: Some(Callback::new(move |index| mark(index).into_any())),
        error: Some(Callback::new(move |index| {
            let (at, error) = form.shown_route_error()?;
            (at == Some(index)).then(|| RowError {
                says: (words().route.header_error)(&error),
                is_of_value: !matches!(
                    error,
                    HeaderError::Name | HeaderError::OfTheHandshake(_) | HeaderError::OfTheProxy
                ),
            })
        })),
        ..pairs
    };
    let add_origin = move || {
        let mut headers = rows.get_untracked();
        headers.push((ORIGIN.to_owned(), form.page_origin().unwrap_or_default()));
        set(headers);
    };
    let has_origin =
        move || rows.with(|rows| rows.iter().any(|it| it.0.trim().eq_ignore_ascii_case(ORIGIN)));
    view! {
        <PairRows pairs />
        <Show when=move || !has_origin() && !is_full()>
            <Button class="add-part add-origin" label=words().route.add_origin on_click=add_origin />
        </Show>
    }
}

/// Name of a header whose value is a secret or not by the word of the person; `None` if there is no question.
fn markable(name: &str) -> Option<String> {
    let name = name.trim();
    let is_known = name.is_empty() || is_secret_name(name) || is_plain_header(name);
    (!is_known).then(|| name.to_owned())
}

/// True if the value of a header is a secret.
fn is_secret(form: ConnectForm, name: &str) -> bool {
    form.target.relay.with(|it| it.as_ref().is_some_and(|options| options.is_secret(name)))
}

/// Button that says if the value of a header is a secret.
#[component]
fn Mark(form: ConnectForm, name: Signal<String>) -> impl IntoView {
    let words = &words().route;
    let is_on = Signal::derive(move || name.with(|name| is_secret(form, name)));
    let on_click = move || {
        let (name, is_on) = (name.get_untracked(), is_on.get_untracked());
        form.set_option(|options| options.mark(&name, !is_on));
    };
    view! { <Toggle label=words.secret title=words.secret_title is_on on_click /> }
}
